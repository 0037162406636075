"""Columns of the tax office's database in the types of the contract, exactly.

Here: a whole column converted at once where its cells are of the form in which databases mostly give them, else cell by cell.
Not here: reading rows (tax_extract.py), writing them (tax_part.py).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.feeds import Column
from pipelines.landing.parquet import extract_schema
from pipelines.quarters import BEIJING

COERCED = ""
"""The note on a cell whose value is certain, though it stands in another form than the column's."""

_NO_VALUE = frozenset(("", "-", "—", "——", "…", "……", "*"))
_NARROW: dict[int, int | None] = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0xA0, 0x2009, 0x202F), 0x20),
    **dict.fromkeys((0xFEFF, 0x200B, 0x200C, 0x200D, 0x2060)),
}
_LONG = range(-(2**63), 2**63)
_EXACT_IN_A_FLOAT = 2**53

_ZONE = r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_CLOCK = r"(?P<h>[0-9]{1,2}):(?P<min>[0-9]{2})(?::(?P<s>[0-9]{2})(?:[.](?P<f>[0-9]+))?)?"
_WRITTEN = (
    rf"(?P<y>[0-9]{{4}})(?P<sep>[-/.])(?P<m>[0-9]{{1,2}})(?P=sep)(?P<d>[0-9]{{1,2}})(?:(?:T| +){_CLOCK} ?{_ZONE})?",
    rf"(?P<y>[0-9]{{4}})年(?P<m>[0-9]{{1,2}})月(?P<d>[0-9]{{1,2}})日(?: *{_CLOCK} ?{_ZONE})?",
    rf"(?P<y>[0-9]{{4}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})(?:(?:T| +){_CLOCK} ?{_ZONE})?",
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?P<h>[0-9]{2})(?P<min>[0-9]{2})(?P<s>[0-9]{2})(?P<f>)(?P<zone>)",
)
_MOMENTS = tuple(re.compile(form) for form in _WRITTEN)
_PLAIN_MOMENT = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_CLOCK}{_ZONE})?")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.][0-9]+)?")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:[.][0-9]+)?")
_ROUNDED = re.compile(r"[-+]?[0-9]+(?:[.][0-9]+)?[Ee][+-]?[0-9]+")


