"""False alarms: 20 clean generated quarters of several seeds through landing, models and gate (`make bench`).

The range begins in 2022, with the first ruleset; the last of each office's is taken to stay in force.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.feeds import FILE_FEEDS
from pipelines.gate import judge_all
from pipelines.landing import export_in_force, land_files, land_tax
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter, span
from pipelines.rulesets.tables import write_rule_tables
from pipelines.sample import write_sample
from pipelines.transform.project import DBT_EXECUTABLE, DBT_PROJECT, build_arguments, dbt_environment, run_environment
from pipelines.warehouse import Warehouse
from tests.clean_quarters import WARNINGS_PER_THOUSAND, Tally

FIRST, LAST = Quarter(2022, 1), Quarter(2026, 4)
SEEDS = {7: 0.1, 2024: 0.03}
"""Seed and scale."""


def keep_rules_in_force(landing: Path) -> None:
    """The rulesets that end last have no end, so that every quarter of the range is scored."""
    place = landing / "rulesets" / "rule_scenario.parquet"
    rules = pq.read_table(place)
    last = max(rules["valid_to"].to_pylist())
    ends = pa.array([None if end == last else end for end in rules["valid_to"].to_pylist()], rules.schema.field("valid_to").type)
    pq.write_table(rules.set_column(rules.schema.get_field_index("valid_to"), rules.schema.field("valid_to"), ends), place)


def computed(root: Path, seed: int, scale: float) -> tuple[Warehouse, Ledger]:
    """Deliveries of a seed, landed and built as a run does it, without Dagster around."""
    quarters = span(FIRST, LAST)
    write_sample(root / "drop", scale=scale, seed=seed, first=FIRST, last=LAST)
    warehouse = Warehouse(root / "warehouse")
    warehouse.root.mkdir()
    ledger = Ledger(f"sqlite:///{warehouse.root / 'ledger.sqlite'}")
    for feed in FILE_FEEDS:
        land_files(feed, quarters, root / "drop", warehouse, ledger, "bench")
    land_tax(quarters, f"sqlite:///{root / 'drop' / 'tax.sqlite'}", warehouse, ledger, "bench")
    export_in_force(warehouse, ledger)
    write_rule_tables(DBT_PROJECT / "rulesets", warehouse.landing)
    keep_rules_in_force(warehouse.landing)
    command = [str(DBT_EXECUTABLE), *build_arguments()]
    command += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    environment = os.environ | dbt_environment(warehouse.root, threads=2) | run_environment(quarters, warehouse.landing)
    finished = subprocess.run(command, cwd=warehouse.root, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:]
    return warehouse, ledger


@pytest.mark.parametrize(("seed", "scale"), SEEDS.items())
def test_twenty_clean_quarters_give_no_error_and_at_most_a_warning_per_thousand_values(tmp_path: Path, seed: int, scale: float):
    warehouse, ledger = computed(tmp_path, seed, scale)
    tally = Tally()
    for verdict in judge_all([str(quarter) for quarter in span(FIRST, LAST)], warehouse, ledger, "bench"):
        tally.add(verdict.findings)
    print(f"\nseed {seed}, scale {scale:g}: {tally}")
    assert tally.quarters == 20
    assert not tally.errors
    assert tally.per_thousand <= WARNINGS_PER_THOUSAND
