"""Commands that compare what was published: two editions of a quarter.

Here: options and what is printed. Not here: work. They only read editions.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from pipelines.cli.common import WIDEST, Json, Verbose, WarehouseFolder, app, out, print_json, reported
from pipelines.quarters import Quarter
from pipelines.settings import load_settings


@app.command()
@reported
def diff(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q3.")],
    old: Annotated[str, typer.Argument(help="An edition, such as 001.")],
    new: Annotated[str, typer.Argument(help="Another edition, such as 002.")],
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Every cell that differs between two editions: old, new, class and cause."""
    from rich.table import Table

    from pipelines.editions.diff import difference
    from pipelines.warehouse import Warehouse

    Quarter.parse(quarter)
    rows = difference(Warehouse(load_settings(warehouse=warehouse).warehouse), quarter, old, new)
    if as_json:
        print_json({"quarter": quarter, "old": old, "new": new, "cells": rows})
        return
    classes = Counter(str(row["cause"]).split(":")[0] for row in rows)
    told = ", ".join(f"{count} {name}" for name, count in sorted(classes.items())) or "none"
    out.print(f"{quarter} {old} → {new}: {len(rows)} cells differ ({told})", markup=False)
    if rows:
        table = Table("region", "indicator", "period", "old", "new", "cause", box=None)
        for row in rows:
            values = ("—" if row[side] is None else f"{row[side]:.12g}" for side in ("old", "new"))
            table.add_row(row["region_code"], row["indicator"], row["period"], *values, row["cause"])
        out.width = WIDEST
        out.width = out.measure(table).maximum
        out.print(table)
