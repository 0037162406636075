"""The primary rules in SQL and Tau-Argus find the same unsafe cells in 100 generated tables, rule by rule and all together."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from tests.unit.disclosure.primary_sql import Row, judged

PYTHON = PROJECT / ".venv" / "argus" / "bin" / "python"
pytestmark = pytest.mark.skipif(
    not PYTHON.exists() and "CI" not in os.environ,
    reason="Tau-Argus is compared with, never shipped: an environment of its own (`make argus-env`), which CI makes",
)

TABLES = 100
RULES = {
    "frequency": "FREQ(3,30)",
    "dominance_1": "NK(1,75)",
    "dominance_2": "NK(2,90)",
    "p_percent": "P(10,1)",
    "all": "NK(1,75)|NK(2,90)|P(10,1)|FREQ(3,30)",
}
Contribution = tuple[str, str, float]


def table(chance: random.Random) -> list[Contribution]:
    """Contributions to a table of regions by sectors, few and uneven enough for every rule to find something, in hundredths."""
    return [
        (f"r{region}", f"s{sector}", round(10 ** chance.uniform(0, chance.choice([1, 2, 4])), 2))
        for region in range(chance.randrange(2, 5))
        for sector in range(chance.randrange(2, 5))
        for _ in range(chance.randrange(1, 9))
    ]


def by_tau_argus(tables: list[list[Contribution]], folder: Path) -> list[dict[str, set[tuple[str, str]]]]:
    """Unsafe cells by table and rules; Tau-Argus leaves files of its own in the folder it runs in."""
    columns = [dict(zip(("region", "sector", "amount"), map(list, zip(*rows, strict=True)), strict=True)) for rows in tables]
    asked = json.dumps({"rules": RULES, "tables": columns})
    done = subprocess.run(
        [str(PYTHON), str(PROJECT / "tests" / "reference" / "tau_argus.py")],
        input=asked,
        capture_output=True,
        cwd=folder,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        {name: {(one, other) for one, other in cells} for name, cells in found.items()}
        for found in json.loads(done.stdout.splitlines()[-1])
    ]


def rows(tables: list[list[Contribution]]) -> Iterator[Row]:
    """The contributions to all cells and margins of all tables, named table/region/sector."""
    for number, contributions in enumerate(tables):
        for firm, (region, sector, amount) in enumerate(contributions):
            for one in (region, "Total"):
                for other in (sector, "Total"):
                    yield f"{number}/{one}/{other}", "2023Q1", f"firm {firm}", Decimal(str(amount))


def test_tau_argus_finds_the_same_primaries_in_100_tables(tmp_path: Path) -> None:
    tables = [table(random.Random(seed)) for seed in range(TABLES)]
    ours = judged(rows(tables))
    found = dict.fromkeys(RULES, 0)
    for number, theirs in enumerate(by_tau_argus(tables, tmp_path)):
        mine = {
            tuple(cell.split("/")[1:]): (row["unsafe_by"] or "").split(";")
            for cell, row in ours.items()
            if cell.split("/")[0] == str(number)
        }
        for name, cells in theirs.items():
            assert cells == {cell for cell, failed in mine.items() if name in failed or (name == "all" and failed != [""])}, (number, name)
            found[name] += len(cells)
    print(f"\n{TABLES} tables, {len(ours)} cells; unsafe by both: {found}")
    assert min(found.values()) >= 50
