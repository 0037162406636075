"""Several failures of a run are reported as one: every text once, the exit code of what has to be put right first."""

from __future__ import annotations

from itertools import permutations

import pytest

from pipelines.errors import DeliveryRejected, Failure, HeldByGate, InfrastructureError, Problem, UsageError, combined


def rejected(file: str) -> DeliveryRejected:
    return DeliveryRejected(Problem("unreadable", file, "nothing", "a file", "send it"))


@pytest.mark.parametrize(
    ("kinds", "exit_code"),
    [
        ((rejected("a"), rejected("b")), 20),
        ((rejected("a"), InfrastructureError("lost")), 30),
        ((InfrastructureError("lost"), UsageError("wrong"), rejected("a")), 2),
        ((HeldByGate("held"), rejected("a")), 10),
    ],
)
def test_the_exit_code_is_that_of_what_has_to_be_put_right_first_in_any_order(kinds: tuple[Failure, ...], exit_code: int):
    texts = {str(each) for each in kinds}
    for ordered in permutations(kinds):
        fresh = [type(each)(each.problem) if isinstance(each, DeliveryRejected) else type(each)(*each.args) for each in ordered]
        found = combined(fresh)
        assert found.exit_code == exit_code
        assert set(found.lines) == texts
        assert all(text in str(found) for text in texts)


def test_what_several_steps_tell_alike_is_reported_once():
    assert combined([UsageError("drop folder"), UsageError("drop folder")]).lines == ("drop folder",)
