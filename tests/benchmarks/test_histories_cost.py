"""2,000 histories of up to 30 steps against the naive bitemporal model."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings

from tests.histories.telling import HISTORIES, History

N_HISTORIES = 2_000


def test_two_thousand_histories_answer_as_the_naive_model() -> None:
    counted = {"histories": 0, "steps": 0, "editions": 0}

    # The first history that fails is told as it is: making it smaller takes longer than all others together.
    @settings(max_examples=N_HISTORIES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(HISTORIES)
    def told(steps: list[tuple]) -> None:
        history = History()
        history.take(steps)
        counted["histories"] += 1
        counted["steps"] += len(steps)
        counted["editions"] += history.editions

    told()
    print(f"\nhistories: {counted['histories']} with {counted['steps']} steps and {counted['editions']} editions, all as the naive model")
    assert counted["histories"] >= N_HISTORIES
