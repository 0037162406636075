"""Periods as offices write them: in a sheet's title, in the ledger's rows, in contract dates.

Here: reading a period out of text. Not here: which period a delivery must have (the contract check compares).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

from pipelines.quarters import Quarter

_YEAR = re.compile(r"((?:19|20)\d\d)年度?")
_MONTHS = re.compile(r"1月?(?:[-~‐-―−〜至到]+)(\d{1,2})月")
_WORDS = (("前三季度", 3), ("一至三季度", 3), ("上半年", 2), ("全年", 4), ("第一季度", 1), ("一季度", 1))
_SERIALS = range(20_000, 80_000)
_SERIAL_EPOCH = dt.date(1899, 12, 30)


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def quarter_in_title(title: str) -> str | None:
    """`2023年1-9月规上工业…` as `2023Q3`: the quarter up to which a title's year-to-date figures run; None if it names none."""
    text = _folded(title)
    year = _YEAR.search(text)
    if year is None:
        return None
    rest = text[year.end() :]
    months = _MONTHS.match(rest)
    if months:
        month = int(months[1])
        return f"{year[1]}Q{month // 3}" if month in (3, 6, 9, 12) else None
    return next((f"{year[1]}Q{number}" for word, number in _WORDS if rest.startswith(word)), None)


def year_in_title(title: str) -> str | None:
    """`2022年全社会研发…` as `2022`: the year of an annual title; None if it names none or only part of one."""
    text = _folded(title)
    year = _YEAR.search(text)
    if year is None:
        return None
    rest = text[year.end() :]
    is_part = re.match(r"\d|[一二三四上下前第](?:季|半|[一二三四]季)|前三季", rest) and quarter_in_title(title) != f"{year[1]}Q4"
    return None if is_part else year[1]


def ledger_periods(values: Iterable[str | None]) -> tuple[set[str], set[str]]:
    """The quarters (`2023Q3`) and the years (`2023`) that the ledger's 期间 column names; other texts are staging's business."""
    texts = {_folded(value).upper() for value in values if value}
    quarters = {text for text in texts if re.fullmatch(r"(?:19|20)\d\dQ[1-4]", text)}
    years = {text for text in texts if re.fullmatch(r"(?:19|20)\d\d", text)}
    return quarters, years


def names_quarter(quarters: set[str], years: set[str], quarter: Quarter) -> bool:
    """Whether a ledger with these periods belongs to the quarter: its quarters decide if it names any, else its years."""
    return str(quarter) in quarters if quarters else str(quarter.year) in years


def year_of_date(text: str) -> int | None:
    """The year of a date in any of the registry's spellings, an Excel serial number included; None if it shows none."""
    folded = _folded(text)
    if re.fullmatch(r"\d{5}", folded) and int(folded) in _SERIALS:
        return (_SERIAL_EPOCH + dt.timedelta(days=int(folded))).year
    match = re.match(r"((?:19|20)\d\d)(?:[-/.年]|\d{4}$)", folded)
    return int(match[1]) if match else None
