"""Forward: every published number that a delivery, or one row of it, reached.

Here: finding the delivery, its contributions in the lineage of each edition, the cells, targets and totals made of them.
Not here: how it is shown (telling_impact.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.delivery import Delivery
from pipelines.editions.lineage import part_path, unchanged
from pipelines.editions.scoring_inputs import load
from pipelines.errors import UsageError
from pipelines.feeds import FILE_FEEDS, TAX_TABLES
from pipelines.landing.archive import sha256_of
from pipelines.landing.parquet import landing_path
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.rulesets.periods import periods_needed
from pipelines.tracing.landed import PLACED_BY, Landing
from pipelines.tracing.published import Edition
from pipelines.tracing.recipes import Recipe
from pipelines.warehouse import Warehouse
from pipelines.whatif.edition import Edition as Scorable
from pipelines.whatif.edition import official_ruleset

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str, str, str, str]
"""Quarter, indicator, period, role, region of a contribution."""
COUNTED, OTHER_QUARTER, BASE, PLACING = "counted", "counted in another quarter", "base a year before", "places other rows"
_SHORTEST_PREFIX = 6
NO_SHEET = "-"


@dataclass(frozen=True)
class Selected:
    """What was asked about: a delivery, or one row of one of its tables."""

    delivery: Delivery
    table: str | None = None
    row: int | None = None

    @property
    def name(self) -> str:
        """For people."""
        where = f" {self.table} row {self.row}" if self.row is not None else f" {self.table}" if self.table else ""
        return f"{self.delivery.file_name} ({self.delivery.feed} {self.delivery.quarter}, SHA-256 {self.delivery.sha256[:12]}){where}"


@dataclass(frozen=True)
class ReachedCell:
    """An indicator cell of an edition, and by which ways the rows came into it."""

    region: str
    indicator: str
    period: str
    value: float | None
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Reach:
    """What was reached in one edition.

    `totals` are the counties by ruleset of which an own value that is scored was reached; whoever is compared with them may have
    moved too: `compared` counts the counties ranked by ruleset. `completions` are targets (region, indicator, year) whose value was
    reached. `moved_from` are by ruleset the counties whose total of the quarter before was, which `rank_change` looks back to.
    `excluded` counts the rows that count in nothing, by reason.
    """

    edition: Edition
    cells: list[ReachedCell] = field(default_factory=list)
    targets: list[tuple[str, str, str]] = field(default_factory=list)
    completions: list[tuple[str, str, str]] = field(default_factory=list)
    totals: dict[str, list[str]] = field(default_factory=dict)
    moved_from: dict[str, list[str]] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    rows: int = 0


def select(ledger: Ledger, typed: str, sheet: str | None, row: int | None) -> Selected:
    """The delivery of a file name, a path or the start of a SHA-256, and the row in it; a usage error unless there is exactly one."""
    by_hash: dict[tuple[str, str, str], Delivery] = {}
    for each in ledger.deliveries():
        by_hash[each.quarter, each.feed, each.sha256] = each
    path = Path(typed)
    if path.is_file():
        wanted = sha256_of(path)
        found = [each for each in by_hash.values() if each.sha256 == wanted]
    else:
        is_prefix = len(typed) >= _SHORTEST_PREFIX and set(typed.lower()) <= set("0123456789abcdef")
        found = [each for each in by_hash.values() if each.file_name == path.name or (is_prefix and each.sha256.startswith(typed.lower()))]
    if len(found) != 1:
        named = "; ".join(f"{each.feed} {each.quarter} {each.file_name} {each.sha256[:12]}" for each in found) or "no such delivery"
        raise UsageError(
            f"delivery: found {named} for {typed!r}; expected one; next: name it by its SHA-256 (i315 status --json lists them)"
        )
    if sheet is not None and row is None and _has_no_sheets(found[0]) and sheet.isascii() and sheet.isdigit():
        # A file without sheets has rows alone.
        sheet, row = NO_SHEET, int(sheet)
    return Selected(found[0], _table(found[0], sheet) if sheet is not None else None, row)


def _has_no_sheets(delivery: Delivery) -> bool:
    return delivery.feed in FILE_FEEDS and FILE_FEEDS[delivery.feed].form == "csv"


def _table(delivery: Delivery, sheet: str) -> str:
    """The landing table of a sheet, named as the office does or as the system does; `-` is that of a file without sheets."""
    feed = FILE_FEEDS.get(delivery.feed)
    names = {table.name: {table.name, table.sheet} for table in feed.tables} if feed else {table.name: {table.name} for table in TAX_TABLES}
    if _has_no_sheets(delivery):
        names = {name: {name, NO_SHEET} for name in names}
    found = [name for name, spellings in names.items() if sheet in spellings]
    if not found:
        shown = ", ".join(sorted(spelling for spellings in names.values() for spelling in spellings if spelling))
        raise UsageError(f"sheet: found {sheet!r}; expected one of {shown}, and a row behind it")
    return found[0]


def require_row(selected: Selected, warehouse: Warehouse) -> None:
    """Refuse (`UsageError`) a row that the delivery does not have; where its landing is gone, what was kept with editions answers alone."""
    if selected.row is None or selected.table is None:
        return
    delivery = selected.delivery
    path = landing_path(warehouse, delivery.feed, selected.table, delivery.quarter, delivery.delivery_id)
    if not path.is_file():
        return
    rows = pq.read_table(path, columns=["source_row"], partitioning=None)["source_row"]
    if not pc.any(pc.equal(rows, selected.row)).as_py():
        ends = f"{pc.min(rows)} to {pc.max(rows)}" if len(rows) else "none"
        what = "key" if delivery.feed not in FILE_FEEDS else "line" if _has_no_sheets(delivery) else "row"
        raise UsageError(f"{what}: found {selected.row} in none of the {len(rows)} rows of {selected.name}; expected one of {ends}")


def reach(selected: Selected, edition: Edition, connection: duckdb.DuckDBPyConnection) -> Reach:
    """What the selected rows reached in an edition; nothing if it does not rest on the delivery."""
    delivery = selected.delivery
    if not any((each["feed"], each["sha256"]) == (delivery.feed, delivery.sha256) for each in edition.deliveries):
        return Reach(edition)
    keys, excluded, rows = _contributions(selected, edition, connection)
    placed = _placed(selected, edition, connection)
    cells = [
        ReachedCell(region, indicator, period, row["value"], ways)
        for (region, indicator, period), row in edition.cells.items()
        if (ways := _ways(edition.definitions.recipe(region, indicator, period, edition.quarter), edition.quarter, keys, placed))
    ]
    targets = sorted(
        (region, indicator, period)
        for quarter, indicator, period, role, region in keys | placed
        if role == "target" and quarter == edition.quarter
    )
    totals, moved_from, compared = _totals(edition, cells, keys | placed)
    return Reach(edition, cells, targets, _completions(edition, cells), totals, moved_from, compared, excluded, rows)


def _completions(edition: Edition, cells: Iterable[ReachedCell]) -> list[tuple[str, str, str]]:
    """The targets of the quarter's year compared with a reached cell: the quarter's, the year's, or a survey's of the year before."""
    year = edition.quarter[:4]
    entries = edition.definitions.indicators.items()
    surveyed = {code for code, entry in entries if (entry["kind"], entry["feed"]) == ("annual", "statistics")}
    reached = {
        (cell.region, cell.indicator, year)
        for cell in cells
        if cell.period in (edition.quarter, year) or (cell.period == str(int(year) - 1) and cell.indicator in surveyed)
    }
    return sorted(reached & {(row["region_code"], row["indicator"], str(row["year"])) for row in edition.targets})


def _contributions(selected: Selected, edition: Edition, connection: duckdb.DuckDBPyConnection) -> tuple[set[Key], dict[str, int], int]:
    """The keys that the rows count under (targets too, which stand beside a value), why the others do not, how many count."""
    delivery = selected.delivery
    where = (
        f"delivery_id = ? and split_part(source_table, '/', 1) = ? and split_part(source_table, '/', 2) {'=' if selected.table else '<>'} ?"
    )
    parameters: list[Any] = [delivery.delivery_id, delivery.feed, selected.table or ""]
    if selected.row is not None:
        where, parameters = f"{where} and source_row = ?", [*parameters, selected.row]
    return _keys(edition, where, parameters, connection)


def _keys(
    edition: Edition, where: str, parameters: list[Any], connection: duckdb.DuckDBPyConnection
) -> tuple[set[Key], dict[str, int], int]:
    keys: set[Key] = set()
    excluded: Counter[str] = Counter()
    rows = 0
    for quarter, part in edition.lineage.parts.items():
        query = (
            "select indicator, period, role, region_code, excluded_because, count(*) from read_parquet(?) "
            f"where {where} group by all order by all"
        )
        for indicator, period, role, region, reason, count in connection.execute(
            query, [str(unchanged(part_path(edition.warehouse, part))), *parameters]
        ).fetchall():
            if reason is None or role == "target":
                keys.add((quarter, indicator, period, role, region))
            if reason is None:
                rows += count
            else:
                excluded[reason] += count
    return keys, dict(excluded), rows


def _placed(selected: Selected, edition: Edition, connection: duckdb.DuckDBPyConnection) -> set[Key]:
    """The keys of the rows of the same delivery that one carrier or taxpayer gives their county."""
    if selected.row is None:
        return set()
    delivery, found = selected.delivery, set()
    landing = Landing(edition.warehouse, edition.deliveries, connection)
    for source_table, (placing, column) in PLACED_BY.items():
        if (delivery.feed, selected.table) != (source_table.split("/")[0], placing):
            continue
        own = landing.where(f"{delivery.feed}/{placing}", delivery.delivery_id, "source_row", [selected.row])
        values = [row.cells[column] for row in own if row.cells.get(column) is not None]
        rows = [row.row for row in landing.where(source_table, delivery.delivery_id, column, values)]
        where = f"delivery_id = ? and source_table = ? and source_row in ({', '.join('?' * len(rows)) or 'null'})"
        found |= _keys(edition, where, [delivery.delivery_id, source_table, *rows], connection)[0]
    return found


def _ways(recipe: Recipe, quarter: str, keys: set[Key], placed: set[Key]) -> tuple[str, ...]:
    """By which ways some of the keys come into a cell."""
    ways = set()
    for name, term in recipe.terms.items():
        for share in term.shares:
            for region in share.regions:
                key = (share.quarter, term.indicator, term.period or share.quarter, term.role, region)
                if key in keys or key in placed:
                    ways.add(BASE if name.startswith("base_") else COUNTED if share.quarter == quarter else OTHER_QUARTER)
                if key in placed:
                    ways.add(PLACING)
    return tuple(sorted(ways)) if recipe.is_published else ()


def _totals(
    edition: Edition, cells: Iterable[ReachedCell], keys: set[Key]
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """By ruleset: counties of which a scored value was reached, for this quarter's total and for that of the quarter before; all ranked.

    A total rests on values of its quarter, and of those that carried values and changes go back to.
    """
    ranked: dict[str, set[str]] = {}
    for row in edition.table("ranking").to_pylist():
        ranked.setdefault(row["ruleset"], set()).add(row["region_code"])
    inputs = load(edition.warehouse, edition.quarter, edition.number)
    scorable = Scorable(edition.warehouse, Quarter.parse(edition.quarter), edition.number, edition.manifest, inputs)
    own = {(each.region, each.indicator) for each in cells}
    totals: dict[str, list[str]] = {}
    moved_from: dict[str, list[str]] = {}
    for told in edition.manifest["rulesets"]:
        rules = official_ruleset(scorable, told["id"])
        counties = ranked.get(rules.name, set())
        scored = {row["indicator"] for row in rules.rows["rule_indicator"]}
        reached = {region for region, indicator in own if region in counties and indicator in scored}
        looked_at = periods_needed(rules.rows, scorable.quarter) - {edition.quarter}
        reached |= _reached_in(edition, looked_at, counties - reached, scored, keys)
        if reached:
            totals[rules.name] = sorted(reached)
        looked_at = periods_needed(rules.rows, scorable.quarter.plus(-1))
        if before := _reached_in(edition, looked_at, counties, scored, keys):
            moved_from[rules.name] = sorted(before)
    return totals, moved_from, {name: len(counties) for name, counties in ranked.items() if name in totals or name in moved_from}


def _reached_in(edition: Edition, periods: set[str], counties: set[str], scored: set[str], keys: set[Key]) -> set[str]:
    """Those of the counties of which a scored value of one of the periods was reached."""
    found: set[str] = set()
    for period in sorted(periods & edition.lineage.parts.keys()):
        for region in counties - found:
            recipes = (edition.definitions.recipe(region, each, period, period) for each in scored)
            if any(_ways(recipe, period, keys, set()) for recipe in recipes):
                found.add(region)
    return found
