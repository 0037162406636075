"""Closure and completeness: cells are nothing but their traced rows, and no delivered row is lost on the way to a cell."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.editions.lineage import part_path
from pipelines.tracing.formulas import outcome
from tests.conftest import Office
from tests.integration.trace.conftest import Editions

FIGURES = ("value", "numerator", "denominator")


def test_every_cell_of_eight_editions_recomputed_from_only_its_traced_rows_is_the_published_one(
    sample: Office, editions: Editions, capsys: pytest.CaptureFixture[str]
) -> None:
    """A withheld cell is the one that stands in the internal table of whole values; published is none of its figures."""
    cells, withheld, differing = 0, 0, []
    whole = _whole_values(sample)
    for edition in editions.of.values():
        for (region, indicator, period), published in edition.cells.items():
            recipe = edition.definitions.recipe(region, indicator, period, edition.quarter)
            found = outcome(recipe, {name: editions.total(term, edition) for name, term in recipe.terms.items()})
            cells += 1
            told = tuple(published[name] for name in FIGURES)
            if whole[edition.quarter, region, indicator, period] != (*told, published["status"]):
                withheld += 1
                assert set(told) == {None}, (edition.name, region, indicator, period)
            if (found.value, found.numerator, found.denominator, found.status) != whole[edition.quarter, region, indicator, period]:
                differing.append((edition.name, region, indicator, period))
    with capsys.disabled():
        print(f"\nclosure: {cells - len(differing):,} of {cells:,} cells of {len(editions.of)} editions, {withheld:,} of them withheld")
    assert len(editions.of) == 8
    assert cells > 25_000
    assert differing == []


def test_every_accepted_row_reaches_a_cell_or_says_why_not_and_every_other_row_is_quarantined(sample: Office, editions: Editions) -> None:
    last = editions.of[max(editions.of)]
    staged = {row[:3]: row[3:] for row in _row_counts(sample)}
    in_cells = {
        key
        for edition in editions.of.values()
        for region, indicator, period in edition.cells
        for term in edition.definitions.recipe(region, indicator, period, edition.quarter).terms.values()
        for key in editions.keys_of(term)
    }
    lineage = {}
    for quarter, part in last.lineage.parts.items():
        path = str(part_path(last.warehouse, part))
        keys = duckdb.execute(
            "select distinct indicator, role, period, region_code from read_parquet(?) where excluded_because is null", [path]
        ).fetchall()
        lost = {(quarter, *key) for key in keys} - in_cells
        assert lost == set(), "contributions that are counted and reach no cell"
        rows = duckdb.execute(
            "select source_table, delivery_id, count(distinct source_row) filter (where role <> 'quarantined'), "
            "count(distinct source_row) filter (where role = 'quarantined') from read_parquet(?) group by all",
            [path],
        ).fetchall()
        # A return counts to date in later quarters too; it is complete where it was delivered.
        lineage |= {(quarter, table, delivery): counts for table, delivery, *counts in rows if (quarter, table, delivery) in staged}
    assert {place: tuple(counts) for place, counts in lineage.items()} == {place: counts for place, counts in staged.items() if any(counts)}


def _whole_values(sample: Office) -> dict[tuple[str, ...], tuple[float | str | None, ...]]:
    with duckdb.connect(str(sample.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        columns = ", ".join(("quarter", "region_code", "indicator", "period", *FIGURES, "status"))
        return {row[:4]: row[4:] for row in warehouse.execute(f"select {columns} from ind_values").fetchall()}


def _row_counts(sample: Office) -> list[tuple[str, str, str, int, int]]:
    with duckdb.connect(str(sample.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute("select quarter, source_table, delivery_id, rows_kept, rows_quarantined from stg_row_counts").fetchall()
