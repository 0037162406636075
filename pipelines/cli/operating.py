"""Commands of the operator: run quarters, see how they stand, serve the UI, make sample deliveries.

Here: options and what is printed. Not here: work.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import WIDEST, DataRaw, Json, TaxUrl, Verbose, WarehouseFolder, app, day_of, err, out, print_json, reported
from pipelines.durable import keep_private
from pipelines.errors import InfrastructureError, UsageError
from pipelines.quarters import Quarter, parse_range
from pipelines.settings import Settings, load_settings

HELD_BY_GATE = 10


@app.command()
@reported
def run(
    quarters: Annotated[str, typer.Argument(help="A quarter (2023Q3) or a range (2022Q1..2023Q4).")],
    data_raw: DataRaw = None,
    warehouse: WarehouseFolder = None,
    tax_url: TaxUrl = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Compute with the deliveries received until this day; published only if none came later.")
    ] = None,
    is_only: Annotated[bool, typer.Option("--only", help="Leave alone published quarters that rest on a newer delivery too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be read, computed and published, and why.")] = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Take quarters from the offices' deliveries to published editions, through Dagster."""
    settings = load_settings(data_raw=data_raw, warehouse=warehouse, tax_url=tax_url)
    asked = parse_range(quarters)
    check_asked(asked, settings)
    if settings.signing_key:
        from pipelines.editions.signing import load_private_key

        load_private_key(settings.signing_key)
    known_until = day_of(as_of, "--as-of") if as_of else None
    if dry_run:
        _tell_plan(asked, settings, as_of, is_only, as_json)
        return
    started = time.monotonic()
    keep_private()

    def say(stage: str, line: str) -> None:
        (err if as_json else out).print(f"{time.monotonic() - started:6.1f} s  {stage:<10} {line}", markup=False)

    gc.set_threshold(50_000, 20, 20)  # A short life with many modules: looking for garbage as often as usual takes a tenth of it.
    say("start", f"{quarters} from {settings.data_raw} into {settings.warehouse}")
    from pipelines.runs import run_as_known, run_quarters
    from pipelines.workplace import Workplace

    workplace = Workplace(settings, say=say)
    workplace.warehouse.hold_writer_lock()
    log = settings.warehouse / "last_run.log"
    with log.open("w", encoding="utf-8") as console_of_tools, contextlib.redirect_stdout(console_of_tools):
        outcomes = run_as_known(workplace, asked, known_until) if known_until else run_quarters(workplace, asked, is_only=is_only)
    for outcome in outcomes:
        if outcome.state == "held":
            err.print(f"nothing published: {outcome.reason}", style="red", markup=False)
    last = next(outcome for outcome in outcomes if outcome.quarter == asked[-1])
    if as_json:
        print_json([asdict(outcome) | {"quarter": str(outcome.quarter)} for outcome in outcomes])
    elif last.state != "held":
        from pipelines.editions.headline import headline

        folder = Path(last.folder) if last.folder else workplace.warehouse.editions / str(last.quarter) / last.edition
        for line in headline(folder):
            out.print(line, markup=False)
    if any(outcome.state == "held" for outcome in outcomes):
        sys.exit(HELD_BY_GATE)


def _tell_plan(asked: list[Quarter], settings: Settings, as_of: str | None, is_only: bool, as_json: bool) -> None:
    from pipelines.planning.plan import plan_of
    from pipelines.planning.telling import lines_of

    if as_of:
        raise UsageError("--dry-run: found it with --as-of; expected one of them; next: leave one out")
    plan = plan_of(asked, settings, is_only=is_only)
    for warning in plan.warnings:
        err.print(warning, style="yellow", markup=False)
    if as_json:
        print_json(plan.payload())
        return
    for line in lines_of(plan):
        out.print(line, markup=False)


def check_asked(asked: list[Quarter], settings: Settings) -> None:
    """Refuse quarters that are no partition or for which nothing lies in the drop folder: an empty run is no success."""
    from pipelines.quarters import partition_keys

    known = set(partition_keys(dt.date.today()))
    unknown = [str(quarter) for quarter in asked if str(quarter) not in known]
    if unknown:
        raise UsageError(f"not a quarter of this system: found {', '.join(unknown)}; expected {min(known)} to {max(known)}")
    if not settings.data_raw.is_dir():
        raise UsageError(f"no drop folder: found nothing at {settings.data_raw}; expected a folder of deliveries; next: set --data-raw")


