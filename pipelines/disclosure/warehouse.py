"""Disclosure control between the warehouse's tables: relations of the models in, tables out.

Here: reading what patterns and audit need of the quarters that a run makes anew, and the columns that they give. Not here: what is
withheld (patterns.py), what can be computed (published.py); dbt calls this from models/disclosure.
"""

from __future__ import annotations

import os
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.disclosure.linked import Figures, figures_of
from pipelines.disclosure.patterns import withheld_figures
from pipelines.disclosure.published import audited, told_figures
from pipelines.quarters import Quarter, span

if TYPE_CHECKING:
    import duckdb

    Relations = dict[str, duckdb.DuckDBPyRelation]

WITHHELD = pa.schema([(name, pa.string()) for name in ("quarter", "measure", "region_code", "withheld_because")])
AUDIT = pa.schema(
    [(name, pa.string()) for name in ("quarter", "measure", "figure")]
    + [(name, pa.float64()) for name in ("low", "high", "low_needed", "high_needed")]
    + [("is_exposed", pa.bool_())]
)
TO_DATE = "flow_ytd"


def withheld_table(session: duckdb.DuckDBPyConnection, name: str, relations: Relations) -> pa.Table:
    """The figures withheld (`WITHHELD`): of this run's quarters anew, of the others as the table `name` holds them."""
    quarters = _quarters(relations["amounts"])
    others = _others(session, name, WITHHELD, quarters)
    earlier: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in others.to_pylist():
        earlier[row["quarter"], row["measure"]].add(row["region_code"])
    rows = withheld_figures(_figures(relations, quarters), quarters, earlier)
    return pa.concat_tables([others, pa.Table.from_pylist(rows, schema=WITHHELD)])


def audit_table(session: duckdb.DuckDBPyConnection, name: str, relations: Relations) -> pa.Table:
    """What can be computed of the unsafe figures (`AUDIT`): of this run's quarters anew, of the others as the table `name` holds it."""
    quarters = _quarters(relations["amounts"])
    figures = _figures(relations, quarters)
    columns = "quarter, region_code, indicator, period, value, numerator, denominator"
    shown = _rows(_of(relations["indicators"], _with_their_years(quarters, years_after=1)).project(columns))
    targets = _rows(_of(relations["targets"], _with_their_years(quarters)))
    rows = audited(figures, quarters, told_figures(shown, targets, _rows(relations["catalogue"]), _growth_of(relations)))
    return pa.concat_tables([_others(session, name, AUDIT, quarters), pa.Table.from_pylist(rows, schema=AUDIT)])


def _others(session: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, quarters: list[str]) -> pa.Table:
    """The rows of a table of quarters other than these; a model in Python is made whole, so that it carries them over itself."""
    present = session.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
    if (name,) not in present:
        return schema.empty_table()
    columns = ", ".join(schema.names)
    query = f"select {columns} from {name} where not list_contains($1, quarter) order by all"
    rows: pa.Table = session.sql(query, params=[quarters]).to_arrow_table()
    return rows.cast(schema)


def _growth_of(relations: Relations) -> dict[str, str]:
    judged_by = {row["measure"]: row["judged_by"] for row in _rows(relations["measures"])}
    return {measure: other for measure, other in judged_by.items() if other in judged_by}


def _told_then(relations: Relations, quarters: list[str]) -> dict[tuple[str, str, str], dict[str, Decimal]]:
    """The figures that editions of those quarters published, with their amounts then, where contributions give them."""
    indicators, targets = (_by_edition(_rows(_of(relations[name], quarters))) for name in ("indicators_then", "targets_then"))
    catalogue, growth_of = _rows(relations["catalogue"]), _growth_of(relations)
    judged = {row["measure"] for row in _rows(relations["measures"]) if row["judged_by"] == "contributions"}
    sums = _sums_then(relations, quarters, judged)
    told: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(dict)
    for (of_quarter, edition), rows in sorted(indicators.items()):
        for quarter, measure, region in told_figures(rows, targets.get((of_quarter, edition), []), catalogue, growth_of):
            if quarter == of_quarter and measure in judged:
                told[quarter, measure, region][edition] = sums.get((edition, quarter, measure, region), Decimal(0))
    return dict(told)


def _by_edition(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["quarter"], row["edition"]].append(row)
    return found


def _sums_then(relations: Relations, quarters: list[str], judged: set[str]) -> dict[tuple[str, str, str, str], Decimal]:
    """(edition, quarter, measure, region) -> amount of the judged measures, of counties, cities and the province."""
    above = {
        row["code"]: [code for code in (row["city_code"],) if code] for row in _rows(relations["divisions"]) if row["level"] in ("c", "r")
    }
    (province,) = {row["code"] for row in _rows(relations["divisions"]) if row["level"] == "p"}
    sums: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    of_counties = "edition, quarter, measure, region_code, sum(amount) as amount"
    for row in _rows(_of(relations["contributions_then"], quarters).aggregate(of_counties)):
        if row["measure"] in judged:
            for region in (row["region_code"], *above[row["region_code"]], province):
                sums[row["edition"], row["quarter"], row["measure"], region] += row["amount"]
    return sums


def _figures(relations: Relations, quarters: list[str]) -> Figures:
    together = _with_their_years(quarters)
    to_date = [f"{row['code']}.amount" for row in _rows(relations["catalogue"].filter(f"kind = '{TO_DATE}'"))]
    amounts = _rows(_of(relations["amounts"], together).project("quarter, measure, region_code, amount"))
    cells = _rows(_of(relations["cells"], together).filter("unsafe_by is not null"))
    return figures_of(amounts, cells, _rows(relations["divisions"]), to_date, _told_then(relations, together))


def _quarters(amounts: duckdb.DuckDBPyRelation) -> list[str]:
    """The quarters that this run makes anew; all that there are, where it names none."""
    named = os.environ.get("RUN_QUARTERS", "").split()
    return named or [quarter for (quarter,) in amounts.project("quarter").distinct().order("quarter").fetchall()]


def _with_their_years(quarters: list[str], years_after: int = 0) -> list[str]:
    """The quarters with the others of their years, and of so many years after, whose growth shows a figure too."""
    years = {Quarter.parse(quarter).year + after for quarter in quarters for after in range(years_after + 1)}
    return [str(each) for year in sorted(years) for each in span(Quarter(year, 1), Quarter(year, 4))]


def _of(relation: duckdb.DuckDBPyRelation, quarters: list[str]) -> duckdb.DuckDBPyRelation:
    named = ", ".join(f"'{quarter}'" for quarter in quarters)
    return relation.filter(f"quarter in ({named})")


def _rows(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = relation.to_arrow_table().to_pylist()
    return rows
