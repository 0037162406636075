"""A clean warehouse built once by dbt, and a copy of it whose figures a test may falsify."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.rulesets.tables import write_rule_tables
from pipelines.settings import PROJECT
from pipelines.transform.project import build_arguments
from pipelines.warehouse import Warehouse
from tests.conftest import built_once
from tests.integration.gate.clean_landing import QUARTERS, write_clean_landing


@dataclass(frozen=True)
class CleanWarehouse:
    """The warehouse and the SQL that dbt compiled for it, by model."""

    warehouse: Warehouse
    compiled: dict[str, str]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CleanWarehouse:
    root = built_once(tmp_path_factory, "clean_warehouse", _build)
    # Below a `.yml` lie unit tests, under the names of the models that they are about.
    models = [path for path in (root / "target" / "compiled").rglob("*.sql") if ".yml" not in str(path)]
    compiled = {path.stem: path.read_text(encoding="utf-8") for path in models}
    return CleanWarehouse(Warehouse(root / "warehouse"), compiled)


def _build(root: Path) -> None:
    warehouse = Warehouse(root / "warehouse")
    write_clean_landing(warehouse.landing)
    write_rule_tables(PROJECT / "dbt_project" / "rulesets", warehouse.landing)
    command = [str(Path(sys.executable).parent / "dbt"), *build_arguments(), "--quiet"]
    for option in ("--project-dir", "--profiles-dir"):
        command += [option, str(PROJECT / "dbt_project")]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    environment = os.environ | {"RUN_QUARTERS": " ".join(QUARTERS), "RUN_SCORED": " ".join(QUARTERS)}
    done = subprocess.run(command, cwd=warehouse.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


@dataclass(frozen=True)
class Falsified:
    """A copy of the clean warehouse, falsified for the length of one question."""

    warehouse: Warehouse
    compiled: dict[str, str]

    @contextmanager
    def after(self, statements: str, rebuilt: tuple[str, ...] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse after the statements, with the models of `rebuilt` computed anew; afterwards it is as it was."""
        with self.warehouse.connect(read_only=False) as connection:
            connection.execute("begin")
            connection.execute(statements)
            for model in rebuilt:
                connection.execute(f"create or replace table {model} as {self.compiled[model]}")
            yield connection
            connection.execute("rollback")

    def excesses(self, check_model: str, check: str, statements: str, rebuilt: tuple[str, ...] = ()) -> dict[str, float | None]:
        """Subjects outside their bounds in 2023Q3 after the statements, with the excess.

        `rebuilt` are models to recompute before the check's own.
        """
        with self.after(statements, (*rebuilt, check_model)) as connection:
            found = connection.execute(
                f"select region_code, indicator, excess from {check_model} where quarter = '2023Q3' and check_name = ? "
                "and (excess > 0 or excess is null)",
                [check],
            ).fetchall()
        return {"/".join(part for part in (region, indicator) if part): excess for region, indicator, excess in found}


@pytest.fixture(scope="session")
def falsified(clean: CleanWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Falsified:
    warehouse = Warehouse(tmp_path_factory.mktemp("falsified"))
    shutil.copy(clean.warehouse.database, warehouse.database)
    warehouse.landing.symlink_to(clean.warehouse.landing)
    return Falsified(warehouse, clean.compiled)
