"""The trace of an indicator's cell: value, formula, terms with their rows, neighbours that do not count, and the record about it all.

Here: putting it together, and the proof that the amounts add up to what was published. Not here: how it is shown (telling.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pipelines.editions.schema import NOT_COLLECTED
from pipelines.editions.scoring_inputs import load
from pipelines.errors import Failure, UsageError
from pipelines.ledger import Ledger
from pipelines.tracing.contributions import Contribution, Contributions, Counted, Excluded, quarantined
from pipelines.tracing.formulas import Outcome, formula, formula_with_numbers, outcome
from pipelines.tracing.landed import LINKS, PLACED_BY, REGIONS, LandedRow, Landing, Place
from pipelines.tracing.models import Model, changed_since, models_passed
from pipelines.tracing.published import Edition
from pipelines.tracing.recipes import Recipe
from pipelines.tracing.record import Delivered, Judged, deliveries_behind, judged

SHOWN, SHOWN_EXCLUDED = 20, 5
WITHHELD = "withheld"


class DoesNotAddUp(Failure):
    """The traced rows do not give the published value: the lineage or the edition is not what it should be."""


@dataclass(frozen=True)
class Neighbour:
    """A quarantined row of the same delivered table that names the region, with the field at fault and the reason's code."""

    delivery_id: str
    source_table: str
    row: int
    field: str
    reason: str


@dataclass(frozen=True)
class Traced:
    """A cell from its value down to the delivered rows; `landed` has the rows that are shown, by place."""

    edition: Edition
    region: str
    region_name: str
    published: dict[str, Any]
    definition: dict[str, Any]
    recipe: Recipe
    formula: str
    formula_with_numbers: str
    counted: dict[str, Counted]
    excluded: list[Excluded]
    neighbours: list[Neighbour]
    other_quarantined: int
    landing: Landing
    landed: dict[Place, LandedRow]
    models: list[Model]
    models_changed: list[str]
    deliveries: list[Delivered]
    judged: Judged
    periods: list[str]

    @property
    def rows(self) -> int:
        """How many delivered rows count in it; a row that counts in two terms counts twice."""
        return sum(each.rows for each in self.counted.values())


def trace_cell(
    edition: Edition,
    ledger: Ledger,
    typed_region: str,
    typed_indicator: str,
    period: str | None = None,
    *,
    limit: int | None = SHOWN,
    is_whole: bool = False,
) -> Traced:
    """Trace one cell, showing the `limit` largest rows of each term (all with None), with all their cells if they are to be whole.

    Raises `DoesNotAddUp` if its rows do not give its value.
    """
    region, region_name = edition.region(typed_region)
    indicator = edition.indicator(typed_indicator)
    periods = sorted(each for code, name, each in edition.cells if (code, name) == (region, indicator))
    asked = period or _period(edition, region, indicator, periods)
    published = edition.cells.get((region, indicator, asked)) or _carried(edition, region, indicator, asked)
    if published is None:
        raise UsageError(
            f"no such cell: found {region} {indicator} of {', '.join(periods) or 'no period'} in {edition.name}; expected {asked}"
        )
    recipe = edition.definitions.recipe(region, indicator, asked, published.get("quarter", edition.quarter))
    behind = Contributions(edition, recipe)
    counted = {name: behind.counted(term, limit) for name, term in recipe.terms.items()}
    sums = {name: each.total for name, each in counted.items()}
    _demand_equal(edition, published, outcome(recipe, sums))
    excluded = behind.excluded(recipe, None if limit is None else SHOWN_EXCLUDED)
    shown = [row for each in counted.values() for row in each.shown] + [row for each in excluded for row in each.shown]
    landing = Landing(edition.warehouse, edition.deliveries, behind.connection)
    used = {(share.quarter, term.feed) for term in recipe.terms.values() for share in term.shares} & edition.staged
    delivered = deliveries_behind(edition, ledger, _with_earlier(used, shown, landing))
    tables = frozenset(row.source_table for row in shown) or frozenset(_tables_of(recipe, edition))
    neighbours, others = _neighbours(edition, landing, recipe, tables)
    columns = {row.column for row in shown if row.column}
    names = {term.indicator for term in recipe.terms.values()} | {indicator}
    return Traced(
        edition,
        region,
        region_name,
        published,
        edition.definitions.indicators.get(indicator, {}),
        recipe,
        formula(recipe),
        formula_with_numbers(recipe, sums),
        counted,
        excluded,
        neighbours,
        others,
        landing,
        landing.rows({row.place for row in shown}, None if is_whole else columns | REGIONS),
        models_passed(tables),
        changed_since(edition.manifest),
        delivered,
        judged(edition, ledger, region, names, columns, {each.delivery_id for each in delivered}),
        [each for each in periods if each != asked],
    )


