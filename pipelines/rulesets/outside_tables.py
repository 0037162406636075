"""The CSV files of `i315 score`, read strictly: every fault is named with line and column.

Here: encoding, header, numbers, states, periods, validity. Not here: what a ruleset needs of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.section import nearest

STATES = ("value", "not_applicable", "not_published", "missing", "withheld")
MOST_EVENTS = 1_000_000_000
LARGEST = 1e280
"""Beyond it a value at compare_dp is no finite double any more."""
_PERIOD = re.compile(r"(19|20)\d\d(Q[1-4])?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def read_values(path: Path) -> list[dict[str, Any]]:
    """Rows of `VALUES.csv`: unit, period, indicator, value (a number or none), state."""
    _, records = _read(path, ("unit", "period", "indicator", "value"), ("state",))
    seen: dict[tuple[str, ...], int] = {}
    rows = []
    for line, record in records:
        row: dict[str, Any] = {name: _needed(path, line, name, record) for name in ("unit", "period", "indicator")}
        _check_period(path, line, row["period"])
        row["line"] = line
        row["value"] = _number(path, line, "value", record["value"])
        row["state"] = record.get("state") or ("missing" if row["value"] is None else "value")
        if row["state"] not in STATES:
            _refuse(path, line, "state", record["state"], f"one of {', '.join(STATES)}")
        if row["value"] is None and row["state"] in ("value", "withheld"):
            _refuse(path, line, "value", "", f"a number, because the state is {row['state']}")
        _once(path, line, seen, (row["unit"], row["period"], row["indicator"]))
        rows.append(row)
    if not rows:
        raise UsageError(f"{path.name}: found no rows; expected at least one value")
    return rows


def read_events(path: Path) -> list[dict[str, Any]]:
    """Rows of `EVENTS.csv`: unit, period, event, count."""
    _, records = _read(path, ("unit", "period", "event", "count"), ())
    seen: dict[tuple[str, ...], int] = {}
    rows = []
    for line, record in records:
        row: dict[str, Any] = {name: _needed(path, line, name, record) for name in ("unit", "period", "event", "count")}
        _check_period(path, line, row["period"])
        row["line"] = line
        row["count"] = _number(path, line, "count", row["count"])
        if not 0 <= row["count"] <= MOST_EVENTS:
            _refuse(path, line, "count", record["count"], f"a count from 0 to {MOST_EVENTS}")
        _once(path, line, seen, (row["unit"], row["period"], row["event"]))
        rows.append(row)
    return rows


def read_units(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """The header and the rows of `UNITS.csv`, each with its line and `first_day` and `last_day` of its validity."""
    header, records = _read(path, ("unit",), None)
    rows = []
    for line, record in records:
        _needed(path, line, "unit", record)
        first = _day(path, line, "valid_from", record.get("valid_from", ""), last=False)
        last = _day(path, line, "valid_to", record.get("valid_to", ""), last=True)
        if first is not None and last is not None and last < first:
            _refuse(path, line, "valid_to", record["valid_to"], f"a day not before valid_from, {record['valid_from']}")
        rows.append(record | {"line": line, "first_day": first, "last_day": last})
    if not rows:
        raise UsageError(f"{path.name}: found no rows; expected at least one unit")
    return header, rows


def last_quarter(period: str) -> str:
    """The quarter that a period ends with: itself, or the fourth of a year."""
    return period if len(period) > 4 else f"{period}Q4"


def is_valid_in(member: dict[str, Any], period: str) -> bool:
    """Whether a row of `UNITS.csv` holds on the last day of a period."""
    day = Quarter.parse(last_quarter(period)).last_day
    return (member["first_day"] is None or member["first_day"] <= day) and (member["last_day"] is None or day <= member["last_day"])


def _read(path: Path, required: tuple[str, ...], optional: tuple[str, ...] | None) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name}: not readable: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name}: byte {error.start}: found text that is not UTF-8; expected UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        lines = list(_numbered(reader))
    except csv.Error as error:
        raise UsageError(f"{path.name}: line {reader.line_num}: {error}") from error
    for name in required:
        if name not in header:
            columns = ", ".join(header) or "none"
            raise UsageError(f"{path.name}: line 1: found the columns {columns}; expected a column {name}{nearest(name, header)}")
    for place, name in enumerate(header):
        if name in header[:place] or (optional is not None and name not in (*required, *optional)):
            raise UsageError(
                f"{path.name}: line 1: found the column {name!r}; expected {', '.join((*required, *(optional or ())))}, each once"
            )
    for line, cells in lines:
        if len(cells) != len(header):
            raise UsageError(f"{path.name}: line {line}: found {len(cells)} fields; expected {len(header)}")
    return header, [(line, dict(zip(header, (cell.strip() for cell in cells), strict=True))) for line, cells in lines]


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line that it begins in."""
    begins = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def folded(name: str) -> str:
    """A name without what a reader does not see: width, case, blanks, characters without a shape."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in plain if not character.isspace() and unicodedata.category(character) != "Cf")


def refuse_spellings(path: Path, column: str, cells: Iterable[tuple[int, str]]) -> None:
    """Refuse two names of one column that look alike: they would count as different ones."""
    seen: dict[str, tuple[int, str]] = {}
    for line, cell in cells:
        first_line, first = seen.setdefault(folded(cell), (line, cell))
        if cell != first:
            _refuse(path, line, column, cell, f"one spelling: line {first_line} has {first!r}")


def _needed(path: Path, line: int, column: str, record: dict[str, str]) -> str:
    return record[column] or _refuse(path, line, column, "", "text")


def _number(path: Path, line: int, column: str, text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        _refuse(path, line, column, text, "a number with '.' as decimal point, without separators, signs of per cent or units")
    number = float(text)
    if abs(number) > LARGEST or (number == 0 and text.lower().partition("e")[0].strip("+-0.")):
        _refuse(path, line, column, text, f"a number that a double holds, at most {LARGEST:g}")
    return number


def _check_period(path: Path, line: int, text: str) -> None:
    if not _PERIOD.fullmatch(text):
        _refuse(path, line, "period", text, "a quarter such as 2023Q3 or a year")


def _once(path: Path, line: int, seen: dict[tuple[str, ...], int], key: tuple[str, ...]) -> None:
    if key in seen:
        raise UsageError(f"{path.name}: line {line}: found {', '.join(key)} again, as in line {seen[key]}; expected it once")
    seen[key] = line


def _day(path: Path, line: int, column: str, text: str, *, last: bool) -> dt.date | None:
    if not text:
        return None
    if _PERIOD.fullmatch(text):
        quarter = Quarter.parse(text if len(text) > 4 else f"{text}Q{4 if last else 1}")
        return quarter.last_day if last else quarter.first_day
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return _refuse(path, line, column, text, "a day such as 2025-01-01, a quarter or a year")


def _refuse(path: Path, line: int, column: str, found: str, expected: str) -> NoReturn:
    raise UsageError(f"{path.name}: line {line}: column {column}: found {found!r}; expected {expected}")
