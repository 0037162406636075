"""Mutants of the SQL that figures come from: staging, contributions, indicators, targets (`make bench`).

A mutant is one change in the compiled SQL of one model, made with sqlglot. It is computed with all that rests on it, on the sample's
warehouse, and is killed where a test of the suite would see it: the oracle's columns of indicators and targets, and which rows are kept
aside with which reason (tests/oracle, test_quarantined_rows.py, faults/). A mutant that changes nothing of these survives.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import jinja2
import pytest
import sqlglot
from sqlglot import exp

from pipelines.quarters import Quarter, span
from pipelines.settings import PROJECT
from pipelines.transform.project import dbt_environment, run_environment
from tests.conftest import Office

FOLDERS = ("staging", "contributions", "indicators")
QUARTERS = span(Quarter(2023, 1), Quarter(2023, 4))
SEED, MUTANTS, LEAST_SCORE = 315, 160, 0.95
#: What the suite compares with an independent computation or states by hand.
SEEN = {
    "ed_indicators": "quarter, region_code, indicator, period, level, status, value, numerator, denominator",
    "ed_targets": "quarter, region_code, indicator, year, target, value, completion, run_rate, needed_per_quarter",
    "stg_quarantine": "quarter, feed, source_table, source_row, reason, field",
}
SWAPS: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.EQ: exp.NEQ, exp.NEQ: exp.EQ, exp.GT: exp.GTE, exp.GTE: exp.GT, exp.LT: exp.LTE, exp.LTE: exp.LT, exp.And: exp.Or, exp.Or: exp.And,
    exp.Add: exp.Sub, exp.Sub: exp.Add, exp.Mul: exp.Div, exp.Div: exp.Mul, exp.Max: exp.Min, exp.Min: exp.Max, exp.Sum: exp.Max,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A model's SQL with one change."""

    model: str
    change: str
    sql: str


@dataclass(frozen=True)
class Model:
    """A compiled model: its SQL, how it is kept, the steps after it, and the models that it reads."""

    name: str
    sql: str
    is_view: bool
    parents: tuple[str, ...]
    steps_after: tuple[str, ...] = ()


