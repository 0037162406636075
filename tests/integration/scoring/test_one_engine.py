"""What is simulated is what is published: the in-memory models give the very rows that dbt built."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.rulesets.in_memory import EVENTS, GROUPS, INPUTS, VALUES, rendered_models, score_tables
from pipelines.rulesets.parameters import TABLES
from tests.conftest import Office


def test_the_models_in_memory_give_the_rows_that_dbt_built(small: Office) -> None:
    with duckdb.connect(str(small.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        inputs = {name: cast(warehouse.table(name).to_arrow_table(), schema) for name, schema in INPUTS.items()}
        built = {name: warehouse.table(name).to_arrow_table() for name in rendered_models()}
    rules = {name: pq.read_table(small.warehouse / "landing" / "rulesets" / f"{name}.parquet") for name in TABLES}
    again = score_tables(inputs["int_scoring_values"], inputs["int_scoring_groups"], inputs["int_scoring_events"], rules)
    for name, content in built.items():
        assert rows(again[name]) == rows(content), name
    assert built["score_totals"].num_rows >= 90


def cast(content: pa.Table, schema: pa.Schema) -> pa.Table:
    assert schema in (VALUES, GROUPS, EVENTS)
    return content.select(schema.names).cast(schema)


def rows(content: pa.Table) -> list[tuple[str, ...]]:
    """The rows as exact text, in an order of their own."""
    return sorted(tuple(map(repr, row.values())) for row in content.to_pylist())
