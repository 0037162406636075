"""What a backfill costs: 20 quarters in one go against one quarter's run, and a new quarter on a long history against a short one."""

from __future__ import annotations

import time
from pathlib import Path

from tests.conftest import Office, deliveries

BACKFILL_RATIO = 3.0
HISTORY_RATIO = 1.1


def run(office: Office, quarters: str) -> float:
    begun = time.monotonic()
    finished = office.run(quarters)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return time.monotonic() - begun


def test_twenty_quarters_in_one_backfill_cost_at_most_three_runs_of_one(tmp_path: Path) -> None:
    drop = deliveries(tmp_path / "drop", 11, "2019Q1", "2023Q4")
    alone = run(Office(drop, tmp_path / "alone", tmp_path), "2023Q4")
    together = run(Office(drop, tmp_path / "together", tmp_path), "2019Q1..2023Q4")
    print(f"\nbackfill: one quarter {alone:.1f} s, 20 quarters {together:.1f} s, ratio {together / alone:.2f} (at most {BACKFILL_RATIO})")
    assert together <= BACKFILL_RATIO * alone


def test_a_new_quarter_costs_the_same_on_a_long_history_as_on_four_quarters(tmp_path: Path) -> None:
    """The longest history that there are partitions for by now; forty quarters end in 2028."""
    drop = deliveries(tmp_path / "drop", 11, "2019Q1", "2026Q1")
    costs = {}
    for name, first in {"short": "2025Q1", "long": "2019Q1"}.items():
        office = Office(drop, tmp_path / name, tmp_path)
        run(office, f"{first}..2025Q4")
        costs[name] = run(office, "2026Q1")
    ratio = costs["long"] / costs["short"]
    on = f"{costs['short']:.1f} s on 4 quarters, {costs['long']:.1f} s on 28"
    print(f"\nhistory: a new quarter {on}, ratio {ratio:.2f} (at most {HISTORY_RATIO})")
    assert ratio <= HISTORY_RATIO
