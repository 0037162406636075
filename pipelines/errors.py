"""Errors that a person can act on, each with the exit code that a scheduler decides by.

Here: the classes and their one-line texts (what, where, found, expected, next step).
Not here: judging data (landing rejects, staging quarantines, the gate holds).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


class Failure(Exception):
    """Base of every error that is reported as one line; `exit_code` follows design.md, decision 25."""

    exit_code = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """The texts to report, one line each: its own, and those of the failures that it stands for (`combined`)."""
        return tuple(map(str, self.args))

    def __str__(self) -> str:
        return "; ".join(self.lines)


class UsageError(Failure):
    """The command, a setting or a file that people edit (ruleset, suite, waiver) is wrong."""

    exit_code = 2


class HeldByGate(Failure):
    """The gate found an unwaived error, or gave no verdict on exactly this data: nothing is published."""

    exit_code = 10


class LedgerBroken(Failure):
    """An entry of the ledger was changed, removed or moved."""


class InfrastructureError(Failure):
    """A database, disk or process that the system needs is not there."""

    exit_code = 30


class Interrupted(Failure):
    """Someone ended the run (SIGTERM, SIGINT): what was published stays, the next run goes on."""


#: Every kind of rejection; the type checker holds raise sites to it, a test holds the offices' words to it.
Code = Literal[
    "body_empty",
    "body_merged",
    "column_duplicate",
    "column_missing",
    "column_type",
    "csv_structure",
    "encoding",
    "encrypted",
    "far_cell",
    "file_name",
    "formula_uncalculated",
    "key_duplicate",
    "not_a_file",
    "period_mismatch",
    "reader_died",
    "sheet_duplicate",
    "sheet_missing",
    "table_missing",
    "too_large",
    "truncated",
    "unit_unknown",
    "unreadable",
    "unsafe_package",
    "value_unfit",
]


@dataclass(frozen=True)
class Problem:
    """Why a delivery is rejected, in the terms of the office that delivered it.

    `code` names the kind (`period_mismatch`, `sheet_missing`, `column_missing`, `unreadable`, `encoding`, …); `file` is the
    delivered file's name, `sheet` a sheet or table, `place` a cell, line or byte; empty where they do not apply. `value` is the
    found thing alone, without English words (a title, names of missing columns, a unit, bytes in hex, a number of members).
    """

    code: Code
    file: str
    found: str
    expected: str
    next_step: str
    sheet: str = ""
    place: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, f"sheet {self.sheet}" if self.sheet else "", self.place) if part)
        return f"{self.code}: {where}: found {self.found}; expected {self.expected}; next: {self.next_step}"


class DeliveryRejected(Failure):
    """A delivery breaks its contract; the accepted one before it stays in force and nothing is published."""

    exit_code = 20

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


#: Of several failures the first of these names the exit code: what the operator must put right before the rest can be seen at all.
_RANK = (UsageError, InfrastructureError, DeliveryRejected)


def combined(failures: Sequence[Failure]) -> Failure:
    """One failure that reports all of `failures`, each once.

    A usage error goes before lost infrastructure, that before a rejected delivery: what could not be read may hold further rejections,
    and those that were found are found again by the next run.
    """
    first = min(failures, key=lambda failure: next((rank for rank, kind in enumerate(_RANK) if isinstance(failure, kind)), -1))
    others = (line for failure in failures if failure is not first for line in failure.lines)
    first.args = tuple(dict.fromkeys((*first.lines, *others)))
    return first
