"""What readers hold already: the figures of earlier editions and the contributions behind them, laid beside the landing before a build.

Here: which editions, reading their folders and their lineage. Not here: what follows for a new edition (disclosure, models/disclosure).
A figure of an edition and the corrected one differ by what was corrected, which may be a single firm's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from pipelines.editions.lineage import definitions_path, lineage_of, part_path, unchanged
from pipelines.editions.pointer import published
from pipelines.editions.schema import MANIFEST
from pipelines.landing.published import SCHEMAS, place
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter, span
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

_CONTRIBUTIONS = """
    select $1 as quarter, $2 as edition, indicator || '.' || role as measure, region_code, {contributor} as contributor,
        cast(sum(cast(amount as decimal(38, 6))) as decimal(38, 6)) as amount
    from read_parquet($3)
    where excluded_because is null and ($4 or list_contains($5, indicator))
    group by all order by all
"""
_NOBODY_NAMED = "cast(null as varchar)"


def lay_out(quarters: list[Quarter], target: Warehouse, warehouse: Warehouse, ledger: Ledger, until: int | None = None) -> None:
    """Write what every edition of those quarters and their years told, up to a line of the ledger if one is given, into `target`.

    Raises `NoLineage` where the lineage of an edition is lost or changed: without it nobody can say what a correction would give away.
    """
    import duckdb

    years = sorted({quarter.year for quarter in quarters})
    wanted = {str(each) for year in years for each in span(Quarter(year, 1), Quarter(year, 4))}
    found: dict[str, list[pa.Table]] = {name: [schema.empty_table()] for name, schema in SCHEMAS.items()}
    with duckdb.connect() as connection:
        for quarter, editions in sorted(published(ledger, until=until).items()):
            for edition in sorted(editions) if quarter in wanted else []:
                folder = warehouse.editions / quarter / edition
                found["indicators"].append(_told(pq.read_table(folder / "indicators.parquet"), "indicators", quarter, edition))
                found["targets"].append(_told(pc.read_csv(folder / "targets.csv"), "targets", quarter, edition))
                if quarter in map(str, quarters):
                    found["contributions"] += _contributions(connection, folder, quarter, edition, warehouse)
    place(target, {name: pa.concat_tables(tables) for name, tables in found.items()})


def _told(rows: pa.Table, name: str, quarter: str, edition: str) -> pa.Table:
    schema = SCHEMAS[name]
    named = {"quarter": pa.repeat(quarter, len(rows)), "edition": pa.repeat(edition, len(rows))}
    columns = [named[column] if column in named else rows.column(column).cast(schema.field(column).type) for column in schema.names]
    return pa.table(columns, schema=schema)


def _contributions(connection: duckdb.DuckDBPyConnection, folder: Path, quarter: str, edition: str, warehouse: Warehouse) -> list[pa.Table]:
    """What the edition's figures were added up from; of the year's earlier quarters only what adds up over the year.

    Parts that were kept before contributions named their firm name none.
    """
    lineage = lineage_of(json.loads((folder / MANIFEST).read_bytes()))
    catalogue = json.loads(unchanged(definitions_path(warehouse, lineage.definitions)).read_bytes())["indicators"]
    accumulating = [row["code"] for row in catalogue if row["accumulates"]]
    parts = [
        (of_quarter, unchanged(part_path(warehouse, part)))
        for of_quarter, part in sorted(lineage.parts.items())
        if of_quarter[:4] == quarter[:4]
    ]
    found = []
    for of_quarter, path in parts:
        query = _CONTRIBUTIONS.format(contributor="contributor" if "contributor" in pq.read_schema(path).names else _NOBODY_NAMED)
        rows = connection.sql(query, params=[quarter, edition, str(path), of_quarter == quarter, accumulating])
        found.append(rows.to_arrow_table().cast(SCHEMAS["contributions"]))
    return found