class Unfit(ValueError):
    """A cell holds no value of its column's type; `reason` is the code that its row is quarantined with."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def typed(column: Column, cells: tuple[Any, ...]) -> tuple[pa.Array, dict[int, str]]:
    """The cells as an array of the column's type, null where a cell does not fit; and notes by the cell's place among them.

    A note is the reason why the cell does not fit, or `COERCED`.
    """
    kind = extract_schema([column]).field(0).type
    at_once = _at_once(column, cells, kind)
    if at_once is not None:
        return at_once, {}
    read, notes, values = _CONVERTERS[column.kind], {}, []
    for at, cell in enumerate(cells):
        try:
            value, is_coerced = (None, False) if cell is None else read(cell)
        except Unfit as unfit:
            value, is_coerced = None, False
            notes[at] = unfit.reason
        if is_coerced:
            notes[at] = COERCED
        values.append(value)
    return pa.array(values, kind), notes


def day_of(cell: Any) -> dt.date | None:
    """The day that a cell of a date column holds; None if it holds none."""
    try:
        return None if cell is None else _date(cell)[0]
    except Unfit:
        return None


def text_of(cell: Any) -> str:
    """A cell as text that can be stored, bytes that are no text escaped."""
    text = cell.decode("utf-8", "backslashreplace") if isinstance(cell, bytes) else str(cell)
    return text.encode("utf-8", "backslashreplace").decode()


def _at_once(column: Column, cells: tuple[Any, ...], kind: pa.DataType) -> pa.Array | None:
    """A whole column as Arrow converts it, where all cells are of the form in which databases mostly give them; else None.

    SQLite gives amounts as floats and days and moments as text. What is not taken here is looked at cell by cell.
    """
    types = set(map(type, cells)) - {type(None)}
    try:
        if column.kind == "bigint":
            return pa.array(cells, kind) if types <= {int} else None
        if column.kind in ("varchar", "char"):
            if not types <= {str}:
                return None
            texts = pa.array(cells, kind)
            return pc.ascii_rtrim(texts, characters=" ") if column.kind == "char" else texts
        if column.kind == "amount":
            if types <= {Decimal}:
                return pa.array(cells, kind)
            return _hundredths(pa.array(cells, pa.float64()), kind) if types <= {int, float} else None
        found = pc.cast(pa.array(cells, pa.string()), kind)
        # Arrow knows a year 0, and no calendar of ours does.
        pc.min(found).as_py()
    except (pa.ArrowException, OverflowError, ValueError, TypeError):
        # Arrow's word for cells of another form, and Python's for integers too large for it and days of the year 0. Nothing is passed over:
        # the caller reads the column cell by cell, and takes each or says what is wrong with it.
        return None
    return found


def _hundredths(floats: pa.Array, kind: pa.Decimal128Type) -> pa.Array | None:
    """Floats as decimals of two places, exactly what their shortest texts say; None if any has more places or digits.

    A decimal of up to 15 digits is the shortest text of the float nearest to it.
    """
    given = floats.fill_null(0.0).to_numpy()
    if not np.all(np.isfinite(given)):
        return None
    hundredths = np.rint(given * 100)
    if not (np.all(hundredths / 100 == given) and np.all(np.abs(hundredths) < 1e15)):
        return None
    low = hundredths.astype("<i8")
    # 128 bits, little end first: the upper half repeats the sign.
    halves = np.stack([low, low >> 63], axis=1)
    decimals = pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(halves.tobytes())])
    return pc.if_else(floats.is_valid(), decimals, pa.scalar(None, kind))


def _text(cell: Any, reason: str) -> str:
    """A cell as the text that stands for it; whole numbers that a database keeps as floats without their point."""
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError as error:
            raise Unfit(reason) from error
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_IN_A_FLOAT:
        return str(int(cell))
    if isinstance(cell, str | int | float | Decimal) and not isinstance(cell, bool):
        return str(cell)
    raise Unfit(reason)


def _narrow(text: str) -> str:
    return text.translate(_NARROW).strip()


def _moment(cell: Any) -> tuple[dt.datetime | None, bool]:
    if isinstance(cell, dt.date):
        moment = cell if isinstance(cell, dt.datetime) else dt.datetime.combine(cell, dt.time())
        return _in_beijing(moment), False
    text = _text(cell, "not_a_date")
    narrow = _narrow(text)
    if narrow in _NO_VALUE:
        return None, True
    found = next((match for form in _MOMENTS if (match := form.fullmatch(narrow))), None)
    if found is None:
        raise Unfit("not_a_date")
    hour, minute, second = (int(found[part] or 0) for part in ("h", "min", "s"))
    microsecond = int((found["f"] or "").ljust(6, "0")[:6])
    try:
        moment = dt.datetime(int(found["y"]), int(found["m"]), int(found["d"]), hour, minute, second, microsecond, _zone(found["zone"]))
        return _in_beijing(moment), not (isinstance(cell, str) and _PLAIN_MOMENT.fullmatch(text))
    except (ValueError, OverflowError) as error:
        raise Unfit("not_a_date") from error


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return dt.UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    return dt.timezone((-1 if text[0] == "-" else 1) * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _in_beijing(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment


def _date(cell: Any) -> tuple[dt.date | None, bool]:
    """The day of a moment; one with a time of day is coerced, for the day is certain and the time is none of the column's."""
    moment, is_coerced = _moment(cell)
    if moment is None:
        return None, is_coerced
    return moment.date(), is_coerced or moment.time() != dt.time()


def _number(cell: Any) -> tuple[Decimal | None, bool]:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        # A float from SQLite is the nearest to what was stored as text: its shortest form is that text again.
        value = Decimal(str(cell))
        if not value.is_finite():
            raise Unfit("not_a_number")
        return value, False
    text = _text(cell, "not_a_number")
    narrow = _narrow(text)
    if narrow in _NO_VALUE:
        return None, True
    if _ROUNDED.fullmatch(narrow):
        raise Unfit("precision_lost")
    bare = narrow.lstrip("¥￥$").strip()
    if not _NUMBER.fullmatch(bare):
        raise Unfit("not_a_number")
    return Decimal(bare.replace(",", "").replace(" ", "")), not (isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(text))


def _amount(cell: Any) -> tuple[Decimal | None, bool]:
    value, is_coerced = _number(cell)
    if value is not None and (value.adjusted() > 15 or value != round(value, 2)):
        raise Unfit("value_unfit")
    return value, is_coerced


def _integer(cell: Any) -> tuple[int | None, bool]:
    value, is_coerced = _number(cell)
    if value is None:
        return None, is_coerced
    if isinstance(cell, float) and abs(cell) >= _EXACT_IN_A_FLOAT:
        raise Unfit("precision_lost")
    if value.adjusted() > 20 or value != int(value) or int(value) not in _LONG:
        raise Unfit("value_unfit")
    return int(value), is_coerced


def _varchar(cell: Any) -> tuple[str | None, bool]:
    text = _text(cell, "mojibake" if isinstance(cell, bytes) else "value_unfit")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unfit("mojibake") from error
    return text, not isinstance(cell, str)


def _char(cell: Any) -> tuple[str | None, bool]:
    # PostgreSQL pads char(n) with blanks; they are no part of the value.
    text, is_coerced = _varchar(cell)
    return text and text.rstrip(" "), is_coerced


_CONVERTERS: dict[str, Callable[[Any], tuple[Any, bool]]] = {
    "bigint": _integer,
    "varchar": _varchar,
    "char": _char,
    "date": _date,
    "timestamp": _moment,
    "amount": _amount,
}
"""A cell that is not null as its value, and whether it was coerced; `Unfit` if it holds none."""
