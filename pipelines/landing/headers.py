"""Matching a table's header with its contract, by name.

Here: which column of the file holds which field, and what to say if one is missing or there twice.
Not here: finding the header in a sheet (sheets.py) or in a CSV (csv_file.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import Table

HeaderPath = tuple[str, ...]
_SHOWN = 40


def match_columns(table: Table, paths: Sequence[HeaderPath], file_name: str, place: str) -> tuple[dict[str, int], list[str]]:
    """The position of every field of the contract among a file's columns, and notes on order and extra columns.

    `paths` holds per column the header texts from the top row down in the form of `contract.plain`, () for a column without.
    """
    known = {path for field in table.fields for path in field.paths()}
    is_foreign = known.isdisjoint(paths)
    twice = [path for path, count in Counter(paths).items() if path and count > 1]
    if twice and not is_foreign:
        named = ", ".join(_label(path) for path in twice)
        raise DeliveryRejected(
            Problem(
                "column_duplicate",
                file_name,
                f"two columns named {named}",
                "every column once",
                "ask the office which of them counts and for a delivery without the other",
                sheet=table.sheet,
                place=place,
                value=named,
            )
        )
    index = {path: position for position, path in enumerate(paths) if path}
    positions = {field.name: index[path] for field in table.fields for path in field.paths() if path in index}
    missing = [field.label for field in table.fields if field.name not in positions]
    if missing:
        present = [_label(path) for path in paths if path]
        raise DeliveryRejected(
            Problem(
                "column_missing",
                file_name,
                "columns " + (", ".join(present[:_SHOWN]) or "none"),
                "also " + ", ".join(missing),
                ("look whether encoding, delimiter or table is another one; " if is_foreign else "")
                + "ask the office for a delivery with every column of the contract under its name",
                sheet=table.sheet,
                place=place,
                value=", ".join(missing),
            )
        )
    where = f"sheet {table.sheet}: " if table.sheet else ""
    notes = []
    in_order = [positions[field.name] for field in table.fields]
    if in_order != sorted(in_order):
        notes.append(f"{where}columns in another order, matched by name")
    extra = [_label(path) for path, position in index.items() if position not in positions.values()]
    if extra:
        notes.append(f"{where}extra columns ignored: {', '.join(extra[:_SHOWN])}")
    return positions, notes


def _label(path: HeaderPath) -> str:
    return " / ".join(path)
