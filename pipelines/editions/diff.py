"""The difference of two published editions of a quarter, with class and cause, as `revisions.csv` tells it.

Here: reading both and the catalogue. Not here: comparing (revisions) or printing.
"""

from __future__ import annotations

import csv
from typing import Any

from pipelines.editions.pointer import edition_folders
from pipelines.editions.revisions import changed_cells
from pipelines.editions.sides import side_of_folder
from pipelines.errors import UsageError
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse

_CATALOGUE = PROJECT / "dbt_project" / "seeds" / "indicators.csv"


def difference(warehouse: Warehouse, quarter: str, old: str, new: str) -> list[dict[str, Any]]:
    """One dict per cell that differs, with the columns of `revisions.csv`, by key; a usage error if an edition is not there."""
    folders = {folder.name: folder for folder in edition_folders(warehouse, quarter)}
    for edition in (old, new):
        if edition not in folders:
            raise UsageError(f"no such edition: found {', '.join(folders) or 'none'} of {quarter}; expected {edition}")
    with _CATALOGUE.open(encoding="utf-8", newline="") as lines:
        catalogue = [row | {"accumulates": row["accumulates"] == "true"} for row in csv.DictReader(lines)]
    return changed_cells(side_of_folder(folders[old]), side_of_folder(folders[new]), catalogue)
