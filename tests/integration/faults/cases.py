"""The shapes of a case: a fault, how it comes about, and exactly what must become of the delivery.

Here: shapes only. Not here: the cases (one module per part of the catalogue), nor how they are tried (bench.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import Code
from tests.integration.faults.bench import QUARTER
from tests.integration.faults.mutators import Mutator


@dataclass(frozen=True)
class Case:
    """A fault of the catalogue that happens to a feed; `id` is the catalogue's."""

    id: str
    words: str
    feed: str
    #: For the tax feed the SQL statements that spoil the database.
    spoil: Mutator | tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.id} {self.words} [{self.feed}]"


@dataclass(frozen=True)
class Rejected(Case):
    """The delivery is refused: its code, the place behind the file's name, part of what was found, and the office's words for it."""

    code: Code
    where: str = ""
    found: str = ""
    value: str | None = None
    quarter: str = QUARTER
    file: str = ""
    largest: int = 0


@dataclass(frozen=True)
class Quarantined(Case):
    """Rows are kept aside: their table, reason and field; `holds` are the rules by which the gate then holds publication."""

    table: str
    reason: str
    field: str
    count: int = 1
    holds: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coerced(Case):
    """Values are read as what they certainly are: so many coercions more than before, and the same values."""

    table: str
    count: int


@dataclass(frozen=True)
class Found(Case):
    """The rows count and the gate speaks: check table, rule, severity, and a part of the subject."""

    check: str
    rule: str
    severity: str
    subject: str = ""
    #: Rows that are quarantined besides.
    count: int = 0


@dataclass(frozen=True)
class Legal(Case):
    """Odd, and right: accepted, nothing kept aside, nothing found that was not found before, and the same values."""

    notes: tuple[str, ...] = ()
    coercions: dict[str, int] = field(default_factory=dict)
    keeps_values: bool = True
    #: What must be among the kept rows of a table otherwise.
    shows: tuple[str, Any] | None = None
    name_of_file: str = ""
