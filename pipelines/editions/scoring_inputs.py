"""The scoring inputs behind an edition, kept beside it so that a what-if starts from exactly what was scored.

Here: reading them from the warehouse, writing and reading `scoring_inputs/<quarter>/<edition>/{values,groups,events}.parquet`.
Not here: scoring. They are internal, never part of the edition: withheld values are among them, so files and folders are their
owner's alone. Written before the edition takes its name, so that no edition lacks them; the same inputs give the same bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.errors import Failure
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES
from pipelines.rulesets.language import OFFICIAL
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

_SCHEMAS = {"values": VALUES, "groups": GROUPS, "events": EVENTS}
_KEYS = {"values": "period, unit, indicator", "groups": "period, group_name, unit, group_value", "events": "period, unit, event"}
_OWNER_ONLY = 0o700


class NoInputs(Failure):
    """An edition has no scoring inputs beside it."""


@dataclass(frozen=True)
class ScoringInputs:
    """What an edition's scores were computed from: tables as `in_memory.VALUES`, `GROUPS`, `EVENTS`, up to its quarter."""

    values: pa.Table
    groups: pa.Table
    events: pa.Table


def inputs_folder(warehouse: Warehouse, quarter: str, edition: str) -> Path:
    """Where the inputs of an edition lie."""
    return warehouse.scoring_inputs / quarter / edition


def read_scoring_inputs(connection: duckdb.DuckDBPyConnection, quarter: str) -> ScoringInputs:
    """The official values, groups and events of every period up to the quarter (a base or a carried value may lie far back), sorted."""
    found = {}
    for name, schema in _SCHEMAS.items():
        official = f"and scenario = '{OFFICIAL}'" if name == "values" else ""
        query = f"select * from int_scoring_{name} where period <= ? {official} order by {_KEYS[name]}"
        content = connection.sql(query, params=[quarter]).to_arrow_table()
        found[name] = content.select(schema.names).cast(schema).combine_chunks()
    return ScoringInputs(**found)


def save(inputs: ScoringInputs, warehouse: Warehouse, quarter: str, edition: str) -> None:
    """Write the three tables durably; what a dead publisher left for the same number is cleared and overwritten."""
    folder = inputs_folder(warehouse, quarter, edition)
    for path in (folder.parent.parent, folder.parent, folder):
        path.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        durable.sync(path.parent)
    durable.remove_scratch_of_dead_processes(folder)
    for name in _SCHEMAS:
        content = io.BytesIO()
        pq.write_table(getattr(inputs, name), content, compression="zstd", version="2.6", store_schema=False)
        durable.write_bytes(folder / f"{name}.parquet", content.getvalue(), is_private=True)


def input_files(warehouse: Warehouse, quarter: str, edition: str) -> list[Path]:
    """The files of an edition's inputs; none if it was published by code that did not keep them."""
    folder = inputs_folder(warehouse, quarter, edition)
    return [folder / f"{name}.parquet" for name in _SCHEMAS] if are_saved(warehouse, quarter, edition) else []


def are_saved(warehouse: Warehouse, quarter: str, edition: str) -> bool:
    """Whether an edition has its inputs beside it; one that older code published has none."""
    return all((inputs_folder(warehouse, quarter, edition) / f"{name}.parquet").is_file() for name in _SCHEMAS)


def load(warehouse: Warehouse, quarter: str, edition: str) -> ScoringInputs:
    """The inputs of an edition; `NoInputs` if it was published by code that did not keep them, or they are damaged."""
    folder = inputs_folder(warehouse, quarter, edition)
    if not are_saved(warehouse, quarter, edition):
        raise NoInputs(
            f"edition {quarter}/{edition}: found no scoring inputs at {folder}; expected values, groups and events; "
            f"next: `i315 run {quarter}` keeps them beside the edition in force"
        )
    # `read_table` would import all of Arrow's dataset reader, which takes longer than the what-if itself.
    try:
        return ScoringInputs(**{name: pq.ParquetFile(folder / f"{name}.parquet").read(schema.names) for name, schema in _SCHEMAS.items()})
    except pa.ArrowException as damage:
        raise NoInputs(
            f"scoring_inputs/{quarter}/{edition}: found files that are no readable Parquet; expected those of the edition; "
            "next: i315 verify --all; restore them from a backup, or remove the folder: i315 rebuild writes it again"
        ) from damage
