"""What one delivered cell means: text, code, number, date. Section 7 of `feeds.md`, verdicts `quarantine` and `coerce`.

Every reader returns None for a cell without a value and raises `Quarantined` for one that cannot be read with certainty.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any

NO_VALUE = {"", "-", "—", "——", "…", "*"}
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
LINE_BREAKS = "\n\r\t"  # RFC 4180 quoting carries line breaks; a tab is a kind of space
NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+")
DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})(\d{2})(\d{2})")
MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
SERIAL = re.compile(r"\d{5}(\.0+)?")
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
USCC_ALPHABET = {character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
USCC_WEIGHTS = [3**place % 31 for place in range(17)]


class Quarantined(Exception):
    """The row is kept aside and not counted; the text is the reason."""


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """Full-width characters made half-width, every kind of space taken out: the form in which codes and numbers are judged."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH)
    return "".join(text.split())


def refuse_control_characters(row: dict[str, Any]) -> None:
    """Quarantine a row that holds a control character in any text cell."""
    if "".join([cell for cell in row.values() if isinstance(cell, str)]).isprintable():
        return
    for column, cell in row.items():
        if isinstance(cell, str) and not cell.isprintable():
            bad = [c for c in cell if unicodedata.category(c) == "Cc" and c not in LINE_BREAKS]
            if bad:
                raise Quarantined(f"{column}: control character U+{ord(bad[0]):04X}")


def code(cell: Any) -> str | None:
    """A code (division, country, registration number, carrier, state) as text, also where it was stored as a number."""
    if cell is None:
        return None
    if isinstance(cell, (bool, dt.date)):
        raise Quarantined(f"{cell!r} is no code")
    if isinstance(cell, (int, float)):
        if cell != int(cell):
            raise Quarantined(f"{cell!r} is no code")
        return str(int(cell))
    text = folded(cell)
    return None if text in NO_VALUE or cell.strip() in NO_VALUE else text


def number(cell: Any, what: str, *, percent: bool = False, negative: bool = False) -> Decimal | None:
    """An exact number; `percent` accepts `12.5%` for 12.5, `negative` accepts values below zero."""
    if cell is None:
        return None
    if isinstance(cell, str):
        value = _number_in_text(cell, what, percent)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        value = Decimal(repr(cell))
    elif isinstance(cell, Decimal):
        value = cell
    else:
        raise Quarantined(f"{what}: {cell!r} is no number")
    if value is None:
        return None
    if not value.is_finite():
        raise Quarantined(f"{what}: {cell!r} is no number")
    if value < 0 and not negative:
        raise Quarantined(f"{what}: {cell!r} is negative")
    return value


def _number_in_text(cell: str, what: str, percent: bool) -> Decimal | None:
    if cell.strip() in NO_VALUE:
        return None
    text = folded(cell)
    if text in NO_VALUE:
        return None
    text = "".join(c for c in text if unicodedata.category(c) != "Sc").replace("−", "-")
    if percent and text.endswith("%"):
        text = text[:-1]
    if not NUMBER.fullmatch(text):
        raise Quarantined(f"{what}: {cell!r} is no number")
    return Decimal(text.replace(",", ""))


def date(cell: Any, what: str) -> dt.date | None:
    """A day: a date cell, one of the five written forms, or an Excel serial."""
    if cell is None:
        return None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        cell = str(int(cell)) if cell == int(cell) else str(cell)
    if not isinstance(cell, str):
        raise Quarantined(f"{what}: {cell!r} is no date")
    return _date_in_text(cell, what)


@lru_cache(maxsize=50_000)
def _date_in_text(cell: str, what: str) -> dt.date | None:
    if cell.strip() in NO_VALUE or folded(cell) in NO_VALUE:
        return None
    text = folded(MIDNIGHT.sub("", cell.strip()))
    if SERIAL.fullmatch(text):
        return EXCEL_DAY_ZERO + dt.timedelta(days=int(float(text)))
    found = DATE.fullmatch(text)
    if not found:
        raise Quarantined(f"{what}: {cell!r} is no date")
    groups = found.groups()
    year, month, day = next(g for g in ((groups[0], groups[2], groups[3]), groups[4:7], groups[7:10]) if g[0])
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise Quarantined(f"{what}: {cell!r} is no date") from error


@lru_cache(maxsize=200_000)
def is_uscc(text: str) -> bool:
    """Whether the text is a 统一社会信用代码 with the right check digit (GB 32100-2015, `domain.md` 3.1)."""
    if len(text) != 18 or any(c not in USCC_ALPHABET for c in text):
        return False
    values = [USCC_ALPHABET[c] for c in text]
    total = sum(value * weight for value, weight in zip(values[:17], USCC_WEIGHTS, strict=True))
    return values[17] == (31 - total % 31) % 31


def uscc(cell: Any, what: str, *, required: bool = False) -> str | None:
    """A sound USCC; a blank one is None unless it is required."""
    text = code(cell)
    if text is None:
        if required:
            raise Quarantined(f"{what}: blank")
        return None
    if not is_uscc(text.upper()):
        raise Quarantined(f"{what}: {text} is no sound USCC")
    return text.upper()
