"""Commands of those who keep the system: copy the record elsewhere, put it back, make editions again, look at the machine.

Here: options and what is printed. Not here: work.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import DataRaw, Json, TaxUrl, Verbose, WarehouseFolder, app, err, out, print_json, reported
from pipelines.errors import InfrastructureError
from pipelines.settings import load_settings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
BackupFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The backup's folder, on another disk.")]


@app.command()
@reported
def backup(
    folder: BackupFolder,
    is_all_read: Annotated[
        bool, typer.Option("--check", help="Look at every byte that the backup holds, not only at what is new.")
    ] = False,
    warehouse: WarehouseFolder = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Copy ledger, archive, editions and what is kept beside them to a folder, what is there already left out; also beside a run."""
    from pipelines.backup.copying import back_up
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=warehouse)
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    done = back_up(Warehouse(settings.warehouse), ledger, folder, settings.public_key, is_all_read=is_all_read)
    for fault in done.faults:
        err.print(fault, style="red", markup=False)
    if as_json:
        print_json(asdict(done))
    else:
        size = f"{done.copied_bytes / 1e6:.1f} MB"
        out.print(f"{folder}: {done.lines} ledger lines, {done.files} files, {done.copied} of them new ({size})", markup=False)
    if done.faults:
        sys.exit(1)


@app.command()
@reported
def restore(folder: BackupFolder, warehouse: WarehouseFolder = None, as_json: Json = False, verbose: Verbose = False) -> None:
    """Put a backup into an empty warehouse and an empty ledger, and verify all of it."""
    from pipelines.backup.restoring import restore as put_back
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=warehouse)
    say = err if as_json else out
    done = put_back(folder, Warehouse(settings.warehouse), settings.ledger_database_url, lambda line: say.print(line, markup=False))
    for fault in done.faults:
        err.print(fault, style="red", markup=False)
    if done.lacking:
        err.print(f"lost from the backup: {', '.join(done.lacking)}; next: i315 rebuild", style="red", markup=False)
    if as_json:
        print_json(asdict(done))
    elif not done.lacking and not done.faults:
        said = f"{done.lines} ledger lines, {done.files} files, {done.editions} editions: all as recorded"
        out.print(f"{said}; next: i315 run makes landing and warehouse.duckdb again", markup=False)
    if done.lacking or done.faults:
        sys.exit(1)


@app.command()
@reported
def rebuild(warehouse: WarehouseFolder = None, as_json: Json = False, verbose: Verbose = False) -> None:
    """Make editions again that the ledger records and that are lost, from the archive, as the very bytes that were published."""
    from pipelines.durable import keep_private
    from pipelines.editions.signing import load_private_key
    from pipelines.ledger import Ledger
    from pipelines.reproduction.rebuilding import NOT_POSSIBLE
    from pipelines.reproduction.rebuilding import rebuild as make_again
    from pipelines.warehouse import Warehouse

    keep_private()
    settings = load_settings(warehouse=warehouse)
    key = load_private_key(settings.signing_key) if settings.signing_key else None
    say = err if as_json else out
    # A reader: a ledger that is not there would be an empty one, and what it does not record cannot be made.
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    done = make_again(Warehouse(settings.warehouse), ledger, settings.threads, key, lambda line: say.print(line, markup=False))
    if as_json:
        print_json([asdict(each) for each in done])
    else:
        for each in done:
            out.print(f"{each.quarter} {each.edition}: {each.state}{f': {each.reason}' if each.reason else ''}", markup=False)
    if any(each.state == NOT_POSSIBLE for each in done):
        sys.exit(1)


@app.command()
@reported
def doctor(
    data_raw: DataRaw = None,
    warehouse: WarehouseFolder = None,
    tax_url: TaxUrl = None,
    backup_folder: Annotated[Path | None, typer.Option("--backup", help="Also look at the backup in this folder.")] = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Look at versions, folders, rights, disk, clocks, databases, locks, keys and services, and say what to do; changes nothing."""
    from pipelines.doctor.examination import examine

    answers = examine(load_settings(data_raw=data_raw, warehouse=warehouse, tax_url=tax_url), backup_folder)
    if as_json:
        print_json([answer.payload() for answer in answers])
    else:
        for answer in answers:
            step = f"; next: {answer.next_step}" if answer.next_step else ""
            out.print(f"{answer.state:<4}  {answer.check}: {answer.found}{step}", style=_COLOURS[answer.state], markup=False)
    if any(answer.state == "fail" for answer in answers):
        sys.exit(InfrastructureError.exit_code)
