"""Commands of those who check: is an edition what its deliveries give.

Here: options and what is printed. Not here: work.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipelines.cli.common import Json, Verbose, WarehouseFolder, app, err, out, print_json, reported
from pipelines.settings import load_settings


@app.command("reproduce")
@reported
def reproduce_edition(
    quarter: Annotated[str, typer.Argument(help="A quarter, such as 2023Q3.")],
    edition: Annotated[str, typer.Argument(help="An edition, such as 001.")],
    warehouse: WarehouseFolder = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Compute an edition again from the archive in a scratch warehouse and compare every file, byte for byte."""
    from pipelines.ledger import Ledger
    from pipelines.reproduction.edition import reproduce
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=warehouse)
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    say = err if as_json else out
    found = reproduce(quarter, edition, Warehouse(settings.warehouse), ledger, settings.threads, lambda line: say.print(line, markup=False))
    for warning in found.warnings:
        err.print(f"warning: {warning}", style="yellow", markup=False)
    if as_json:
        print_json(found.payload())
    else:
        for each in found.files:
            out.print(f"{each.file:<20} {'same' if each.is_same else f'differs: {each.difference}'}", markup=False)
        taken = ", ".join(found.payload()["taken_over"])
        against = f"; revisions.csv against the folder of {found.revisions_against}" if found.revisions_against else ""
        out.print(f"not compared: {taken} of manifest.json{against}", markup=False)
    if not found.is_same:
        sys.exit(1)