def _period(edition: Edition, region: str, indicator: str, periods: list[str]) -> str:
    """The quarter itself; where it has no row (a ledger programme may name another period), the latest one that has."""
    return edition.quarter if edition.quarter in periods or not periods else periods[-1]


def _carried(edition: Edition, region: str, indicator: str, period: str) -> dict[str, Any] | None:
    """The cell of an earlier quarter as this edition scored it: values are carried over, and changes have bases, from there."""
    if period not in edition.lineage.parts or period >= edition.quarter:
        return None
    values = load(edition.warehouse, edition.quarter, edition.number).values.to_pylist()
    found = [row for row in values if (row["unit"], row["indicator"], row["period"]) == (region, indicator, period)]
    if not found:
        return None
    entry = edition.definitions.indicators.get(indicator, {})
    told = {"quarter": period, "region_code": region, "indicator": indicator, "indicator_name": entry.get("name_zh"), "period": period}
    flags = NOT_COLLECTED if found[0]["state"] == "not_applicable" else None
    return told | {"value": found[0]["value"], "status": found[0]["state"], "flags": flags, "unit": entry.get("unit"), "as_of": None}


def _demand_equal(edition: Edition, published: dict[str, Any], found: Outcome) -> None:
    if published["status"] == WITHHELD:
        return
    if found.status == "missing" and published.get("flags") == NOT_COLLECTED:
        found = replace(found, status="not_applicable")
    pairs = {name: (getattr(found, name), published[name]) for name in ("status", "value", "numerator", "denominator") if name in published}
    for name, (now, then) in pairs.items():
        # Of a value that is none anyway, the part that is withheld beside it is not published.
        is_hidden = then is None and name in ("numerator", "denominator") and published["status"] != "value"
        if now != then and not is_hidden:
            raise DoesNotAddUp(
                f"{edition.name}: {published['region_code']} {published['indicator']} {published['period']}: found {name} {now!r} from "
                f"its traced rows; expected the published {then!r}; next: i315 verify {edition.quarter} {edition.number}"
            )


def _with_earlier(used: set[tuple[str, str]], shown: list[Contribution], landing: Landing) -> set[tuple[str, str]]:
    """A return that counts to date may have been delivered a quarter earlier than it counts."""
    told = [landing.delivery(row.source_table, row.delivery_id) for row in shown]
    return used | {(each["quarter"], each["feed"]) for each in told}


def _tables_of(recipe: Recipe, edition: Edition) -> set[str]:
    """The landed tables of a cell without a row, by the feeds of its terms."""
    from pipelines.feeds import FILE_FEEDS, TAX, TAX_TABLES

    feeds = {term.feed for term in recipe.terms.values()}
    tables = {(name, table.name) for name, feed in FILE_FEEDS.items() for table in feed.tables} | {(TAX.name, t.name) for t in TAX_TABLES}
    return {f"{feed}/{table}" for feed, table in tables if feed in feeds}


def _neighbours(edition: Edition, landing: Landing, recipe: Recipe, tables: frozenset[str]) -> tuple[list[Neighbour], int]:
    """The quarantined rows of the same tables and quarters that name one of the cell's regions, and how many others there are."""
    regions = {region for term in recipe.terms.values() for share in term.shares for region in share.regions}
    near, others = [], 0
    for quarter in sorted({share.quarter for term in recipe.terms.values() for share in term.shares}):
        rows = [Neighbour(*each) for each in quarantined(edition, quarter, landing.connection) if each[1] in tables]
        landed = landing.rows({(row.delivery_id, row.source_table, row.row) for row in rows}, REGIONS | LINKS)
        placed = _placed(landing, landed)
        for row in rows:
            place = (row.delivery_id, row.source_table, row.row)
            named = {str(value).strip() for value in landed[place].cells.values()} | placed.get(place, set())
            if named & regions:
                near.append(row)
            else:
                others += 1
    return near, others


def _placed(landing: Landing, landed: dict[Place, LandedRow]) -> dict[Place, set[str]]:
    """What the rows that place others (a carrier its tenants, a taxpayer its returns) name, by the place of the other."""
    found: dict[Place, set[str]] = {}
    for (delivery_id, source_table, row), each in landed.items():
        if source_table in PLACED_BY:
            table, key = PLACED_BY[source_table]
            values = [each.cells[key]] if each.cells.get(key) is not None else []
            placing = landing.where(f"{source_table.split('/')[0]}/{table}", delivery_id, key, values, REGIONS)
            found[delivery_id, source_table, row] = {str(value) for one in placing for value in one.cells.values()}
    return found
