"""Tampering in its long form: after every act all eight editions, archive and ledger are verified (`make bench`)."""

from __future__ import annotations

import time
from pathlib import Path

from tests.tampering import Place, flips, signed_editions, unnamed_acts

EDITIONS = 8
FLIPS = 1000


def test_a_thousand_flips_and_every_other_act_are_named_and_eight_editions_take_less_than_ten_seconds(tmp_path: Path) -> None:
    place = Place(signed_editions(tmp_path, EDITIONS), is_thorough=True)
    started = time.perf_counter()
    assert place.faults([]) == []
    seconds = time.perf_counter() - started
    missed = flips(place, FLIPS, seed=2023)
    print(f"\nflips: {FLIPS - len(missed)} of {FLIPS:,} named, verify of {len(place.editions)} editions in {seconds:.2f} s (at most 10)")
    count, unnamed = unnamed_acts(place)
    print(f"files, editions and ledger lines removed, added, swapped, reordered, back-dated: {count - len(unnamed)} of {count} named")
    assert (missed, unnamed) == ([], [])
    assert seconds < 10
