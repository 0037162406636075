"""Histories of corrections, rules, divisions and withdrawals: as-of answers, editions and revision logs are those of the naive model.

A short form; `make bench` takes 2,000 histories.
"""

from __future__ import annotations

from hypothesis import given, settings

from tests.histories.telling import HISTORIES, History


@settings(max_examples=25, derandomize=True)
@given(HISTORIES)
def test_the_record_of_any_history_answers_as_the_naive_model(steps: list[tuple]) -> None:
    History().take(steps)
