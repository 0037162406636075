"""Landing: from what an office delivered to text rows in Parquet, with file, sheet and row.

Here: archive the bytes, find the tables of the contract, accept or reject the delivery, land it, say what is in force.
Not here: types, units, judgement of values (dbt staging), nor whether a quarter is complete (the gate).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.landing.files import Landed, land_archived_files, land_files
    from pipelines.landing.in_force import export_in_force
    from pipelines.landing.tax import land_tax

__all__ = ["Landed", "export_in_force", "land_archived_files", "land_files", "land_tax"]

_HOMES = {"Landed": "files", "land_archived_files": "files", "land_files": "files", "land_tax": "tax", "export_in_force": "in_force"}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the child process that reads workbooks starts through this package and must stay small.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
