"""The dbt project as this system runs it: where it lies, its manifest, and the arguments of a build.

Here: what is needed to call dbt. Not here: dagster, SQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.durable import write_bytes
from pipelines.errors import Failure
from pipelines.quarters import Quarter
from pipelines.settings import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
DBT_EXECUTABLE = Path(sys.executable).parent / "dbt"
DBT_OF_A_RUN = PROJECT / "pipelines" / "transform" / "dbt_of_a_run"
TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
_FINGERPRINT = TARGET / "manifest.sha256"
_PARSED = TARGET / "partial_parse.msgpack"
_SOURCE_FOLDERS = ("models", "macros", "seeds", "tests")


def dbt_environment(warehouse: Path, threads: int) -> dict[str, str]:
    """What dbt (and `dbt_of_a_run` around it) finds in its environment: warehouse, DuckDB's threads, executable, no word to outside."""
    return {
        "RUN_DUCKDB_THREADS": str(threads),
        "RUN_WAREHOUSE": str(warehouse),
        "RUN_DBT": str(DBT_EXECUTABLE),
        "RUN_DBT_VERSION": version("dbt-core"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_USE_COLORS": "false",
        # What the last parse of the project found; dbt refuses a path where there is none yet.
        **({"DBT_PARTIAL_PARSE_FILE_PATH": str(_PARSED)} if _PARSED.is_file() else {}),
    }


def run_environment(quarters: list[Quarter], landing: Path, asked: list[Quarter] | None = None) -> dict[str, str]:
    """What the models find in the environment of a build (macros/quarters.sql).

    `quarters` are those whose rows are made anew; `asked`, all of them if not given, are those whose checks and work lists are too. The
    rules that lie in `landing` say which quarters are scored with them, and how deep their deepest tree is, so that scoring unrolls no
    level that no tree has.
    """
    from pipelines.rulesets.tables import deepest_tree, scored_quarters

    if not quarters:
        raise ValueError("a build of no quarters would rebuild nothing and look like success")
    named = {"RUN_QUARTERS": quarters, "RUN_ASKED": quarters if asked is None else asked, "RUN_SCORED": scored_quarters(landing, quarters)}
    return {name: " ".join(map(str, each)) for name, each in named.items()} | {"RUN_DEEPEST": str(deepest_tree(landing))}


def build_arguments(*, is_whole: bool = False) -> list[str]:
    """Arguments of the one `dbt build` of a run; `is_whole` makes every table of nothing but the run's quarters.

    Unit tests of models are left out: they judge code on rows of their own, and belong to the test suite.
    """
    return ["build", "--exclude-resource-type", "unit_test", *(["--full-refresh"] if is_whole else [])]


def build(warehouse: Path, quarters: list[Quarter], landing: Path, threads: int, asked: list[Quarter] | None = None) -> None:
    """Call that build on a warehouse folder without Dagster; `Failure` with dbt's last words if it does not succeed."""
    command = [str(DBT_OF_A_RUN), *build_arguments(), "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    command += ["--target-path", str(warehouse / "dbt"), "--log-path", str(warehouse / "dbt")]
    environment = os.environ | dbt_environment(warehouse, threads) | run_environment(quarters, landing, asked)
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise Failure(f"dbt did not build {warehouse}: found {finished.stdout.strip()[-2000:]}; expected every model and test to succeed")


def project_sha256() -> str:
    """SHA-256 over every file of the dbt project that changes what dbt builds."""
    digest = hashlib.sha256()
    files = [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml"]
    for folder in _SOURCE_FOLDERS:
        files += sorted(path for path in (DBT_PROJECT / folder).rglob("*") if path.is_file())
    for path in files:
        digest.update(f"{path.relative_to(DBT_PROJECT).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fresh_manifest() -> dict[str, Any]:
    """The project's manifest, the same for every warehouse, parsed anew if any source file changed since the last time."""
    fingerprint = project_sha256()
    if not (MANIFEST.exists() and _FINGERPRINT.exists() and _FINGERPRINT.read_text() == fingerprint):
        command = [str(DBT_EXECUTABLE), "parse", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        command += ["--target-path", str(TARGET), "--log-path", str(TARGET)]
        finished = subprocess.run(
            command, env=os.environ | dbt_environment(TARGET, os.cpu_count() or 1), capture_output=True, text=True, check=False
        )
        if finished.returncode != 0:
            raise Failure(f"dbt cannot read the project in {DBT_PROJECT.name}: found {(finished.stdout + finished.stderr).strip()[-2000:]}")
        write_bytes(_FINGERPRINT, fingerprint.encode())
    return dict(json.loads(MANIFEST.read_bytes()))
