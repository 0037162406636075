"""What a backfill costs: 20 quarters in one go against one quarter's run, and a new quarter on a long history against a short one."""

from __future__ import annotations

import time
from pathlib import Path

from tests.conftest import Office, deliveries

BACKFILL_RATIO = 3.0
HISTORY_RATIO = 1.1
SEED, NEWEST, BEFORE = 11, "2026Q4", "2026Q3"
PUBLISHED, HELD = 0, 10


def run(office: Office, quarters: str, ends: int = PUBLISHED) -> float:
    begun = time.monotonic()
    finished = office.run(quarters)
    assert finished.returncode == ends, finished.stdout + finished.stderr
    return time.monotonic() - begun


def test_twenty_quarters_in_one_backfill_cost_at_most_three_runs_of_one(tmp_path: Path) -> None:
    """One quarter alone lands all 20, which it rests on; the second number tells what it costs with the two years of its inputs."""
    drop = deliveries(tmp_path / "drop", SEED, "2022Q1", NEWEST)
    alone = run(Office(drop, tmp_path / "alone", tmp_path), NEWEST)
    of_two_years = deliveries(tmp_path / "two_years", SEED, "2025Q1", NEWEST)
    few = run(Office(of_two_years, tmp_path / "few", tmp_path), NEWEST)
    together = run(Office(drop, tmp_path / "together", tmp_path), f"2022Q1..{NEWEST}")
    ratios = f"{together / alone:.2f} and {together / few:.2f} (at most {BACKFILL_RATIO})"
    print(f"\nbackfill: one quarter {alone:.1f} s, with two years {few:.1f} s, 20 quarters {together:.1f} s, ratios {ratios}")
    assert together <= BACKFILL_RATIO * few


def test_a_new_quarter_costs_the_same_on_a_long_history_as_on_four_quarters(tmp_path: Path) -> None:
    """The longest history that can be scored by now; forty quarters end in 2028. Quarters before 2022 have no rules and are held."""
    costs = {}
    for name, first, ends in (("short", "2025Q4", PUBLISHED), ("long", "2019Q1", HELD)):
        office = Office(deliveries(tmp_path / f"drop_{name}", SEED, first, NEWEST), tmp_path / name, tmp_path)
        not_yet = (office.data_raw / NEWEST).rename(tmp_path / f"not_yet_{name}")
        run(office, f"{first}..{BEFORE}", ends)
        not_yet.rename(office.data_raw / NEWEST)
        costs[name] = run(office, NEWEST)
    ratio = costs["long"] / costs["short"]
    on = f"{costs['short']:.1f} s on 4 quarters, {costs['long']:.1f} s on 31"
    print(f"\nhistory: a new quarter {on}, ratio {ratio:.2f} (at most {HISTORY_RATIO})")
    assert ratio <= HISTORY_RATIO
