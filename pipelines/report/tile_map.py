"""The map: counties as tiles laid out by geography and grouped by city, shaded by rank, total or any indicator.

Here: which tile a county has in a quarter, the shade of each county by each measure, the legend. Not here: colours, drawing.
The shades are as many groups of counties of equal size as there are colours, by values as shown; equal values share a shade.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

from pipelines.errors import Failure
from pipelines.quarters import Quarter
from pipelines.report.columns import Column, places
from pipelines.report.content import Board, Row, quarter_name, rounded, shown

TILES = Path(__file__).resolve().parent / "tiles.csv"
SHADES = 6
NO_VALUE = "x"


@cache
def _rows() -> tuple[Row, ...]:
    with TILES.open(encoding="utf-8") as lines:
        return tuple(row | {"row": int(row["row"]), "column": int(row["column"])} for row in csv.DictReader(lines))


def tiles(quarter: str) -> dict[str, tuple[int, int]]:
    """County -> row and column of its tile, from 1, with the divisions of the quarter's last day."""
    day = Quarter.parse(quarter).last_day.isoformat()
    return {row["code"]: (row["row"], row["column"]) for row in _rows() if row["valid_from"] <= day and (row["valid_to"] or day) >= day}


def tile_map(board: Board, columns: list[Column]) -> Row:
    """`tiles` as [county, row, column], and `measures` with `name`, `unit`, one of `shades` per tile, and the `legend`.

    A measure has `texts` of the tiles, or the number of the `column` that has them. Shade 0 is the best,
    `x` stands for no value. Raises `Failure` for a county without a tile.
    """
    cities = {row["region_code"]: row["city_name"] or "" for row in board.indicators if row["level"] == "c"}
    placed = tiles(board.quarter)
    if lacking := sorted(cities.keys() - placed.keys()):
        raise Failure(f"{TILES.name}: found no tile for {', '.join(lacking)} in {board.quarter}; expected one per county; next: add a row")
    codes = sorted(cities)
    measures = [*_standings(board, codes), *(_of_column(column, number, codes) for number, column in enumerate(columns))]
    return {"tiles": [[code, *placed[code]] for code in codes], "measures": measures}


def _standings(board: Board, codes: list[str]) -> list[Row]:
    if not board.listings:
        return []
    leading = board.listings[0]
    ranks = {row["region_code"]: Decimal(row[leading.place]) for row in leading.rows if row[leading.place] is not None}
    totals = {row["region_code"]: rounded(row["total"], 2) for row in leading.rows if row["total"] is not None}
    return [
        _standing(f"{leading.scope}位次", "位", ranks, codes, 0, is_down=True),
        _standing("总分", "分", totals, codes, 2),
        _stars(leading.rows, codes),
    ]


def _standing(name: str, unit: str, values: dict[str, Decimal], codes: list[str], decimals: int, *, is_down: bool = False) -> Row:
    shaded = _shaded(values, codes, decimals, is_down=is_down)
    return {"name": name, "unit": unit, "texts": _texts(values, codes, decimals)} | shaded


def _texts(values: dict[str, Decimal], codes: list[str], decimals: int) -> list[str]:
    return [shown(values[code], decimals) if code in values else "" for code in codes]


def _of_column(column: Column, number: int, codes: list[str]) -> Row:
    shaded = _shaded(column.as_shown(codes), codes, column.decimals, is_down=column.is_down)
    period = "" if "Q" in column.period else f"（{quarter_name(column.period)}）"
    return {"name": column.name + period, "unit": column.unit, "column": number} | shaded


def _shaded(values: dict[str, Decimal], codes: list[str], decimals: int, *, is_down: bool = False) -> Row:
    place = places(values, is_down=is_down)
    shade = {code: (place[code] - 1) * SHADES // len(values) for code in values}
    legend = []
    for number in range(SHADES):
        held = [values[code] for code in values if shade[code] == number]
        ends = [shown(end, decimals) for end in (min(held), max(held))] if held else []
        legend.append("" if not held else ends[0] if ends[0] == ends[1] else f"{ends[0]} ～ {ends[1]}")
    return {
        "shades": "".join(str(shade.get(code, NO_VALUE)) for code in codes),
        "legend": legend,
        "is_down": is_down,
    }


def _stars(rows: list[Row], codes: list[str]) -> Row:
    stars = {row["region_code"]: row["stars"] for row in rows if row["stars"]}
    return {
        "name": "星级",
        "unit": "",
        "shades": "".join(str(5 - stars[code]) if code in stars else NO_VALUE for code in codes),
        "texts": [f"{stars[code]}星" if code in stars else "" for code in codes],
        "legend": [f"{number}星" for number in (5, 4, 3, 2, 1)],
        "is_down": False,
    }
