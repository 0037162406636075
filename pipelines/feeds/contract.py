"""What a contract is made of: feeds, tables, fields, and the columns of a database table.

Here: the shapes and how header texts are compared. Not here: any one feed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

_INVISIBLE = re.compile("[\\s\u200b-\u200f\u2060\ufeff]+")


def plain(text: str) -> str:
    """A header or sheet name as it is compared: full-width forms folded (NFKC), all spaces and invisible characters gone."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True)
class Field:
    """One field: its name in landing, its header text, and the group header above it if there is one.

    `also` lists further spellings of the same header that mean exactly the same, each as the path of header texts from the
    top row down. `may_span` says that a cell merged over several rows of the body holds for each of them, `is_day` that it holds days.
    """

    name: str
    header: str
    group: str = ""
    also: tuple[tuple[str, ...], ...] = ()
    may_span: bool = False
    is_day: bool = False

    def paths(self) -> list[tuple[str, ...]]:
        """The accepted header paths in the form in which they are compared."""
        official = (self.group, self.header) if self.group else (self.header,)
        return [tuple(plain(part) for part in path) for path in (official, *self.also)]

    @property
    def label(self) -> str:
        """The header as a person reads it: `group / header`."""
        return f"{self.group} / {self.header}" if self.group else self.header


@dataclass(frozen=True)
class Table:
    """One table of a file delivery.

    `layout`: `statistics` (title, unit, one or two header rows, body, footnotes), `plain` (header in row 1) or `csv`.
    `anchor` names the field whose header text marks the header row. `period` says what the title of a statistics sheet
    must name: the folder's quarter or the year before. `due_in` lists the quarters of a year whose delivery holds the table, `key` the
    fields that name a row.
    """

    name: str
    sheet: str
    fields: tuple[Field, ...]
    layout: Literal["statistics", "plain", "csv"]
    anchor: str = ""
    period: Literal["quarter", "year_before"] = "quarter"
    due_in: tuple[int, ...] = (1, 2, 3, 4)
    key: tuple[str, ...] = ()

    @property
    def extra_fields(self) -> tuple[str, ...]:
        """Landing columns after the contract's fields: what the sheet says about itself, or what the reader counted."""
        return {"statistics": ("title", "unit", "period"), "plain": (), "csv": ("field_count", "header_count")}[self.layout]


@dataclass(frozen=True)
class Feed:
    """One office's file delivery; `form` is what the file is."""

    name: str
    office: str
    form: Literal["workbook", "csv"]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Column:
    """A column of a database table; `kind` is the type that it is landed with."""

    name: str
    kind: Literal["bigint", "varchar", "char", "date", "timestamp", "amount"]


@dataclass(frozen=True)
class DatabaseTable:
    """A table read from an office's database; `period_end` names the column that says which quarter a row belongs to.

    Where that says nothing, `period_start` does (unless every period `starts_with_year`) or `filed_at`, in the quarter after.
    """

    name: str
    primary_key: str
    columns: tuple[Column, ...]
    period_end: str = ""
    period_start: str = ""
    filed_at: str = ""
    starts_with_year: bool = False


@dataclass(frozen=True)
class DatabaseFeed:
    """One office's database."""

    name: str
    office: str
    tables: tuple[DatabaseTable, ...]
