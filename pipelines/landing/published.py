"""What readers hold already, as tables beside the landing: its columns and where it lies.

Here: the form. Not here: what stands in it (editions/told.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.warehouse import Warehouse

_TEXT, _NUMBER = pa.string(), pa.float64()
_EDITION = [("quarter", _TEXT), ("edition", _TEXT), ("region_code", _TEXT), ("indicator", _TEXT)]
SCHEMAS = {
    "indicators": pa.schema([*_EDITION, ("period", _TEXT), ("value", _NUMBER), ("numerator", _NUMBER), ("denominator", _NUMBER)]),
    "targets": pa.schema([*_EDITION, ("value", _NUMBER), ("completion", _NUMBER), ("run_rate", _NUMBER)]),
    "contributions": pa.schema(
        [(name, _TEXT) for name in ("quarter", "edition", "measure", "region_code", "contributor")] + [("amount", pa.decimal128(38, 6))]
    ),
}
"""The tables under `landing/published/`; contributions are added up by firm and are internal."""


def place(warehouse: Warehouse, tables: Mapping[str, pa.Table]) -> None:
    """Write the tables, private: one of them names firms."""
    folder = warehouse.landing / "published"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, table in tables.items():
        with durable.written_beside(folder / f"{name}.parquet") as scratch:
            scratch.touch(mode=0o600)
            pq.write_table(table, scratch)


def ensure_empty_tables(warehouse: Warehouse) -> None:
    """The tables without rows where there are none yet, so that a reader finds their columns before anything was published."""
    folder = warehouse.landing / "published"
    place(warehouse, {name: schema.empty_table() for name, schema in SCHEMAS.items() if not (folder / f"{name}.parquet").exists()})
