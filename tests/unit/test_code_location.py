"""What Dagster loads at every start stays light: its webserver, daemon and every run begin with it."""

import subprocess
import sys

from tests.conftest import PROJECT, clean_environment

HEAVY = {
    "dbt",
    "great_expectations",
    "openlineage",
    "pandas",
    "numpy",
    "pyarrow",
    "duckdb",
    "sqlalchemy",
    "openpyxl",
    "xlsxwriter",
    "python_calamine",
}


def test_loading_the_code_location_imports_neither_dbt_nor_great_expectations_nor_anything_that_reads_data() -> None:
    load = "import sys; from pipelines.definitions import defs; defs(); print(*sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", load], env=clean_environment(), cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(finished.stdout.split())
    assert "dagster_dbt" in loaded
    assert HEAVY & loaded == set()
