"""The tile map: a tile per county in every quarter, cities in one piece, shades and legend by values as shown."""

from __future__ import annotations

import csv

import pytest

from pipelines.errors import Failure
from pipelines.quarters import Quarter, span
from pipelines.report.columns import columns
from pipelines.report.content import shown
from pipelines.report.tile_map import SHADES, tile_map, tiles
from tests.small_warehouse import SEEDS, board

ISLANDS = {"330305"}
QUARTERS = span(Quarter(2019, 1), Quarter(2026, 4))


def counties_in_force(quarter: Quarter) -> dict[str, str]:
    day = quarter.last_day.isoformat()
    with (SEEDS / "divisions.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["level"] == "c" and row["valid_from"] <= day <= (row["valid_to"] or day)]
    return {row["code"]: row["city_name"] for row in rows}


def test_in_every_quarter_each_county_has_a_tile_of_its_own() -> None:
    for quarter in QUARTERS:
        placed = tiles(str(quarter))
        assert set(placed) == set(counties_in_force(quarter)), quarter
        assert len(set(placed.values())) == len(placed), quarter


def test_the_counties_of_a_city_lie_together_islands_apart() -> None:
    placed = tiles("2023Q4")
    for city in set(counties_in_force(Quarter(2023, 4)).values()):
        own = {placed[code] for code, of in counties_in_force(Quarter(2023, 4)).items() if of == city and code not in ISLANDS}
        reached, border = set[tuple[int, int]](), {min(own)}
        while border:
            reached |= border
            border = {
                (row + down, column + right) for row, column in border for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))
            } & own - reached
        assert reached == own, city


def test_the_shades_are_six_groups_of_equal_size_from_best_to_worst() -> None:
    made = board()
    told = tile_map(made, columns(made))
    rank, total, stars = told["measures"][:3]
    assert [rank["shades"].count(str(shade)) for shade in range(SHADES)] == [15] * SHADES
    of_county = {code: number for number, (code, *_) in enumerate(told["tiles"])}
    for row in made.ranked:
        place = of_county[row["region_code"]]
        assert rank["texts"][place] == str(row["rank_province"])
        assert total["texts"][place] == shown(row["total"], 2)
        assert stars["shades"][place] == str(5 - row["stars"])
    assert rank["shades"][of_county[made.ranked[0]["region_code"]]] == "0"
    assert rank["legend"][0] == "1 ～ 15"


def test_a_county_without_a_published_value_has_no_shade() -> None:
    made = board()
    cell = next(row for row in made.indicators if row["indicator"] == "TECH_TX" and row["level"] == "c")
    cell |= {"value": None, "status": "withheld"}
    told = tile_map(made, columns(made))
    measure = next(each for each in told["measures"] if each["name"] == "技术交易额（输出）")
    assert measure["shades"].count("x") == 1
    assert measure["shades"][next(n for n, (code, *_) in enumerate(told["tiles"]) if code == cell["region_code"])] == "x"


def test_a_county_without_a_tile_is_refused_by_name() -> None:
    made = board(1)
    made.indicators.append(made.indicators[-1] | {"region_code": "339998"})
    with pytest.raises(Failure, match=r"no tile for 339998 in 2023Q3"):
        tile_map(made, columns(made))
