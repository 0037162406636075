"""What a check says: a state, what was found, and the next step wherever something is to be done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Answer:
    """`check` is what was looked at, `found` one line about it, `next_step` what to do (empty if it is fine)."""

    check: str
    state: State
    found: str
    next_step: str = ""

    def payload(self) -> dict[str, str]:
        """The answer for machines."""
        return asdict(self)


def ok(check: str, found: str) -> Answer:
    """All is as it should be."""
    return Answer(check, "ok", found)


def warn(check: str, found: str, next_step: str) -> Answer:
    """The system runs, and someone should know."""
    return Answer(check, "warn", found, next_step)


def fail(check: str, found: str, next_step: str) -> Answer:
    """The system does not run, or not as it promises."""
    return Answer(check, "fail", found, next_step)
