"""Documented columns are built columns: a dictionary that lags behind the warehouse is worse than none."""

from __future__ import annotations

import json

from pipelines.warehouse import Warehouse
from tests.conftest import Office


def test_documented_columns_are_the_built_columns_with_a_text_each(small: Office) -> None:
    manifest = json.loads((small.warehouse / "dbt" / "manifest.json").read_bytes())
    with Warehouse(small.warehouse).connect() as connection:
        rows = connection.execute("select table_name, column_name from duckdb_columns() where schema_name = 'main'").fetchall()
    built: dict[str, set[str]] = {}
    for table, column in rows:
        built.setdefault(table, set()).add(column)
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert models
    for model in models:
        documented = {name: column["description"] for name, column in model["columns"].items()}
        assert set(documented) == built[model["name"]], model["name"]
        assert all(documented.values()), model["name"]
        assert model["description"], model["name"]


def test_what_leaves_has_an_enforced_contract(small: Office) -> None:
    manifest = json.loads((small.warehouse / "dbt" / "manifest.json").read_bytes())
    leaving = {
        node["name"]: node["config"]["contract"]["enforced"] for node in manifest["nodes"].values() if node["name"].startswith("ed_")
    }
    assert leaving == dict.fromkeys(("ed_indicators", "ed_scores", "ed_ranking", "ed_targets"), True)
