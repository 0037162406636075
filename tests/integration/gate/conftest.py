"""A clean warehouse built once by dbt, and copies of it whose figures a test may falsify."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.rulesets.tables import write_rule_tables
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse
from tests.integration.gate.clean_landing import QUARTERS, write_clean_landing


@dataclass(frozen=True)
class CleanWarehouse:
    """The warehouse and the SQL that dbt compiled for it, by model."""

    warehouse: Warehouse
    compiled: dict[str, str]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CleanWarehouse:
    root = tmp_path_factory.mktemp("clean")
    warehouse = Warehouse(root / "warehouse")
    write_clean_landing(warehouse.landing)
    write_rule_tables(PROJECT / "dbt_project" / "rulesets", warehouse.landing)
    command = [str(Path(sys.executable).parent / "dbt"), "build", "--vars", json.dumps({"quarters": QUARTERS}), "--quiet"]
    for option in ("--project-dir", "--profiles-dir"):
        command += [option, str(PROJECT / "dbt_project")]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    done = subprocess.run(command, env=os.environ | {"I315_WAREHOUSE": str(warehouse.root)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    compiled = {path.stem: path.read_text(encoding="utf-8") for path in (root / "target" / "compiled").rglob("*.sql")}
    return CleanWarehouse(warehouse, compiled)


@dataclass(frozen=True)
class Falsified:
    """The clean warehouse, falsified for the length of one question."""

    warehouse: Warehouse
    compiled: dict[str, str]

    def excesses(self, check_model: str, check: str, statements: str, rebuilt: tuple[str, ...] = ()) -> dict[str, float | None]:
        """Subjects outside their bounds in 2023Q3 after the statements, with the excess; the copy is then as it was.

        `rebuilt` are models to recompute before the check's own.
        """
        with self.warehouse.connect(read_only=False) as connection:
            connection.execute("begin")
            connection.execute(statements)
            for model in (*rebuilt, check_model):
                connection.execute(f"create or replace table {model} as {self.compiled[model]}")
            found = connection.execute(
                f"select region_code, indicator, excess from {check_model} where quarter = '2023Q3' and check_name = ? "
                "and (excess > 0 or excess is null)",
                [check],
            ).fetchall()
            connection.execute("rollback")
        return {"/".join(part for part in (region, indicator) if part): excess for region, indicator, excess in found}


@pytest.fixture(scope="session")
def falsified(clean: CleanWarehouse) -> Falsified:
    return Falsified(clean.warehouse, clean.compiled)
