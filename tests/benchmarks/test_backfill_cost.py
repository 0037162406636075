"""What a backfill costs: 20 quarters in one go against one quarter's run, and a new quarter on a long history against a short one."""

from __future__ import annotations

import time
from pathlib import Path

from tests.conftest import Office, deliveries

BACKFILL_RATIO = 3.0
HISTORY_RATIO = 1.1
SEED, NEWEST, BEFORE = 11, "2026Q4", "2026Q3"
PUBLISHED, HELD = 0, 10


def run(office: Office, quarters: str, *ends: int) -> float:
    begun = time.monotonic()
    finished = office.run(quarters)
    assert finished.returncode in (PUBLISHED, *ends), finished.stdout + finished.stderr
    return time.monotonic() - begun


def test_twenty_quarters_in_one_backfill_cost_at_most_three_runs_of_one(tmp_path: Path) -> None:
    """One quarter alone lands and computes all 20 that it rests on; the second ratio is to one that was delivered two years only."""
    drop = deliveries(tmp_path / "drop", SEED, "2022Q1", NEWEST)
    alone = run(Office(drop, tmp_path / "alone", tmp_path), NEWEST)
    of_two_years = deliveries(tmp_path / "two_years", SEED, "2025Q1", NEWEST)
    few = run(Office(of_two_years, tmp_path / "few", tmp_path), NEWEST)
    together = run(Office(drop, tmp_path / "together", tmp_path), f"2022Q1..{NEWEST}")
    ratios = f"{together / alone:.2f} and {together / few:.2f} (at most {BACKFILL_RATIO})"
    print(f"\nbackfill: one quarter {alone:.1f} s, with two years {few:.1f} s, 20 quarters {together:.1f} s, ratios {ratios}")
    assert together <= BACKFILL_RATIO * alone


def test_a_new_quarter_costs_the_same_on_a_long_history_as_on_four_quarters(tmp_path: Path) -> None:
    """The longest history that can be scored by now; forty quarters end in 2028.

    Quarters without rules (before 2022), or without what came before them, are held; they are computed like all others.
    """
    costs = {}
    for name, first in (("short", "2025Q4"), ("long", "2019Q1")):
        office = Office(deliveries(tmp_path / f"drop_{name}", SEED, first, NEWEST), tmp_path / name, tmp_path)
        not_yet = (office.data_raw / NEWEST).rename(tmp_path / f"not_yet_{name}")
        run(office, f"{first}..{BEFORE}", HELD)
        not_yet.rename(office.data_raw / NEWEST)
        costs[name] = run(office, NEWEST)
    ratio = costs["long"] / costs["short"]
    on = f"{costs['short']:.1f} s on 4 quarters, {costs['long']:.1f} s on 31"
    print(f"\nhistory: a new quarter {on}, ratio {ratio:.2f} (at most {HISTORY_RATIO})")
    assert ratio <= HISTORY_RATIO
