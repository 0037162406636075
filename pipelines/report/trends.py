"""Trends: each column's values, and each county's totals and places, over the eight quarters up to the edition's.

Here: figures of earlier quarters from the warehouse's published tables, put beside the edition's own. Not here: drawing.
"""

from __future__ import annotations

from pipelines.report.columns import Column, reference_year
from pipelines.report.content import Board, Row, quarter_name, shown
from pipelines.report.listings import listings

ANNUAL = "annual"
_IN_QUARTERS, _IN_YEARS = 0, 1


def trends(board: Board, columns: list[Column]) -> Row:
    """`axes` of quarters and of reference years, per column its axis, and texts by region (`values`) and county (`totals`, `ranks`).

    An annual indicator stands under its reference year, whichever quarter delivered it; the newer quarter's figure counts.
    """
    quarters = [*(past.quarter for past in board.past), board.quarter]
    found: dict[str, dict[tuple[str, str], float]] = {}
    annual = {column.code for column in columns if column.kind == ANNUAL}
    for quarter, rows in [*((past.quarter, past.indicators) for past in board.past), (board.quarter, board.indicators)]:
        for row in rows:
            if row["status"] == "value":
                point = reference_year(row["period"]) if row["indicator"] in annual else row["period"]
                if row["indicator"] in annual or row["period"] == quarter:
                    found.setdefault(row["indicator"], {})[row["region_code"], point] = row["value"]
    years = sorted({point for code in annual for _, point in found.get(code, {})})
    axes = [quarters, years]
    regions = sorted({row["region_code"] for row in board.indicators})
    on_axis = [_IN_YEARS if column.code in annual else _IN_QUARTERS for column in columns]
    values = {
        region: [
            _series(found.get(column.code, {}), region, axes[axis], column.decimals) for column, axis in zip(columns, on_axis, strict=True)
        ]
        for region in regions
    }
    return {"axes": [[_short(quarter) for quarter in quarters], years], "on_axis": on_axis, "values": values} | _standing(board)


def _series(found: dict[tuple[str, str], float], region: str, axis: list[str], decimals: int) -> list[str | None] | None:
    series = [None if (value := found.get((region, point))) is None else shown(value, decimals) for point in axis]
    return series if any(text is not None for text in series) else None


def _short(quarter: str) -> str:
    return quarter_name(quarter).replace("年", "年\n")


def _standing(board: Board) -> Row:
    """County -> total, place and stars per quarter under the family of the leading ruleset."""
    if not board.listings:
        return {"totals": {}, "ranks": {}, "stars": {}}
    family = board.listings[0].ruleset.partition("/")[0]
    standing: dict[str, dict[str, list[str | None]]] = {"totals": {}, "ranks": {}, "stars": {}}
    every = [*(past.ranking for past in board.past), board.ranking]
    for number, ranking in enumerate(every):
        for listing in listings(ranking):
            if listing.ruleset.partition("/")[0] == family:
                for row in listing.rows:
                    texts = (shown(row["total"], 2), row[listing.place], row["stars"])
                    for of_counties, text in zip(standing.values(), texts, strict=True):
                        series = of_counties.setdefault(row["region_code"], [None] * len(every))
                        series[number] = None if text is None else str(text)
    return standing