@app.command()
@reported
def status(
    data_raw: DataRaw = None,
    warehouse: WarehouseFolder = None,
    tax_url: TaxUrl = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """What each quarter has: deliveries in force, missing and rejected ones, what arrived since, verdict, edition."""
    from pipelines.operation.calendar import load_calendar
    from pipelines.operation.heartbeat import silences
    from pipelines.status import quarter_states, status_table, with_tax_database
    from pipelines.warehouse import Warehouse

    settings = load_settings(data_raw=data_raw, warehouse=warehouse, tax_url=tax_url)
    states = quarter_states(settings)
    try:
        states = with_tax_database(states, settings.tax_database_url)
    except InfrastructureError as unreachable:
        err.print(f"returns filed since are not counted: {unreachable}", style="yellow", markup=False)
    if as_json:
        print_json([state.payload() for state in states])
        return
    table = status_table(states)
    # A terminal wraps what is too wide; rich would leave whole columns out, the quarter's among them.
    out.width = WIDEST
    out.width = out.measure(table).maximum
    out.print(table)
    for silence in silences(Warehouse(settings.warehouse), load_calendar(settings.calendar), dt.datetime.now(dt.UTC)):
        err.print(silence, style="yellow", markup=False)


@app.command()
@reported
def calendar(
    quarters: Annotated[str, typer.Argument(help="A quarter (2023Q3) or a range (2023Q1..2023Q4).")],
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """The release calendar: when each office's delivery is due, and which day publishes what."""
    from pipelines.operation.calendar import load_calendar
    from pipelines.operation.calendar_listing import calendar_rows, calendar_table

    rows = calendar_rows(load_calendar(load_settings().calendar), parse_range(quarters))
    if as_json:
        print_json(rows)
        return
    out.width = WIDEST
    out.print(calendar_table(rows))


@app.command()
@reported
def notices(
    is_sent: Annotated[bool, typer.Option("--send", help="Send what was not told yet to the addresses of I315_NOTIFY.")] = False,
    data_raw: DataRaw = None,
    warehouse: WarehouseFolder = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """What is late or missing before the next release, and whether sensor and schedule still look; also without Dagster's daemon."""
    from pipelines.ledger import Ledger
    from pipelines.operation.telling import standing, tell_all

    settings = load_settings(data_raw=data_raw, warehouse=warehouse)
    ledger, now = Ledger(settings.ledger_database_url, is_reader=True), dt.datetime.now(dt.UTC)
    if is_sent:
        err.print(f"{tell_all(settings, ledger, now)} messages sent", markup=False)
    found = standing(settings, ledger, now)
    if as_json:
        print_json([asdict(notice) for notice in found])
        return
    for notice in found:
        out.print(f"{notice.title}: {notice.state}", markup=False)


@app.command()
@reported
def ui(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="The auditors' door: everything to see, nothing to start, a password asked.")
    ] = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Serve Dagster's UI over the history of all runs: for operators on 127.0.0.1 only, for auditors read-only behind nginx."""
    settings = load_settings(warehouse=warehouse)
    if read_only:
        _serve_auditors(settings, port)
        return
    from pipelines.runs import instance_of
    from pipelines.warehouse import Warehouse

    keep_private()
    with instance_of(Warehouse(settings.warehouse), settings.dagster_url):
        out.print(f"Dagster UI on http://127.0.0.1:{port}", markup=False)
    target = ["--module-name", "pipelines.definitions", "--host", "127.0.0.1", "--port", str(port)]
    os.environ["I315_WAREHOUSE"] = str(settings.warehouse)
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", *target])


def _serve_auditors(settings: Settings, port: int) -> None:
    from pipelines.dagster_home import prepare_home
    from pipelines.door import Door, serve
    from pipelines.warehouse import Warehouse

    def tell(door: Door) -> None:
        out.print(f"auditors' door on {door.url} (read-only); who asked for what: {door.access_log}", markup=False)

    serve(settings, prepare_home(Warehouse(settings.warehouse), settings.dagster_url), port, tell)


@app.command()
@reported
def sample(
    out_folder: Annotated[Path, typer.Option("--out", help="Where the drop folder is made.")],
    scale: Annotated[float, typer.Option(help="1 is the size of the sample in git.")] = 1,
    seed: Annotated[int, typer.Option(help="Another seed, other firms; the same seed, the same bytes.")] = 315,
    quarters: Annotated[str, typer.Option(help="The quarters to deliver.")] = "2022Q1..2023Q4",
    verbose: Verbose = False,
) -> None:
    """Make synthetic deliveries of all five offices, labelled as such."""
    from pipelines.sample import write_sample

    asked = parse_range(quarters)
    write_sample(out_folder, scale=scale, seed=seed, first=asked[0], last=asked[-1])
    out.print(f"synthetic deliveries for {quarters} at scale {scale:g}, seed {seed}, in {out_folder}", markup=False)
