"""Matching a table's header with its contract, by name.

Here: which column of the file holds which field, and what to say if one is missing or there twice.
Not here: finding the header in a sheet (sheets.py) or in a CSV (csv_file.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import FILE_FEEDS, Table
from pipelines.feeds.contract import plain

HeaderPath = tuple[str, ...]
_SHOWN, _LONGEST = 40, 40


def match_columns(table: Table, paths: Sequence[HeaderPath], file_name: str, place: str) -> tuple[dict[str, int], list[str]]:
    """The position of every field of the contract among a file's columns, and notes on order and extra columns.

    `paths` holds per column the header texts from the top row down in the form of `contract.plain`, () for a column without.
    """
    known = {path for field in table.fields for path in field.paths()}
    is_foreign = known.isdisjoint(paths)
    twice = [path for path, count in Counter(paths).items() if path and count > 1]
    if twice and not is_foreign:
        labels = named([_label(path) for path in twice])
        raise DeliveryRejected(
            Problem(
                "column_duplicate",
                file_name,
                f"two columns named {labels}",
                "every column once",
                "ask the office which of them counts and for a delivery without the other",
                sheet=table.sheet,
                place=place,
                value=labels,
            )
        )
    index = {path: position for position, path in enumerate(paths) if path}
    positions = {field.name: index[path] for field in table.fields for path in field.paths() if path in index}
    missing = [field.label for field in table.fields if field.name not in positions]
    if missing:
        present = [_label(path) for path in paths if path]
        # Where no column is the contract's, what stands there may be data.
        shown = known_and_others(present) if is_foreign else named(present)
        raise DeliveryRejected(
            Problem(
                "column_missing",
                file_name,
                f"columns {shown}",
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
        notes.append(f"{where}extra columns ignored: {named(extra)}")
    return positions, notes


def named(texts: Sequence[object]) -> str:
    """Some of these, so many and so long as a message may be; `none` if there are none."""
    shown = [str(text)[:_LONGEST] for text in texts[:_SHOWN]]
    return (", ".join(shown) or "none") + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")


def known_and_others(texts: Sequence[str]) -> str:
    """Which of these are headers of a contract, and how many are not: those may be names, codes and amounts of firms.

    Of a text that only begins as a header does, as where the delimiter is another one, no more is shown than the sign behind it.
    """
    paths = (path for feed in FILE_FEEDS.values() for table in feed.tables for field in table.fields for path in field.paths())
    words = {part for path in paths for part in path}
    known = [text for text in texts if plain(text) in words]
    others = [text for text in texts if plain(text) not in words]
    begun = [f"{text[: len(word) + 1]}…" for text in others for word in words if text.startswith(word)]
    return f"{named([*known, *begun])} of the contract's and {len(others)} other texts"


def _label(path: HeaderPath) -> str:
    return " / ".join(path)
