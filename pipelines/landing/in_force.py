"""Which delivery is in force, as a table that staging joins.

Here: the table's file and the empty tables beside it. Not here: deciding what is in force (the ledger does).
"""

from __future__ import annotations

import pyarrow as pa

from pipelines.landing import parquet, published
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse

IN_FORCE_FILE = "in_force.parquet"

_SCHEMA = pa.schema(
    [
        pa.field("quarter", pa.string()),
        pa.field("feed", pa.string()),
        pa.field("delivery_id", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("file_name", pa.string()),
        pa.field("received_on", pa.date32()),
        pa.field("received_no", pa.int32()),
    ]
)


def export_in_force(warehouse: Warehouse, ledger: Ledger) -> None:
    """Write `landing/in_force.parquet`, one row per quarter and feed in order."""
    parquet.ensure_empty_tables(warehouse)
    published.ensure_empty_tables(warehouse)
    rows = [{name: getattr(delivery, name) for name in _SCHEMA.names} for _, delivery in sorted(ledger.in_force().items())]
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    parquet.write_table(warehouse, warehouse.landing / IN_FORCE_FILE, table, [])
