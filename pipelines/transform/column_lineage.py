"""Column lineage of dbt's models, read from the SQL that dbt compiled and ran.

Here: a pure function from a compiled model to the columns that its columns come from. Not here: Dagster's events
(assets.py attaches the result). dagster-dbt's own collector opens the warehouse beside the running dbt and takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ColumnParents = dict[str, list[tuple[str, str]]]
"""Column name -> the (unique id of a dbt node, column) pairs that it is computed from, sorted."""


def column_parents(compiled_sql: str, parents: Mapping[str, str]) -> ColumnParents:
    """Column parents of one model; `parents` are the dbt nodes that it depends on, with their text in the SQL, by unique id."""
    from sqlglot import exp
    from sqlglot.lineage import lineage

    tables: dict[str, str] = {}
    for position, (unique_id, relation) in enumerate(sorted(parents.items())):
        name = f"parent_{position}"
        compiled_sql = compiled_sql.replace(relation, name)
        tables[name] = unique_id
    columns: ColumnParents = {}
    origins = lineage(None, compiled_sql, {}, dialect="duckdb", trim_selects=False, validate_qualify_columns=False)
    for column, origin in origins.items():
        leaves = (step for step in origin.walk() if isinstance(step.expression, exp.Table) and step.expression.name in tables)
        columns[column] = sorted({(tables[leaf.expression.name], leaf.name.rsplit(".", 1)[-1].strip('"')) for leaf in leaves})
    return columns


def stated_parents(node: Mapping[str, Any]) -> ColumnParents:
    """Column parents of a Python model, as `meta: {computed_from: [table.column, …]}` of its columns states them.

    Raises `KeyError` for a table that the model does not read: a statement that no longer holds.
    """
    tables = {unique_id.rsplit(".", 1)[-1]: unique_id for unique_id in node["depends_on"]["nodes"]}
    columns: ColumnParents = {}
    for name, column in node["columns"].items():
        stated = (parent.split(".") for parent in column["config"]["meta"]["computed_from"])
        columns[name] = sorted((tables[table], origin) for table, origin in stated)
    return columns
