"""The province's and the city's rulesets side by side in the sample's editions: each with its own field, ranks and stars."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from pipelines.editions.verify import verify_edition
from tests.conftest import Office

PROVINCE, CITY = "zj315-county", "hz315-county"
COUNTIES = {PROVINCE: 90, CITY: 13}
VERSIONS = {"2023Q3": "2023.1", "2023Q4": "2023.2"}


def ranking(edition: Path, family: str) -> dict[str, dict[str, str]]:
    """Rows of a family in an edition's ranking, by county."""
    with (edition / "ranking.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["ruleset"].startswith(f"{family}/")]
    assert len({row["ruleset"] for row in rows}) == 1
    return {row["region_code"]: row for row in rows}


@pytest.mark.parametrize("family", [PROVINCE, CITY])
@pytest.mark.parametrize("quarter", list(VERSIONS))
def test_each_family_ranks_its_own_population_under_the_version_of_the_quarter(sample: Office, family: str, quarter: str) -> None:
    rows = ranking(sample.edition(quarter), family)
    assert {row["ruleset"] for row in rows.values()} == {f"{family}/{VERSIONS[quarter]}"}
    assert len(rows) == COUNTIES[family]
    assert {row["rank_province"] == "" for row in rows.values()} == {family == CITY}
    if family == CITY:
        assert {row["city_name"] for row in rows.values()} == {"杭州市"}
        assert sorted(int(row["rank_city"]) for row in rows.values()) == list(range(1, 14))


@pytest.mark.parametrize(("family", "place"), [(PROVINCE, "rank_province"), (CITY, "rank_city")])
@pytest.mark.parametrize(("before", "now"), [("2023Q2", "2023Q3"), ("2023Q3", "2023Q4")])
def test_a_change_of_rank_is_one_of_the_familys_own_list(sample: Office, family: str, place: str, before: str, now: str) -> None:
    earlier, later = ranking(sample.edition(before), family), ranking(sample.edition(now), family)
    assert {code: int(row["rank_change"]) for code, row in later.items()} == {
        code: int(earlier[code][place]) - int(row[place]) for code, row in later.items()
    }


def test_the_citys_five_stars_are_its_first_fifth_less_what_the_guards_take(sample: Office) -> None:
    for quarter, guarded in (("2023Q3", 0), ("2023Q4", 1)):
        stars = Counter(row["stars"] for row in ranking(sample.edition(quarter), CITY).values())
        assert stars == {"5": 3 - guarded, "4": 4 + guarded, "3": 4, "2": 1, "1": 1}


def test_an_edition_of_two_families_verifies_from_its_folder_and_says_that_weights_are_illustrative(sample: Office) -> None:
    edition = sample.edition("2023Q3")
    assert verify_edition(edition) == []
    for name in ("board.html", "datapackage.json", "manifest.json"):
        assert "示意权重" in (edition / name).read_text(encoding="utf-8"), name


def test_the_head_of_the_ranking_starts_with_the_ruleset_of_most_counties_and_shows_the_city_too(sample: Office) -> None:
    from pipelines.editions.headline import headline

    lines = headline(sample.edition("2023Q3"))
    heads = [line for line in lines if not line.startswith((" ", "board:"))]
    assert [line.split(" ")[0] for line in heads] == [f"{PROVINCE}/2023.1", f"{CITY}/2023.1"]
    assert all("示意权重" in line for line in heads)
