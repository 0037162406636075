"""How far clean amounts lie from their peers, how surely one in another unit is found: what set the bounds of chk_amounts (`make bench`).

An ordinary amount lies between the quartiles of its region's distances. Multiplying it moves its distance by the power of ten and leaves
the peers that it is held against, so what is found is read off the distances.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pipelines.feeds import FILE_FEEDS
from pipelines.landing import export_in_force, land_files, land_tax
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter, span
from pipelines.rulesets.tables import write_rule_tables
from pipelines.sample import write_sample
from pipelines.transform.project import DBT_EXECUTABLE, DBT_PROJECT, build_arguments, dbt_environment, run_environment
from pipelines.warehouse import Warehouse

FIRST, LAST = Quarter(2022, 1), Quarter(2023, 4)
SEEDS = {11: 0.02, 21: 0.05, 3: 0.2, 22: 0.5, 315: 1.0}
"""Seed and scale."""
TABLES = ("amounts", "above", "below", "errors", "warnings", "x10000", "x1000", "/10000")
_SUMMARY = """
with quartiles as (
    select
        *, percent_rank() over (partition by quarter, measure, region_code order by above) as place,
        count(*) over (partition by quarter, measure, region_code) = 1 as is_alone
    from distances
),
ordinary as (select *, place between 0.25 and 0.75 or place = 0 and is_alone as is_ordinary from quartiles)
select
    measure, count(*), max(above), max(below), count(*) filter (where above > 2),
    count(*) filter (where above > 1.5 or (below > 2 and measure not like 'tax/vat%')),
    avg(cast(above + 4 > 2 as integer)) filter (where is_ordinary),
    avg(cast(above + 3 > 1.5 as integer)) filter (where is_ordinary),
    avg(cast(below + 4 > 2 as integer)) filter (where is_ordinary)
from ordinary group by measure order by measure
"""


def built(root: Path, seed: int, scale: float) -> Warehouse:
    """Deliveries of a seed, landed, staged and checked."""
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
    command = [str(DBT_EXECUTABLE), *build_arguments(), "--exclude-resource-type", "test", "--select", "+chk_amounts"]
    command += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    environment = os.environ | dbt_environment(warehouse.root, threads=2) | run_environment(quarters, warehouse.landing)
    finished = subprocess.run(command, cwd=warehouse.root, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:]
    return warehouse


@pytest.mark.parametrize(("seed", "scale"), SEEDS.items())
def test_clean_amounts_keep_their_bounds_and_a_mistaken_unit_is_found(tmp_path: Path, seed: int, scale: float):
    warehouse = built(tmp_path, seed, scale)
    (compiled,) = (path for path in (tmp_path / "target" / "compiled").rglob("chk_amounts.sql") if ".yml" not in str(path))
    distances = compiled.read_text(encoding="utf-8").partition("by_region as (")[0].rstrip().rstrip(",")
    with warehouse.connect(read_only=False) as connection:
        connection.execute(f"create table distances as {distances} select * from distances")
        found = connection.execute(_SUMMARY).fetchall()
    print(f"\nseed {seed}, scale {scale:g}\n{'measure':<46}" + "".join(f"{name:>10}" for name in TABLES))
    for measure, *numbers in found:
        print(f"{measure:<46}" + "".join(f"{number:>10.3f}" if isinstance(number, float) else f"{number:>10}" for number in numbers))
    assert sum(row[4] for row in found) == 0, "no clean amount holds a quarter"
    assert sum(row[5] for row in found) <= sum(row[1] for row in found) / 1000
    by_measure = {row[0]: row for row in found}
    assert by_measure["contracts/contracts/tech_amount_yuan"][6] > 0.99
    assert all(row[6] > 0.75 and row[7] > 0.7 for row in found)
