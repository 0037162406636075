"""The scoring models on an in-memory DuckDB: any table of values under any rulesets, through the very files that dbt builds.

Here: finding the models, their order, rendering their templates, running them. Not here: what the models compute, files of results.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from pipelines.errors import Failure
from pipelines.rulesets.tree import DEEPEST

DBT_PROJECT = Path(__file__).resolve().parent.parent.parent / "dbt_project"
_MODELS = DBT_PROJECT / "models" / "scoring"
_MEMORY = "2300MB"
"""What tables may take before they go to a scratch folder."""
_REFERENCE = re.compile(r"ref\('(\w+)'\)")

VALUES = pa.schema(
    [(name, pa.string()) for name in ("scenario", "unit", "period", "indicator")] + [("value", pa.float64()), ("state", pa.string())]
)
GROUPS = pa.schema([(name, pa.string()) for name in ("period", "group_name", "unit", "group_value")])
EVENTS = pa.schema([("unit", pa.string()), ("period", pa.string()), ("event", pa.string()), ("count", pa.float64())])
INPUTS = {"int_scoring_values": VALUES, "int_scoring_groups": GROUPS, "int_scoring_events": EVENTS}


class ScoringFailed(Failure):
    """The rule asks for a failure: a gap it does not accept, or a combination that has no value."""


def score_tables(
    values: pa.Table,
    groups: pa.Table,
    events: pa.Table,
    rule_tables: Mapping[str, pa.Table],
    *,
    wanted: Collection[str] | None = None,
    queries: Mapping[str, str] | None = None,
    threads: int = 2,
) -> dict[str, pa.Table]:
    """The `score_…` tables for these inputs (columns as in VALUES, GROUPS, EVENTS) and parameter tables.

    All of them, or the `wanted` ones and the answers to `queries` over such tables, for which only the models that they rest on are run.
    A table that nothing reads any more is dropped.
    """
    queries = queries or {}
    asked = None if wanted is None else {*wanted, *_models_in(queries.values())}
    models = rendered_models(max(rule_tables["rule_node"]["depth"].to_pylist(), default=DEEPEST), asked)
    reads = _reads()
    with tempfile.TemporaryDirectory() as spilled, duckdb.connect(":memory:", config={"threads": threads}) as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'; set temp_directory = '{spilled}'")
        # The joins stand in a good order; looking for a better one takes longer than scoring a quarter.
        connection.execute("set disabled_optimizers = 'join_order'")
        for name, content in zip(INPUTS, (values, groups, events), strict=True):
            _create(connection, name, _as(INPUTS[name], content.select(INPUTS[name].names)))
        for name, content in rule_tables.items():
            _create(connection, name, content)
        waiting = list(models)
        for name, sql in models.items():
            connection.execute(f"create table {name} as {sql}")
            waiting.remove(name)
            if asked is not None:
                read_later = asked.union(*(reads[other] for other in waiting))
                for other in reads[name] - read_later:
                    connection.execute(f"drop table if exists {other}")
        found = {name: connection.table(name).to_arrow_table() for name in (models if wanted is None else wanted)}
        return found | {name: connection.sql(query).to_arrow_table() for name, query in queries.items()}


def rendered_models(deepest: int = DEEPEST, wanted: Collection[str] | None = None) -> dict[str, str]:
    """The scoring models' SQL with plain table names, each after those that it reads, for trees of that many levels below the root.

    All of them, or the `wanted` ones with those that they rest on.
    """
    reads = _reads()
    needed = set(reads if wanted is None else wanted)
    while more := {other for name in needed for other in reads[name]} - needed - {*INPUTS}:
        needed |= more
    ordered: dict[str, str] = {}
    while waiting := [name for name in reads if name in needed and name not in ordered]:
        ready = [name for name in waiting if not reads[name] & set(waiting)]
        if not ready:
            raise ValueError(f"scoring models refer to each other in a circle: {', '.join(waiting)}")
        ordered |= {name: _rendered(name, deepest) for name in ready}
    return ordered


def _models_in(queries: Collection[str]) -> set[str]:
    """The scoring models that some queries name."""
    return {name for query in queries for name in re.findall(r"\w+", query) if name in _reads()}


@cache
def _reads() -> dict[str, set[str]]:
    """The other scoring models and the inputs that each one reads."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(_MODELS.glob("score_*.sql"))}
    return {name: set(_REFERENCE.findall(text)) & {*texts, *INPUTS} - {name} for name, text in texts.items()}


@cache
def _rendered(model: str, deepest: int) -> str:
    known = {"ref": lambda name: name, "source": lambda _source, table: table, "deepest_tree": lambda: deepest}
    return _environment().get_template(f"{model}.sql").render(known).strip()


@cache
def _environment() -> jinja2.Environment:
    """Jinja over the models' folder, with the scoring macros in every template; compiled templates are kept between processes."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        loader=jinja2.FileSystemLoader([_MODELS, DBT_PROJECT / "macros"]),
        bytecode_cache=jinja2.FileSystemBytecodeCache(),
    )
    macros = environment.get_template("scoring.sql").module
    environment.globals |= {name: macro for name, macro in vars(macros).items() if not name.startswith("_")}
    return environment


def _as(schema: pa.Schema, content: pa.Table) -> pa.Table:
    # A cast that changes nothing would still import Arrow's compute functions.
    return content if content.schema.equals(schema) else content.cast(schema)


def _create(connection: duckdb.DuckDBPyConnection, name: str, content: Any) -> None:
    connection.register("incoming", content)
    connection.execute(f"create table {name} as select * from incoming")
    connection.unregister("incoming")
