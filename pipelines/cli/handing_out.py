"""Commands that hand things out: work lists of firms for those who visit them, a site for a folder of editions.

Here: options and what is printed, which is counts and places and never a firm. Not here: work. They only read files and import neither
Dagster nor Great Expectations.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import Json, Verbose, WarehouseFolder, app, out, print_json, reported
from pipelines.settings import load_settings


@app.command()
@reported
def worklist(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q3.")],
    kind: Annotated[
        str,
        typer.Argument(
            help="rd_uncounted 应统尽统, contracts_unregistered 应登尽登, above_scale 小升规, high_tech 高新纳统, double_tenants 在孵重复, "
            "ladder 企业梯队."
        ),
    ],
    region: Annotated[str | None, typer.Option("--region", "--city", help="One county or city, by code or name.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Where the files go; the warehouse's internal folder if left out.")
    ] = None,
    family: Annotated[str | None, typer.Option(help="Which of the edition's rules; those that rank the most counties if left out.")] = None,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """The firms behind a gap, by what each would add; internal files (mode 0600), of which only counts are printed."""
    from pipelines.warehouse import Warehouse
    from pipelines.whatif.quick_start import spare_pandas
    from pipelines.worklists.files import write_files
    from pipelines.worklists.keeping import list_folder
    from pipelines.worklists.listing import work_list

    gc.disable()  # A short life: looking for garbage would take a twentieth of it.
    spare_pandas()
    place = Warehouse(load_settings(warehouse=warehouse).warehouse)
    found = work_list(place, quarter, kind, region, family)
    files = write_files(found, out_folder or list_folder(place, found.quarter))
    counted = {
        "firms": len(found.firms),
        "with_effect": sum(firm.effect.points is not None for firm in found.firms),
        "counties": len({firm.region_code for firm in found.firms}),
    }
    if as_json:
        head = {"quarter": found.quarter, "kind": found.kind.name, "edition": found.edition, "ruleset": found.ruleset}
        print_json(head | {"region": found.region.code if found.region else None} | counted | {"files": [str(path) for path in files]})
        return
    told = f"{counted['firms']} firms in {counted['counties']} counties, {counted['with_effect']} of them with a known effect"
    out.print(f"{found.kind.name} {found.kind.chinese} of {found.quarter}: {told}; internal, not to be published", markup=False)
    for path in files:
        out.print(str(path), markup=False)


@app.command()
@reported
def site(
    out_folder: Annotated[Path, typer.Option("--out", help="The site's folder: new, empty, or an earlier site, which is replaced.")],
    with_dbt_docs: Annotated[bool, typer.Option("--dbt-docs", help="Also dbt's documentation of the models as a page.")] = False,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """A static site of all editions: states, revisions, dictionary, downloads with hashes; opens from a folder without network."""
    from dataclasses import asdict

    from pipelines.ledger import Ledger
    from pipelines.site.making import make_site
    from pipelines.warehouse import Warehouse

    settings = load_settings(warehouse=warehouse)
    dbt_docs = None
    if with_dbt_docs:
        from pipelines.site.dbt_docs import dbt_docs_page

        dbt_docs = dbt_docs_page()
    made = make_site(Warehouse(settings.warehouse), Ledger(settings.ledger_database_url, is_reader=True), out_folder, dbt_docs=dbt_docs)
    if as_json:
        print_json(asdict(made) | {"index": str(out_folder / "index.html")})
    else:
        out.print(f"{made.editions} editions of {made.quarters} quarters, {made.files} files, {made.bytes / 1e6:.1f} MB", markup=False)
        out.print(str(out_folder / "index.html"), markup=False)
