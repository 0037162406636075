"""500 generated systems of linked tables: no primary is exposed, no secondary cell is one too many, the loss is the least there is."""

from __future__ import annotations

from tests.reference.system_trials import check, trials


def test_generated_systems_are_safe_minimal_and_of_least_loss() -> None:
    check(trials(range(500)))
