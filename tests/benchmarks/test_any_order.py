"""Quarters run in any order are, byte for byte, the quarters of one backfill.

Ten quarters are delivered, so that ranks of the quarter before, carried values and the gate's histories reach beyond the inputs of
a quarter that is run alone. Each order has a warehouse of its own.
"""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.quarters import parse_range
from tests.conftest import Office, deliveries, table_bytes

DELIVERED, PUBLISHED = ("2021Q2", "2023Q3"), "2022Q3..2023Q3"
ORDERS = 3


def newest(office: Office) -> dict[str, dict[str, bytes]]:
    latest = json.loads((office.warehouse / "editions" / "latest.json").read_bytes())
    return {quarter: table_bytes(office.edition(quarter, each["edition"])) for quarter, each in latest.items()}


def test_quarters_run_in_any_order_equal_a_backfill(tmp_path: Path) -> None:
    drop = deliveries(tmp_path / "drop", 11, *DELIVERED)
    quarters = [str(quarter) for quarter in parse_range(PUBLISHED)]
    chance = random.Random(315)
    orders = [[PUBLISHED], quarters[::-1], *(chance.sample(quarters, len(quarters)) for _ in range(ORDERS - 1))]

    def run(number: int) -> dict[str, dict[str, bytes]]:
        office = Office(drop, tmp_path / f"{number}", tmp_path)
        for asked in orders[number]:
            finished = office.run(asked)
            assert finished.returncode == 0, f"{orders[number]}: {asked}: {finished.stdout}{finished.stderr}"
        return newest(office)

    with ThreadPoolExecutor(2) as two:
        backfill, *others = two.map(run, range(len(orders)))
    print()
    for order, found in zip(orders[1:], others, strict=True):
        differing = [
            (quarter, name) for quarter in quarters for name in backfill[quarter] if found[quarter].get(name) != backfill[quarter][name]
        ]
        print(f"order {' '.join(order)}: {len(quarters)} quarters, {len(differing)} files differ from one backfill's")
        assert differing == []
