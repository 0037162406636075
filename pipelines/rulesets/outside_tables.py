"""The CSV files of `i315 score`, read strictly: every fault is named with line and column.

Here: encoding, header, numbers, states, periods, validity. Not here: what a ruleset needs of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.section import nearest

STATES = ("value", "not_applicable", "not_published", "missing", "withheld")
MOST_EVENTS = 1_000_000_000
LARGEST = 1e280
"""Beyond it a value at compare_dp is no finite double any more."""
_PERIOD = re.compile(r"(19|20)\d\d(Q[1-4])?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_CELL = rf"^({_NUMBER.pattern})?$"
_ROWS_AT_ONCE = 2_048


def read_values(path: Path) -> pa.Table:
    """`VALUES.csv` as columns: unit, period, indicator (dictionaries), value (none where it is blank), state, and the line of each row."""
    table = _read(path, ("unit", "period", "indicator", "value"), ("state",))
    if not table.num_rows:
        raise UsageError(f"{path.name}: found no rows; expected at least one value")
    lines = table["line"].to_numpy()
    keys = {name: table[name].combine_chunks().dictionary_encode() for name in ("unit", "period", "indicator")}
    for name, column in keys.items():
        _each(path, lines, name, column, _demand_period if name == "period" else _demand_text)
    value = _numbers(path, lines, table["value"])
    is_blank = np.isnan(value)
    blank_state = pc.if_else(pa.array(is_blank), "missing", "value")
    state = blank_state
    if "state" in table.column_names:
        given = table["state"].combine_chunks()
        _each(path, lines, "state", given.dictionary_encode(), _demand_state)
        state = pc.if_else(pc.equal(given, ""), blank_state, given)
        needs_value = pc.is_in(given, pa.array(["value", "withheld"])).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(needs_value & is_blank)[:1]:
            _refuse(path, int(lines[row]), "value", "", f"a number, because the state is {given[row]}")
    _once_each(path, lines, keys)
    return pa.table(keys | {"value": pa.array(value, mask=is_blank), "state": state, "line": lines})


def _each(path: Path, lines: Any, name: str, column: pa.DictionaryArray, demand: Callable[[Path, int, str, str], None]) -> None:
    """Judge each text of a column once, at the first row that has it."""
    codes = column.indices.to_numpy()
    first_rows = np.unique(codes, return_index=True)[1]
    for row in np.sort(first_rows):
        demand(path, int(lines[row]), name, column[row].as_py())


def _demand_text(path: Path, line: int, column: str, text: str) -> None:
    _needed(path, line, column, {column: text})


def _demand_period(path: Path, line: int, column: str, text: str) -> None:
    _demand_text(path, line, column, text)
    _check_period(path, line, text)


def _demand_state(path: Path, line: int, column: str, text: str) -> None:
    if text and text not in STATES:
        _refuse(path, line, column, text, f"one of {', '.join(STATES)}")


def _numbers(path: Path, lines: Any, texts: pa.ChunkedArray) -> Any:
    """The cells as doubles, NaN where one is blank."""
    found, start = [], 0
    for chunk in texts.chunks:
        cells = chunk.to_pylist()
        for row in np.flatnonzero(~pc.match_substring_regex(chunk, _CELL).to_numpy(zero_copy_only=False))[:1]:
            _number(path, int(lines[start + row]), "value", cells[row])
        numbers = np.array([float(cell) if cell else math.nan for cell in cells])
        for row in np.flatnonzero((np.abs(numbers) > LARGEST) | (numbers == 0)):
            _number(path, int(lines[start + row]), "value", cells[row])
        found.append(numbers)
        start += len(cells)
    return np.concatenate(found)


def _once_each(path: Path, lines: Any, keys: dict[str, pa.DictionaryArray]) -> None:
    code = np.zeros(len(lines), dtype=np.int64)
    for column in keys.values():
        code = code * len(column.dictionary) + column.indices.to_numpy()
    order = np.argsort(code, kind="stable")
    is_again = np.concatenate([[False], code[order][1:] == code[order][:-1]])
    if is_again.any():
        row = int(order[is_again].min())
        key = ", ".join(column[row].as_py() for column in keys.values())
        first = int(lines[np.flatnonzero(code == code[row])[0]])
        raise UsageError(f"{path.name}: line {lines[row]}: found {key} again, as in line {first}; expected it once")


def read_events(path: Path) -> list[dict[str, Any]]:
    """Rows of `EVENTS.csv`: unit, period, event, count."""
    records = _read(path, ("unit", "period", "event", "count"), ()).to_pylist()
    seen: dict[tuple[str, ...], int] = {}
    rows = []
    for record in records:
        line = record["line"]
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
    table = _read(path, ("unit",), None)
    rows = []
    for record in table.to_pylist():
        line = record["line"]
        _needed(path, line, "unit", record)
        first = _day(path, line, "valid_from", record.get("valid_from", ""), last=False)
        last = _day(path, line, "valid_to", record.get("valid_to", ""), last=True)
        if first is not None and last is not None and last < first:
            _refuse(path, line, "valid_to", record["valid_to"], f"a day not before valid_from, {record['valid_from']}")
        rows.append(record | {"first_day": first, "last_day": last})
    if not rows:
        raise UsageError(f"{path.name}: found no rows; expected at least one unit")
    return table.column_names[1:], rows


def last_quarter(period: str) -> str:
    """The quarter that a period ends with: itself, or the fourth of a year."""
    return period if len(period) > 4 else f"{period}Q4"


def is_valid_in(member: dict[str, Any], period: str) -> bool:
    """Whether a row of `UNITS.csv` holds on the last day of a period."""
    day = Quarter.parse(last_quarter(period)).last_day
    return (member["first_day"] is None or member["first_day"] <= day) and (member["last_day"] is None or day <= member["last_day"])


def _read(path: Path, required: tuple[str, ...], optional: tuple[str, ...] | None) -> pa.Table:
    """The cells as text without blanks around them, column by column, and the line that each row begins in."""
    try:
        content = path.read_bytes()
        content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name}: not readable: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name}: byte {error.start}: found text that is not UTF-8; expected UTF-8") from error
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        for name in required:
            if name not in header:
                columns = ", ".join(header) or "none"
                raise UsageError(f"{path.name}: line 1: found the columns {columns}; expected a column {name}{nearest(name, header)}")
        for place, name in enumerate(header):
            if name in header[:place] or (optional is not None and name not in (*required, *optional)):
                known = ", ".join((*required, *(optional or ())))
                raise UsageError(f"{path.name}: line 1: found the column {name!r}; expected {known}, each once")
        names = ["line", *header]
        parts = [pa.table(part, names=names) for part in _parts(path, reader, len(header))]
    except csv.Error as error:
        raise UsageError(f"{path.name}: line {reader.line_num}: {error}") from error
    schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in names])
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _parts(path: Path, reader: Any, width: int) -> Iterator[list[pa.Array]]:
    """The columns of so many rows at a time that their texts take little memory."""
    rows = _numbered(reader)
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        lines, cells = zip(*part, strict=True)
        if {*map(len, cells)} != {width}:
            line, found = next((line, len(row)) for line, row in part if len(row) != width)
            raise UsageError(f"{path.name}: line {line}: found {found} fields; expected {width}")
        yield [pa.array(lines), *(pa.array([*map(str.strip, column)]) for column in zip(*cells, strict=True))]


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line that it begins in."""
    begins = reader.line_num + 1
    for cells in reader:
        if "".join(cells).strip():
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
