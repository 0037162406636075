"""Two files that should be the same bytes: are they, and if not, which row differs first.

Here: the first differing row of CSV, Parquet, a workbook or text. Not here: which files are compared.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_LONGEST = 160
NOTHING = "nothing"


@dataclass(frozen=True)
class Compared:
    """One file: the same bytes, or where it first differs, with what the edition holds and what was computed."""

    file: str
    is_same: bool
    difference: str = ""

    def payload(self) -> dict[str, str]:
        """The outcome for machines."""
        return {"file": self.file, "outcome": "same" if self.is_same else "differs", "difference": self.difference}


def compare(file: str, published: bytes | None, computed: bytes) -> Compared:
    """Compare one file of an edition with what was computed; `published` is None if the edition lacks it."""
    if published == computed:
        return Compared(file, True)
    if published is None:
        return Compared(file, False, "found no such file in the edition")
    return Compared(file, False, _difference(file, published, computed))


def compare_fields(file: str, published: dict[str, Any], computed: dict[str, Any]) -> Compared:
    """Compare the fields that `published` has, in order of their names; the first that differs is named."""
    for name in sorted(published):
        old, new = (json.dumps(each.get(name), ensure_ascii=False, sort_keys=True) for each in (published, computed))
        if old != new:
            at = next((at for at, (left, right) in enumerate(zip_longest(old, new)) if left != right), 0)
            start = max(0, at - 40)
            return Compared(file, False, f"field {name}: {_sides(old[start:], new[start:])}")
    return Compared(file, True)


def _difference(file: str, published: bytes, computed: bytes) -> str:
    try:
        if file.endswith(".parquet"):
            return _first_row(_rows(published), _rows(computed), "row")
        if file.endswith(".xlsx"):
            return _first_part(published, computed)
        return _first_row(published.decode("utf-8-sig").split("\n"), computed.decode("utf-8-sig").split("\n"), "line")
    except (pa.ArrowInvalid, OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        return f"found a file that cannot be read: {type(error).__name__}: {error}"


def _rows(content: bytes) -> list[str]:
    table = pq.read_table(io.BytesIO(content))
    return [str(table.schema), *(json.dumps(row, ensure_ascii=False, default=str) for row in table.to_pylist())]


def _first_part(published: bytes, computed: bytes) -> str:
    parts = [_parts(content) for content in (published, computed)]
    for name in sorted(parts[0].keys() | parts[1].keys()):
        if parts[0].get(name) != parts[1].get(name):
            old, new = (each.get(name, b"").decode("utf-8", "replace").split("<row ") for each in parts)
            return f"{name}: {_first_row(old, new, 'row')}"
    return "the same parts, packed in another way"


def _parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _first_row(published: Sequence[str], computed: Sequence[str], what: str) -> str:
    """Name the first difference; row 0 of Parquet and of a sheet is what stands before the rows."""
    first = 1 if what == "line" else 0
    for number, (old, new) in enumerate(zip_longest(published, computed), first):
        if old != new:
            return f"{what} {number}: {_sides(old, new)}"
    return f"the same {what}s, written in another way"


def _sides(published: str | None, computed: str | None) -> str:
    shown = [NOTHING if side is None else side[:_LONGEST] for side in (published, computed)]
    return f"published {shown[0]!r}, computed {shown[1]!r}"
