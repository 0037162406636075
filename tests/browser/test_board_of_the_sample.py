"""The published board of the sample: every figure on every county's page is the edition's, to the digit.

The expected texts are made here from the edition's CSV files and the catalogue, without the report's code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT
from tests.browser.boards import NEEDS_CHROMIUM, Opened, opened_board
from tests.conftest import Office

pytestmark = NEEDS_CHROMIUM
QUARTER = "2023Q4"
STATES = {"not_published": "本期不发布", "missing": "缺报", "not_applicable": "不适用", "withheld": "不予公布"}
Rows = list[dict[str, str]]
# What the page says of a county, read cell by cell after its view was shown.
READ = """() => {
  const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim());
  const rows = (id) => [...document.querySelectorAll(id + " tbody tr:not(.group)")].map(cells);
  return {values: rows("#county-table"), scores: rows("#score-table"), targets: rows("#county-targets"), trend: rows("#trend-table"),
    facts: [...document.querySelectorAll("#county-standing .standing:first-child dd")].map((dd) => dd.textContent),
    revisions: rows("#county-revisions").length};
}"""


@pytest.fixture(scope="module")
def edition(sample: Office) -> Path:
    return sample.warehouse / "editions" / QUARTER / "001"


@pytest.fixture(scope="module")
def opened(edition: Path) -> Iterator[Opened]:
    with opened_board(edition / "board.html") as board:
        yield board


@pytest.fixture(scope="module")
def pages(opened: Opened, edition: Path) -> dict[str, Any]:
    """County -> what its page says."""
    read = {}
    for row in table(edition, "ranking"):
        if row["ruleset"].startswith("zj"):
            opened.go(f"county/{row['region_code']}")
            read[row["region_code"]] = opened.page.evaluate(READ)
    assert opened.complaints == []
    return read


def table(edition: Path, name: str) -> Rows:
    with (edition / f"{name}.csv").open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def catalogue() -> dict[str, dict[str, str]]:
    with (PROJECT / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8") as lines:
        return {row["code"]: row for row in csv.DictReader(lines)}


def text(number: str, decimals: int) -> str:
    if not number:
        return "—"
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


def per_cent(number: str) -> str:
    return "—" if not number else text(str(Decimal(number) * 100), 1) + "%"


def test_all_ninety_counties_have_a_page(pages: dict[str, Any]) -> None:
    assert len(pages) == 90


def test_values_of_county_city_and_province_are_the_editions(pages: dict[str, Any], edition: Path) -> None:
    decimals = {code: int(row["decimals"]) for code, row in catalogue().items()}
    shown: dict[tuple[str, str], str] = {}
    cities = {}
    for row in table(edition, "indicators"):
        period = "" if row["period"] == QUARTER else f"（{row['period']}年度）"
        is_value = row["status"] == "value"
        shown[row["region_code"], row["indicator_name"] + period] = (
            text(row["value"], decimals[row["indicator"]]) if is_value else STATES[row["status"]]
        )
        if row["level"] == "m":
            cities[row["region_name"]] = row["region_code"]
    in_city = {row["region_code"]: cities[row["city_name"]] for row in table(edition, "ranking")}
    for code, page in pages.items():
        assert len(page["values"]) > 40
        for cells in page["values"]:
            wanted = [shown.get((region, cells[0]), "—") for region in (code, in_city[code], "330000")]
            assert [cells[2], cells[5], cells[6]] == wanted, (code, cells[0])


def test_scores_weights_and_points_are_the_editions(pages: dict[str, Any], edition: Path) -> None:
    scores: dict[str, set[tuple[str, str, str]]] = {}
    for row in table(edition, "scores"):
        if row["ruleset"].startswith("zj"):
            scores.setdefault(row["region_code"], set()).add(
                (text(row["score"], 4), text(row["weight_effective"], 2), text(row["points"], 2))
            )
    for code, page in pages.items():
        assert {(cells[1], cells[2], cells[3]) for cells in page["scores"]} == scores[code], code


def test_standing_and_margins_are_the_editions(pages: dict[str, Any], edition: Path) -> None:
    ranked = {row["region_code"]: row for row in table(edition, "ranking") if row["ruleset"].startswith("zj")}
    for code, row in ranked.items():
        facts = pages[code]["facts"]
        assert facts[:2] == [f"{row['rank_province']} / 90", text(row["total"], 2)]
        assert facts[2].count("★") == int(row["stars"])
        next_star, lose = (text(row[name], 2) for name in ("margin_to_next_star", "margin_to_lose_star"))
        assert facts[-2:] == [each if each == "—" else f"{each} 分" for each in (next_star, lose)]


def test_targets_with_completion_and_run_rate_are_the_editions(pages: dict[str, Any], edition: Path) -> None:
    listed = catalogue()
    wanted: dict[str, Rows] = {}
    for row in table(edition, "targets"):
        wanted.setdefault(row["region_code"], []).append(row)
    for code, page in pages.items():
        expected = []
        for row in wanted.get(code, []):
            decimals = int(listed[row["indicator"]]["decimals"])
            amounts = [text(row[name], decimals) for name in ("target", "value")]
            expected.append(
                [row["year"], *amounts, per_cent(row["completion"]), per_cent(row["run_rate"]), text(row["needed_per_quarter"], decimals)]
            )
        assert [[cells[1], *cells[3:8]] for cells in page["targets"]] == expected, code


def test_the_trend_of_ranks_is_that_of_the_eight_editions(pages: dict[str, Any], edition: Path, sample: Office) -> None:
    quarters = [f"{year}Q{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]
    ranks: dict[str, list[str]] = {}
    for quarter in quarters:
        for row in table(sample.warehouse / "editions" / quarter / "001", "ranking"):
            if row["ruleset"].startswith("zj"):
                ranks.setdefault(row["region_code"], []).append(row["rank_province"])
    for code, page in pages.items():
        assert page["trend"][0][1:] == ranks[code], code


def test_revisions_of_a_county_are_all_listed(pages: dict[str, Any], edition: Path) -> None:
    revised = [row["region_code"] for row in table(edition, "revisions")]
    for code, page in pages.items():
        assert page["revisions"] == revised.count(code), code
