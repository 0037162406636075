"""Crash states in their long form: every distinct state is looked at, and the work repeated wherever the next run could notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publishing_crashes import Cuts, ledger_waits_for_the_disk, told

SUBSETS = 20


def test_every_crash_state_is_valid_and_every_repetition_ends_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = Cuts(tmp_path, monkeypatch, subsets=SUBSETS)
    trials = cuts.run()
    tried, valid = sum(trial.tried for trial in trials.values()), sum(trial.valid for trial in trials.values())
    print("\n" + "\n".join([*told(trials), f"together: {tried:,} states, {valid:,} valid"]))
    assert [fault for trial in trials.values() for fault in trial.broken] == []
    assert ledger_waits_for_the_disk(cuts.small)