def compiled(office: Office, root: Path) -> dict[str, Model]:
    """The models of the folders for the quarters, in an order in which each comes after those that it reads."""
    command = [str(Path(sys.executable).parent / "dbt"), "compile", "--quiet"]
    for option in ("--project-dir", "--profiles-dir"):
        command += [option, str(PROJECT / "dbt_project")]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    environment = os.environ | dbt_environment(office.warehouse, 2) | run_environment(QUARTERS, office.warehouse / "landing")
    done = subprocess.run(command, cwd=office.warehouse, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    nodes = json.loads((root / "target" / "manifest.json").read_bytes())["nodes"]
    found = {
        node["name"]: Model(
            node["name"],
            (root / "target" / "compiled" / node["package_name"] / node["original_file_path"]).read_text(encoding="utf-8"),
            node["config"]["materialized"] == "view",
            tuple(parent.split(".")[-1] for parent in node["depends_on"]["nodes"]),
            tuple(rendered(hook["sql"], node["name"]) for hook in node["config"]["post-hook"]),
        )
        for node in nodes.values()
        if node["resource_type"] == "model"
        and node["path"].split("/")[0] in FOLDERS
        and node["path"].endswith(".sql")
        and not node["name"].startswith("int_scoring")
    }
    ordered: dict[str, Model] = {}
    while len(ordered) < len(found):
        ready = [each for each in found.values() if each.name not in ordered and all(p in ordered or p not in found for p in each.parents)]
        ordered |= {each.name: each for each in sorted(ready, key=lambda each: each.name)}
    return ordered


def rendered(hook: str, model: str) -> str:
    """A step after a table, as dbt renders it for the quarters."""
    macros = (PROJECT / "dbt_project" / "macros" / "landed.sql").read_text(encoding="utf-8")
    named = ", ".join(f"'{quarter}'" for quarter in QUARTERS)
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(macros + hook)
    return template.render(this=model, in_quarters=lambda column: f"{column} in ({named})").strip()


def mutants(models: dict[str, Model]) -> list[Mutant]:
    """A sample of all mutants, drawn evenly from the models."""
    chance = random.Random(SEED)
    by_model = {name: list(of_model(model)) for name, model in models.items() if name not in ("stg_row_counts", "stg_deliveries")}
    drawn: list[Mutant] = []
    for each in by_model.values():
        chance.shuffle(each)
    while len(drawn) < MUTANTS and any(by_model.values()):
        drawn += [each.pop() for each in by_model.values() if each]
    return drawn[:MUTANTS]


def of_model(model: Model) -> Iterator[Mutant]:
    """Every mutant of a model."""
    tree = sqlglot.parse_one(model.sql, dialect="duckdb")
    for number, node in enumerate(tree.walk()):
        for change, replacement in changes_of(node):
            copy = tree.copy()
            place = next(found for index, found in enumerate(copy.walk()) if index == number)
            place.replace(replacement)
            yield Mutant(model.name, f"{node.sql(dialect='duckdb')[:70]} → {change}", copy.sql(dialect="duckdb"))


def changes_of(node: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    """Other expressions for one: an operator, a bound, a default, a branch, a side of a join."""
    other = SWAPS.get(type(node))
    if other is not None and isinstance(node, exp.Binary | exp.AggFunc):
        arguments = {name: value.copy() if isinstance(value, exp.Expression) else value for name, value in node.args.items()}
        yield other.__name__, other(**{name: value for name, value in arguments.items() if name in other.arg_types})
    if isinstance(node, exp.And):
        yield "left half", node.left.copy()
        yield "right half", node.right.copy()
    if isinstance(node, exp.Coalesce):
        yield "no default", node.this.copy()
    if isinstance(node, exp.Not):
        yield "not negated", node.this.copy()
    if isinstance(node, exp.Case) and len(node.args["ifs"]) > 1:
        shorter = node.copy()
        shorter.set("ifs", shorter.args["ifs"][1:])
        yield "first branch gone", shorter
    if isinstance(node, exp.Join) and node.side in ("LEFT", ""):
        joined = node.copy()
        joined.set("side", "" if node.side == "LEFT" else "LEFT")
        joined.set("kind", "INNER" if node.side == "LEFT" else "")
        yield "other join", joined
    if isinstance(node, exp.Literal) and not node.is_string and node.parent and not isinstance(node.parent, exp.DataTypeParam):
        yield "one more", exp.Literal.number(float(node.this) + 1 if "." in node.this else int(node.this) + 1)


class Laboratory:
    """A copy of the sample's warehouse in which a mutant is computed and taken back."""

    def __init__(self, warehouse: Path, models: dict[str, Model]) -> None:
        self._models = models
        self._connection = duckdb.connect(str(warehouse / "warehouse.duckdb"))
        self._connection.execute("set file_search_path = ?", [str(warehouse)])
        self._quarters = ", ".join(f"'{quarter}'" for quarter in QUARTERS)
        for table, columns in SEEN.items():
            self._connection.execute(f"create temp table seen_{table} as select {columns} from {table} where quarter in ({self._quarters})")

    def close(self) -> None:
        self._connection.close()

    def is_killed(self, mutant: Mutant) -> str:
        """Where the suite would see the mutant; empty if nowhere."""
        self._connection.execute("begin")
        try:
            self._compute(mutant)
            for table, columns in SEEN.items():
                now = f"select {columns} from {table} where quarter in ({self._quarters})"
                differs = f"(({now}) except (from seen_{table})) union all ((from seen_{table}) except ({now}))"
                if self._connection.execute(f"select count(*) from ({differs})").fetchall()[0][0]:
                    return table
        except duckdb.Error as error:
            return f"error: {str(error).splitlines()[0][:60]}"
        finally:
            self._connection.execute("rollback")
        return ""

    def _compute(self, mutant: Mutant) -> None:
        touched: set[str] = set()
        for name, model in self._models.items():
            if name != mutant.model and not touched & set(model.parents):
                continue
            touched.add(name)
            sql = mutant.sql if name == mutant.model else model.sql
            if model.is_view:
                self._connection.execute(f"create or replace view {name} as {sql}")
            else:
                self._connection.execute(f"delete from {name} where quarter in ({self._quarters})")
                self._connection.execute(f"insert into {name} by name select * from ({sql}) as built where quarter in ({self._quarters})")
                for step in model.steps_after:
                    self._connection.execute(step)


@pytest.fixture
def laboratory(sample: Office, tmp_path: Path) -> Iterator[tuple[Laboratory, dict[str, Model]]]:
    shutil.copytree(sample.warehouse, tmp_path / "warehouse", ignore=shutil.ignore_patterns("dbt", "dagster_home", "archive", "editions"))
    office = Office(sample.data_raw, tmp_path / "warehouse", tmp_path)
    models = compiled(office, tmp_path)
    made = Laboratory(office.warehouse, models)
    yield made, models
    made.close()


def test_mutants_of_the_sql_behind_the_figures_are_killed(laboratory: tuple[Laboratory, dict[str, Model]]) -> None:
    lab, models = laboratory
    unchanged = [name for name, model in models.items() if lab.is_killed(Mutant(name, "nothing", model.sql))]
    assert unchanged == [], "a model that nobody changed gives other rows here than in the warehouse"
    drawn = mutants(models)
    outcomes = {mutant: lab.is_killed(mutant) for mutant in drawn}
    survivors = [mutant for mutant, seen in outcomes.items() if not seen]
    for mutant in survivors:
        print(f"survived: {mutant.model}: {mutant.change}")
    score = 1 - len(survivors) / len(drawn)
    print(f"\n{len(drawn)} mutants of {len(models)} models, {len(drawn) - len(survivors)} killed, {len(survivors)} survived: {score:.1%}")
    assert len(drawn) >= 150
    assert score >= LEAST_SCORE
