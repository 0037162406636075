"""A cell's value as the text that is landed.

Here: numbers, dates, booleans and percentages as text, the same whichever library read them. Not here: reading cells.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def is_percent_format(number_format: str) -> bool:
    """Whether a number format shows the value times one hundred (a percent sign in quotes does not)."""
    return "%" in _QUOTED.sub("", number_format)


def number_text(value: float) -> str:
    """The shortest decimal text that gives the number back, without exponent: 330108.0 as `330108`."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shortest = repr(value)
    return _trimmed(shortest if "e" not in shortest else format(Decimal(shortest), "f"))


def percent_text(value: float) -> str:
    """0.125 as `12.5%`: what the office sees in a cell with a percent format."""
    return _trimmed(format(Decimal(number_text(value)) * 100, "f")) + "%"


def cell_text(value: object, *, is_percent: bool = False) -> str | None:
    """Any cell value as text; a blank cell is None."""
    if type(value) is float and not is_percent:
        # By far the most of those that are no text yet.
        return number_text(value)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return percent_text(value) if is_percent else number_text(value)
    if isinstance(value, dt.datetime):
        moment = value.replace(microsecond=0) + dt.timedelta(seconds=round(value.microsecond / 1e6))
        return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
