"""Commands about editions: is one whole, is all that the warehouse keeps true to its ledger, withdraw one.

Here: options and what is printed. Not here: work. They read files and the ledger and import neither Dagster nor Great Expectations.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import Json, Verbose, WarehouseFolder, app, err, out, print_json, reported
from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pipelines.ledger import Entry, Ledger
    from pipelines.warehouse import Warehouse


@app.command()
@reported
def verify(
    quarter: Annotated[str | None, typer.Argument(help="A quarter, such as 2023Q3.")] = None,
    edition: Annotated[str | None, typer.Argument(help="An edition, such as 001; the newest one if left out.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Every edition of every quarter.")] = False,
    public_key: Annotated[Path | None, typer.Option("--public-key", help="Check signatures with this Ed25519 key (PEM).")] = None,
    warehouse: WarehouseFolder = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Check an edition's hashes, tables and totals from its folder alone, then ledger, archive and pointer if they lie beside it."""
    from pipelines.editions.pointer import withdrawals
    from pipelines.editions.record import verify_in_place
    from pipelines.editions.signing import load_public_key
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=warehouse, public_key=public_key)
    place = Warehouse(settings.warehouse)
    folders = _asked_for(place, quarter, edition, is_all)
    key = load_public_key(settings.public_key) if settings.public_key else None
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    faults = verify_in_place(place, ledger, folders, key)
    beside, faults_beside = _beside(place, ledger) if is_all else ({}, [])
    faults += faults_beside
    for fault in faults:
        err.print(fault, style="red", markup=False)
    lines, last_hash = ledger.end() if not faults else (None, None)
    gone = withdrawals(ledger) if not faults else {}
    if as_json:
        checked = [
            {"quarter": folder.parent.name, "edition": folder.name, "withdrawn": _told(gone.get((folder.parent.name, folder.name)))}
            for folder in folders
        ]
        ledger_told = {"ledger_lines": lines, "ledger_end": last_hash}
        print_json({"editions": checked, "faults": faults, **ledger_told, "signatures_checked": key is not None, **beside})
    if faults:
        sys.exit(1)
    if not as_json:
        chain = f"{lines} ledger lines in order" if ledger.is_there else "no ledger beside it, so no chain to check"
        signed = "signature confirmed" if key else "signature not asked for (--public-key)"
        for folder in folders:
            withdrawn = _told(gone.get((folder.parent.name, folder.name)))
            said = f"{folder.parent.name} {folder.name}: every hash, table and total holds; {chain}; {signed}"
            out.print(f"{said}; {withdrawn}" if withdrawn else said, markup=False)
        for name, told in beside.items():
            out.print(f"{name.replace('_', ' ')}: {', '.join(told) if isinstance(told, list) else told}", markup=False)


def _beside(place: Warehouse, ledger: Ledger) -> tuple[dict[str, int | list[str]], list[str]]:
    """What of all that is kept beside editions was compared, by count, what was not, and the faults of landing and receipts."""
    from pipelines.editions.record import not_checked
    from pipelines.receipts.keeping import receipt_faults
    from pipelines.reproduction.landing import compare_landing

    if not ledger.is_there:
        return {}, []
    landing = compare_landing(place, ledger)
    counts: dict[str, int | list[str]] = {"landing_files_compared": landing.files - landing.by_other_code}
    return counts | {"not_checked": [*landing.not_compared, *not_checked(place, ledger)]}, [*landing.faults, *receipt_faults(place, ledger)]


def _asked_for(place: Warehouse, quarter: str | None, edition: str | None, is_all: bool) -> list[Path]:
    from pipelines.editions.pointer import edition_folders
    from pipelines.editions.record import every_edition

    if is_all == (quarter is not None):
        raise UsageError(f"verify: found {f'{quarter} with --all' if is_all else 'nothing to check'}; expected a quarter or --all")
    if quarter is None:
        folders = every_edition(place)
        if not folders:
            raise UsageError(f"no editions: found none in {place.editions}; expected at least one; next: check --warehouse")
        return folders
    Quarter.parse(quarter)
    found = {folder.name: folder for folder in edition_folders(place, quarter)}
    if not found or (edition and edition not in found):
        raise UsageError(f"no such edition: found {', '.join(found) or 'none'} of {quarter}; expected {edition or 'at least one'}")
    return [found[edition] if edition else list(found.values())[-1]]


def _told(withdrawal: Entry | None) -> str:
    return f"withdrawn at {withdrawal.at[:16]} UTC by {withdrawal.actor}: {withdrawal.payload['reason']}" if withdrawal else ""


@app.command()
@reported
def withdraw(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q3.")],
    edition: Annotated[str, typer.Argument(help="The edition to withdraw, such as 002.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger for good.")],
    warehouse: WarehouseFolder = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Take an edition out of force: the one before it is in force again, the folder stays, the ledger says who, when and why."""
    from dataclasses import asdict

    from pipelines.editions.withdrawing import withdraw as withdraw_edition
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    Quarter.parse(quarter)
    settings = load_settings(warehouse=warehouse)
    place = Warehouse(settings.warehouse)
    if not place.editions.is_dir():
        raise UsageError(f"no editions: found none in {place.editions}; expected {quarter}/{edition}; next: check --warehouse")
    change = withdraw_edition(quarter, edition, reason, place, Ledger(settings.ledger_database_url), settings.actor)
    if as_json:
        print_json({"quarter": quarter, "edition": edition} | asdict(change))
    else:
        out.print(f"{quarter} {edition} withdrawn; in force: {change.after or f'no edition of {quarter}'}", markup=False)
