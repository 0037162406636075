"""The dbt project on Apache Spark: every table that DuckDB would build, from the same landing files, in one session.

Here: the session, the builds in it, and the robustness between them. Not here: SQL (dbt_project), what Spark is told of literals and
decimals (the target `spark` of profiles.yml), the run of a quarter, which is DuckDB's (assets.py). It needs the optional extra `spark`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.disclosure.warehouse import withheld_table
from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.errors import Failure, UsageError
from pipelines.landing import published
from pipelines.quarters import Quarter, parse_range
from pipelines.robustness.published import measures
from pipelines.robustness.scored import TABLES_READ
from pipelines.rulesets.in_memory import INPUTS
from pipelines.rulesets.parameters import TABLES
from pipelines.settings import load_settings
from pipelines.transform.project import DBT_PROJECT, dbt_environment, run_environment
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = "i315"
PUBLISHED = tuple(table.source for table in WAREHOUSE_TABLES)
ROBUSTNESS = "rob_measures"
WITHHELD, AUDIT = "dis_withheld", "dis_audit"
PATTERN_FROM = {
    "amounts": "int_measures",
    "cells": "dis_cells",
    "divisions": "divisions",
    "catalogue": "indicators",
    "measures": "disclosure_measures",
}
"""What the pattern of withheld figures is made from, beside what earlier editions told."""
DRAWN_FROM = ("score_runs", *TABLES_READ, *INPUTS, "revisions")
"""What the draws read; where the wanted tables do not rest on all of it, they do not rest on the draws."""
CORES = 2
LOCAL = {
    # A landing of one office is small: more parts than cores, or a plan made anew on the way, cost more than they bring.
    "spark.sql.shuffle.partitions": str(CORES),
    "spark.sql.adaptive.enabled": "false",
    # A build of minutes is over before the better compiler has paid for itself.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def tables_in(folder: Path) -> Path:
    """Where `build` leaves its tables: `<table>/*.parquet`."""
    return folder / "tables" / f"{SCHEMA}.db"


def build(
    warehouse: Warehouse, quarters: list[Quarter], folder: Path, master: str | None = None, wanted: Sequence[str] = PUBLISHED
) -> None:
    """Build the project's tables of `quarters` from a warehouse's landing into `folder`; what was there is made anew.

    `master` is the cluster as Spark names it (`yarn`, `spark://…`); without one, Spark runs inside this process on two cores. `wanted`
    are the models to build, with all that they rest on: those that editions publish, if none are named. `Failure` if dbt does not succeed.
    """
    os.environ.update(dbt_environment(warehouse.root, CORES) | run_environment(quarters, warehouse.landing))
    # What the last parse for DuckDB found does not hold here.
    os.environ.pop("DBT_PARTIAL_PARSE_FILE_PATH", None)
    shutil.rmtree(folder / "tables", ignore_errors=True)
    session = open_session(folder, master)
    try:
        _dbt(folder, "run-operation", "tables_of_landing")
        # The pattern and the draws are no SQL: they read what Spark has built, and Spark goes on from what they give.
        _build(folder, [f"+{name}" for name in wanted], f"{WITHHELD}+", f"{AUDIT}+", f"{ROBUSTNESS}+")
        if all(session.catalog.tableExists(f"{SCHEMA}.{name}") for name in PATTERN_FROM.values()):
            _add_pattern(session, warehouse, folder)
            _build(folder, [f"{WITHHELD}+,+{name}" for name in wanted], WITHHELD, f"{AUDIT}+", f"{ROBUSTNESS}+")
        if all(session.catalog.tableExists(f"{SCHEMA}.{name}") for name in DRAWN_FROM):
            _add_robustness(session, warehouse, folder)
            _build(folder, [f"{ROBUSTNESS}+,+{name}" for name in wanted], ROBUSTNESS)
    finally:
        session.stop()


def open_session(folder: Path, master: str | None) -> SparkSession:
    """The session that dbt finds in this process; its tables, scratch and catalogue lie in `folder` or in memory."""
    from pyspark.sql import SparkSession

    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "spark.master": master or f"local[{CORES}]",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.log.level": "ERROR",
    }
    local = {} if master else LOCAL | {"spark.local.dir": str(folder / "scratch")}
    return SparkSession.builder.appName(SCHEMA).config(map=settings | local).getOrCreate()


def _build(folder: Path, selected: list[str], *without: str) -> None:
    _dbt(folder, "build", "--resource-type", "seed", "--resource-type", "model", "--select", *selected, "--exclude", *without)


def _dbt(folder: Path, *arguments: str) -> None:
    from dbt.cli.main import dbtRunner

    places = {"--project-dir": DBT_PROJECT, "--profiles-dir": DBT_PROJECT, "--target-path": folder / "dbt", "--log-path": folder / "dbt"}
    options = [str(each) for option in places.items() for each in option]
    if not dbtRunner().invoke([*arguments, "--target", "spark", *options]).success:
        raise Failure(f"dbt {arguments[0]} failed on Spark: expected every table to be built; next: read {folder / 'dbt' / 'dbt.log'}")


def _add_pattern(session: SparkSession, warehouse: Warehouse, folder: Path) -> None:
    """What the model `dis_withheld` finds on DuckDB, by the same function, as a table of the session."""
    import duckdb

    with duckdb.connect() as connection:
        relations = {name: connection.from_arrow(session.table(f"{SCHEMA}.{table}").toArrow()) for name, table in PATTERN_FROM.items()}
        for name in published.SCHEMAS:
            relations[f"{name}_then"] = connection.read_parquet(str(warehouse.landing / "published" / f"{name}.parquet"))
        _add(withheld_table(connection, WITHHELD, relations), WITHHELD, session, folder)


def _add(table: pa.Table, name: str, session: SparkSession, folder: Path) -> None:
    place = tables_in(folder) / name
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, place / "all.parquet")
    session.sql(f"create table {SCHEMA}.{name} using parquet location '{place}'")


def _add_robustness(session: SparkSession, warehouse: Warehouse, folder: Path) -> None:
    """What the model `rob_measures` computes on DuckDB, by the same function, as a table of the session."""
    read = {name: session.table(f"{SCHEMA}.{name}").toArrow() for name in DRAWN_FROM}
    rules = {name: pq.read_table(warehouse.landing / "rulesets" / f"{name}.parquet") for name in TABLES}
    _add(measures(read, rules, None, read["revisions"]), ROBUSTNESS, session, folder)


def main(arguments: list[str]) -> None:
    """`python -m pipelines.transform.spark WAREHOUSE FOLDER QUARTERS [TABLE …]`, quarters as `i315 run` takes them."""
    if len(arguments) < 3:
        raise UsageError(f"found {len(arguments)} arguments; expected WAREHOUSE FOLDER QUARTERS and, if not those of editions, tables")
    warehouse, folder, quarters, *wanted = arguments
    build(
        Warehouse(Path(warehouse).resolve()),
        parse_range(quarters),
        Path(folder).resolve(),
        load_settings().spark_master,
        wanted or PUBLISHED,
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
