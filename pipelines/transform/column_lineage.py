"""Column lineage of dbt's models, read from the SQL that dbt compiled and ran.

Here: a pure function from a compiled model to the columns that its columns come from, and what it gave before. Not here: Dagster's
events (assets.py attaches the result). dagster-dbt's own collector opens the warehouse beside the running dbt and takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.durable import write_bytes

ColumnParents = dict[str, list[tuple[str, str]]]
"""Column name -> the (unique id of a dbt node, column) pairs that it is computed from, sorted."""

_QUARTERS = re.compile(r"'\d{4}Q[1-4]'(?:,\s*'\d{4}Q[1-4]')*")


class KnownLineage:
    """Lineage as it was read before: a model whose SQL differs in nothing but the run's quarters is not taken apart again.

    It is kept by what it was read from, by which code and which parser, so that nothing of it can be out of date. Reading a hundred
    models takes two seconds of every run, in which dbt is at work on the same cores.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + version("sqlglot")
        self._before: dict[str, ColumnParents] = json.loads(path.read_bytes()) if path.exists() else {}
        self._asked: dict[str, ColumnParents] = {}

    def column_parents(self, compiled_sql: str, parents: Mapping[str, str]) -> ColumnParents:
        """What the function of that name gives."""
        sql = _QUARTERS.sub("'quarter'", compiled_sql)
        key = hashlib.sha256(json.dumps([self._code, sql, sorted(parents.items())]).encode()).hexdigest()
        found = self._before[key] if key in self._before else column_parents(sql, parents)
        self._asked[key] = {column: [(parent, name) for parent, name in pairs] for column, pairs in found.items()}
        return self._asked[key]

    def keep(self) -> None:
        """Write down what was asked for."""
        if self._asked.keys() != self._before.keys():
            write_bytes(self._path, json.dumps(self._asked).encode())


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
