"""Commands that a server's services execute.

Here: options. Not here: the units (deploy/systemd), work.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import Verbose, WarehouseFolder, app, reported
from pipelines.durable import keep_private
from pipelines.errors import UsageError
from pipelines.settings import load_settings


@app.command()
@reported
def serve(
    part: Annotated[str, typer.Argument(help="code-server, webserver or daemon.")],
    socket: Annotated[Path, typer.Option(help="The code server's Unix socket.")] = Path("/run/i315/code.sock"),
    port: Annotated[int, typer.Option(help="The webserver's port on 127.0.0.1.")] = 3000,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Serve one part of Dagster as a service of its own (deploy/systemd); `i315 ui` serves all of them for a person."""
    from pipelines.runs import instance_of
    from pipelines.services import Part, command, end_runs_of
    from pipelines.warehouse import Warehouse

    if part not in list(Part):
        raise UsageError(f"serve: found {part!r}; expected one of {', '.join(Part)}")
    keep_private()
    settings = load_settings(warehouse=warehouse)
    place = Warehouse(settings.warehouse)
    with instance_of(place, settings.dagster_url) as instance:
        if part == Part.CODE_SERVER:
            end_runs_of(instance, socket)
    os.environ["I315_WAREHOUSE"] = str(settings.warehouse)
    served = command(Part(part), place.dagster_home, socket, port)
    os.execv(served[0], served)
