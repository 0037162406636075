"""What people ask of published quarters on the command line: intervals and margins, why places moved, how near a star is."""

from __future__ import annotations

import csv
import json
import subprocess
from typing import Any

import pytest

from tests.conftest import I315, Office, clean_environment


def asked(office: Office, *arguments: str) -> Any:
    """The JSON document that a command prints."""
    command = [str(I315), *arguments, "--json", "--warehouse", str(office.warehouse)]
    finished = subprocess.run(command, cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def ranking(office: Office, quarter: str) -> list[dict[str, str]]:
    with (office.edition(quarter) / "ranking.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("quarter", ["2022Q1", "2023Q3", "2023Q4"])
def test_no_place_is_published_bare(sample: Office, quarter: str) -> None:
    rows = ranking(sample, quarter)
    assert len(rows) == 90 + 13
    for row in rows:
        low, median, high = (float(row[name]) for name in ("rank_p05", "rank_median", "rank_p95"))
        assert 1 <= low <= median <= high <= 90
        assert 0 <= float(row["p_star_5"]) <= 1
        assert row["stars"] != "5" or not row["margin_to_next_star"]
        assert row["stars"] == "1" or float(row["margin_to_lose_star"]) > 0


def test_the_effects_on_totals_and_places_add_up_between_two_quarters(sample: Office) -> None:
    found = asked(sample, "explain", "2023Q4")
    assert found["is_rule_changed"]
    assert len(found["units"]) == 90
    for unit in found["units"]:
        for number, effects in (("total_raw", "total_effects"), ("place", "place_effects")):
            change = unit[number]["after"] - unit[number]["before"]
            assert sum(unit[effects].values()) == pytest.approx(change, abs=1e-9)
        assert unit["own"] + unit["others"] == pytest.approx(unit["place"]["after"] - unit["place"]["before"], abs=1e-9)
        parts = sum(subject["place_contribution"] for subject in unit["subjects"])
        assert parts == pytest.approx(unit["place"]["after"] - unit["place"]["before"], abs=1e-9)
        assert unit["place_under_unchanged_rules"] is not None


def test_a_margin_asked_for_moves_the_county_when_it_is_put_back(sample: Office) -> None:
    county = "330105"
    margins = asked(sample, "whatif", "2023Q3", "--region", county, "--margins")["margins"]["official"]
    published = next(row for row in ranking(sample, "2023Q3") if row["region_code"] == county and row["ruleset"].startswith("zj315"))
    assert margins["points_to_next_star"] == pytest.approx(float(published["margin_to_next_star"]))
    nearest = next(each for each in margins["by_indicator"] if each["changes"]["gain_star"] is not None)
    for part, is_enough in ((1, True), (0.99, False)):
        value = nearest["value"] + part * nearest["changes"]["gain_star"]
        side = asked(sample, "whatif", "2023Q3", "--region", county, "--set", f"{county}.{nearest['indicator']}={value!r}")
        stars = side["counties"][county]["whatif"]["stars"]
        assert (stars > int(published["stars"])) is is_enough
    moves = [word for move in margins["path"]["moves"] for word in ("--set", f"{county}.{move['indicator']}={move['then']!r}")]
    after = asked(sample, "whatif", "2023Q3", "--region", county, *moves)["counties"][county]["whatif"]
    assert after["stars"] == margins["path"]["stars"] == int(published["stars"]) + 1


def test_the_effects_of_a_draft_are_told_apart(sample: Office) -> None:
    draft = sample.data_raw.parent / "dbt_project" / "rulesets" / "zj315-county" / "2024.1-draft.yml"
    why = asked(sample, "whatif", "2023Q4", "--ruleset", str(draft), "--why")["why"]
    assert why["is_rule_changed"]
    assert all(unit["total_effects"]["data"] == unit["total_effects"]["membership"] == 0 for unit in why["units"])
