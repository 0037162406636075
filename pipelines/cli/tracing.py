"""Commands of the auditor: from a published number to the delivered rows, and from a delivered row to the published numbers.

Here: options and what is printed. Not here: work. They read files and the ledger and import neither Dagster nor Great Expectations.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.common import Json, Verbose, WarehouseFolder, app, out, print_json, reported
from pipelines.errors import UsageError
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pipelines.ledger import Ledger
    from pipelines.tracing.published import Edition
    from pipelines.warehouse import Warehouse

SCORED = ("total", "rank", "stars")


@app.command()
@reported
def trace(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q3.")],
    region: Annotated[str, typer.Argument(help="A county, a city or the province, by code or name.")],
    indicator: Annotated[str, typer.Argument(help="An indicator's code; or total, rank, stars.")],
    edition: Annotated[str | None, typer.Argument(help="An edition, such as 001; the one in force if left out.")] = None,
    period: Annotated[str | None, typer.Option(help="Another period of that edition, such as 2022 for an annual indicator.")] = None,
    ruleset: Annotated[str | None, typer.Option(help="Of a total, rank or stars: the family of rules; those that rank the most.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Every row instead of the 20 largest of each term.")] = False,
    with_sql: Annotated[bool, typer.Option("--sql", help="Print the SQL of the models passed.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line per delivered row, all of them.")] = False,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Where a published number comes from: formula, models, deliveries, rows as delivered, findings; the amounts add up to it."""
    place, ledger = _opened(warehouse)
    if as_csv and as_json:
        raise UsageError("--csv: found it with --json; expected one of them")
    from pipelines.tracing.published import open_edition

    opened = open_edition(place, ledger, quarter, edition)
    if indicator.lower() in SCORED:
        if as_csv or period:
            raise UsageError(f"{indicator}: found {'--csv' if as_csv else '--period'}; expected it with an indicator only")
        _trace_scored(opened, ledger, region, indicator.lower(), ruleset, is_all, with_sql, as_json)
        return
    if ruleset:
        raise UsageError(f"--ruleset: found it with {indicator}; expected it with total, rank or stars only")
    from pipelines.tracing.cell import SHOWN, trace_cell

    traced = trace_cell(opened, ledger, region, indicator, period, limit=None if is_all or as_csv else SHOWN, is_whole=as_json)
    if as_json:
        from pipelines.tracing.documents import cell_document

        print_json(cell_document(traced))
    elif as_csv:
        from pipelines.tracing.documents import cell_csv

        sys.stdout.write(cell_csv(traced))
    else:
        from pipelines.tracing.telling import show_cell

        show_cell(traced, out, with_sql=with_sql)


def _trace_scored(
    edition: Edition, ledger: Ledger, region: str, kind: str, family: str | None, is_all: bool, with_sql: bool, as_json: bool
) -> None:
    from pipelines.tracing.scores import score_again
    from pipelines.tracing.telling_scores import scored_document, show_scored

    scored = score_again(edition, ledger, region, family, kind)
    if as_json:
        print_json(scored_document(scored, kind))
    else:
        show_scored(scored, kind, out, is_all=is_all, with_sql=with_sql)


def _opened(folder: Any) -> tuple[Warehouse, Ledger]:
    from pipelines.whatif.quick_start import spare_pandas

    gc.disable()  # A short life: looking for garbage would take a twentieth of it.
    spare_pandas()
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=folder)
    return Warehouse(settings.warehouse), Ledger(settings.ledger_database_url, is_reader=True)


@app.command()
@reported
def impact(
    file: Annotated[str, typer.Argument(help="A delivery: its file name, a path to the file, or the start of its SHA-256.")],
    sheet: Annotated[str | None, typer.Argument(help="A sheet or table of it; left out or - for a file that has none.")] = None,
    row: Annotated[int | None, typer.Argument(help="A row of the sheet, a line of the file, or the key in the database.")] = None,
    is_every: Annotated[bool, typer.Option("--all-editions", help="Superseded and withdrawn editions too.")] = False,
    is_all: Annotated[bool, typer.Option("--all", help="Cell by cell instead of by indicator.")] = False,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Every published number that a delivery or one of its rows reached: itself, through bases, sums, annual values and totals."""
    place, ledger = _opened(warehouse)
    from pipelines.tracing.impact import reach, require_row, select
    from pipelines.tracing.published import all_in_force, ever_published
    from pipelines.tracing.telling_impact import reach_document, show_reach

    selected = select(ledger, file, sheet, row)
    require_row(selected, place)
    editions = (ever_published if is_every else all_in_force)(place, ledger)
    if not editions:
        raise UsageError(f"no editions: found none in {place.editions}; expected at least one; next: check --warehouse")
    import duckdb

    with duckdb.connect(":memory:") as connection:
        reached = [reach(selected, edition, connection) for edition in editions]
    if as_json:
        print_json(reach_document(selected, reached))
    else:
        show_reach(selected, reached, out, is_all=is_all)
