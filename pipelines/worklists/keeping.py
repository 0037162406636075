"""The lists that readers get: one Parquet file per quarter and kind, internal, so that nobody opens the workshop to read them.

Here: writing them from the warehouse after a build, reading one. Files are their owner's alone (mode 0600), and so are their folders; the
same rows give the same bytes. Lists of what the warehouse held before (transform/staged.py) stay. Not here: what is on a list (dbt).
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.errors import UsageError
from pipelines.warehouse import Warehouse
from pipelines.worklists.kinds import KINDS, Kind

if TYPE_CHECKING:
    import duckdb

_OWNER_ONLY = 0o700
_DELIVERIES, _MADE_FROM = b"deliveries", b"made_from"
_STAGED = "select quarter, made_from from staged_quarters where is_asked order by quarter"
Row = dict[str, Any]


@dataclass(frozen=True)
class KeptList:
    """A list as the run computed it; `deliveries` are those in force of its quarter then, by feed (first 16 hex digits of the SHA-256)."""

    rows: list[Row]
    deliveries: dict[str, str]


def list_folder(warehouse: Warehouse, quarter: str) -> Path:
    """Where the lists of a quarter lie."""
    return warehouse.worklists / quarter


def keep_lists(warehouse: Warehouse) -> dict[str, dict[str, int]]:
    """Write the lists of every quarter for which they were made anew; returns the number of firms by quarter and kind."""
    counts: dict[str, dict[str, int]] = {}
    with warehouse.connect() as connection:
        deliveries = connection.execute("select quarter, feed, delivery_id from stg_deliveries order by all").fetchall()
        for quarter, made_from in connection.execute(_STAGED).fetchall():
            folder = _private(list_folder(warehouse, quarter))
            paths = {kind: folder / f"{kind.name}.parquet" for kind in KINDS}
            if any(_made_from(path) != made_from for path in paths.values()):
                told = json.dumps({feed: delivery for when, feed, delivery in deliveries if when == quarter})
                for kind, path in paths.items():
                    rows = _of_quarter(connection, kind, quarter)
                    _write(path, rows.replace_schema_metadata({_DELIVERIES: told.encode(), _MADE_FROM: made_from.encode()}))
            counts[quarter] = {kind.name: pq.read_metadata(path).num_rows for kind, path in paths.items()}
    return counts


def _made_from(path: Path) -> str:
    metadata = (pq.read_metadata(path).metadata or {}) if path.is_file() else {}
    return str(metadata.get(_MADE_FROM, b"").decode())


def _of_quarter(connection: duckdb.DuckDBPyConnection, kind: Kind, quarter: str) -> pa.Table:
    query = f"select * from {kind.model} where quarter = ? order by region_code, uscc"
    return connection.execute(query, [quarter]).to_arrow_table()


def _private(folder: Path) -> Path:
    for path in (folder.parent.parent, folder.parent, folder):
        path.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    return folder


def _write(path: Path, rows: pa.Table) -> None:
    content = io.BytesIO()
    pq.write_table(rows.combine_chunks(), content, compression="zstd", version="2.6")
    durable.write_bytes(path, content.getvalue(), is_private=True)


def read_list(warehouse: Warehouse, quarter: str, kind: Kind) -> KeptList:
    """The list of a quarter; a usage error if the quarter was not computed."""
    path = list_folder(warehouse, quarter) / f"{kind.name}.parquet"
    if not path.is_file():
        computed = ", ".join(sorted(each.name for each in warehouse.worklists.glob("*Q*"))) or "none"
        raise UsageError(f"{kind.name} of {quarter}: found lists of {computed}; expected those of {quarter}; next: `i315 run {quarter}`")
    file = pq.ParquetFile(path)
    return KeptList(file.read().to_pylist(), json.loads((file.schema_arrow.metadata or {}).get(_DELIVERIES, b"{}")))
