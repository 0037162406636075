"""Every state in which a power cut may leave a publication or a withdrawal is valid, and doing it again ends clean (the short form)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import durable
from tests.publishing_crashes import Cuts, ledger_waits_for_the_disk, told

REPEATS = 2


def test_every_crash_state_of_publishing_and_withdrawing_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = Cuts(tmp_path, monkeypatch, repeats=REPEATS)
    trials = cuts.run()
    print("\n" + "\n".join(told(trials)))
    assert [fault for trial in trials.values() for fault in trial.broken] == []
    assert sum(trial.tried for trial in trials.values()) > 5000
    assert ledger_waits_for_the_disk(cuts.small)


def test_a_protocol_that_does_not_wait_for_the_disk_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "sync", lambda path: None)
    trial = Cuts(tmp_path, monkeypatch, repeats=1).first()
    assert trial.valid < trial.tried
    assert any("found no such file" in fault for fault in trial.broken)
    assert any("found it recorded or in force without a folder" in fault for fault in trial.broken)
