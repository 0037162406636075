"""The unit tests that stand beside the models, which runs leave out."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from pipelines.transform.project import DBT_EXECUTABLE, DBT_PROJECT, dbt_environment
from tests.conftest import Office


def test_every_model_passes_its_unit_tests(small: Office, tmp_path: Path) -> None:
    shutil.copyfile(small.warehouse / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    (tmp_path / "landing").symlink_to(small.warehouse / "landing")
    command = [
        str(DBT_EXECUTABLE),
        "test",
        "--select",
        "test_type:unit",
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
    ]
    command += ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "dbt")]
    # A quarter before these is in the rows that they are given, and not to be counted anew.
    environment = os.environ | dbt_environment(tmp_path, 2) | {"RUN_QUARTERS": "2023Q3 2023Q4"}
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "ERROR=0 SKIP=0" in told.stdout
    assert "PASS=0" not in told.stdout
