"""Columns of the tax office's database in the types of the contract, exactly.

Here: a whole column converted at once where its cells are of the form in which databases mostly give them, else cell by cell.
Not here: reading rows (tax_extract.py).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.feeds import Column
from pipelines.landing.parquet import extract_schema
from pipelines.quarters import BEIJING


class Unfit(ValueError):
    """A cell does not fit its column's type; `at` is its place among the cells."""

    def __init__(self, at: int, kind: pa.DataType) -> None:
        super().__init__(at)
        self.at, self.kind = at, kind


def typed(column: Column, cells: tuple[Any, ...]) -> pa.Array:
    """The cells as an array of the column's type; `Unfit` for the first that does not fit."""
    kind = extract_schema([column]).field(0).type
    try:
        at_once = _at_once(column, cells, kind)
        return pa.array(_CONVERTERS[column.kind](cells), kind) if at_once is None else at_once
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise Unfit(next(index for index, cell in enumerate(cells) if not _fits(column, cell, kind)), kind) from error


def _at_once(column: Column, cells: tuple[Any, ...], kind: pa.DataType) -> pa.Array | None:
    """A whole column as Arrow converts it, where all cells are of the form in which databases mostly give them; else None.

    SQLite gives amounts as floats and days and moments as text. What is not taken here is looked at cell by cell.
    """
    try:
        if column.kind in ("bigint", "varchar"):
            return pa.array(cells, kind)
        if column.kind == "char":
            return pc.ascii_rtrim(pa.array(cells, kind), characters=" ")
        if column.kind == "amount":
            return _hundredths(pa.array(cells, pa.float64()), kind)
        found = pc.cast(pa.array(cells, pa.string()), kind)
        # Arrow knows a year 0, and no calendar of ours does.
        pc.min(found).as_py()
    except (pa.ArrowException, OverflowError, ValueError):
        # Arrow's word for cells of another form, and Python's for integers too large for it and days of the year 0. Nothing is passed over:
        # the caller reads the column cell by cell, and takes each or names the one that is wrong.
        return None
    return found


def _hundredths(floats: pa.Array, kind: pa.Decimal128Type) -> pa.Array | None:
    """Floats as decimals of two places, exactly what their shortest texts say; None if any has more places or digits.

    A decimal of up to 15 digits is the shortest text of the float nearest to it.
    """
    given = floats.fill_null(0.0).to_numpy()
    hundredths = np.rint(given * 100)
    if not (np.all(hundredths / 100 == given) and np.all(np.abs(hundredths) < 1e15)):
        return None
    low = hundredths.astype("<i8")
    # 128 bits, little end first: the upper half repeats the sign.
    halves = np.stack([low, low >> 63], axis=1)
    decimals = pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(halves.tobytes())])
    return pc.if_else(floats.is_valid(), decimals, pa.scalar(None, kind))


def _fits(column: Column, cell: Any, kind: pa.DataType) -> bool:
    try:
        pa.array(_CONVERTERS[column.kind]((cell,)), kind)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        return False
    return True


def _amount(cell: Any) -> Decimal | None:
    # A float from SQLite is the nearest to what was stored as text: its shortest form is that text again.
    return cell if cell is None or isinstance(cell, Decimal) else Decimal(str(cell))


def _date(cell: Any) -> dt.date | None:
    if cell is None or (isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)):
        return cell
    moment = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(cell)
    if moment.time() != dt.time():
        raise ValueError(f"a day with a time: {cell}")
    return moment.date()


def _moment(cell: Any) -> dt.datetime | None:
    if cell is None:
        return None
    moment = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(cell)
    return moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment


_CONVERTERS: dict[str, Any] = {
    "bigint": list,
    "varchar": list,
    # PostgreSQL pads char(n) with blanks; they are no part of the value.
    "char": lambda cells: [cell.rstrip(" ") if isinstance(cell, str) else cell for cell in cells],
    "date": lambda cells: [_date(cell) for cell in cells],
    "timestamp": lambda cells: [_moment(cell) for cell in cells],
    "amount": lambda cells: [_amount(cell) for cell in cells],
}
