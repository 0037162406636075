"""Waivers: `expectations/waivers/<quarter>.yml`, each letting one named finding of a quarter pass.

Here: the form of a waiver, its strict loading, and whether it is valid on a day. Not here: applying it (verdict).
A waiver never changes a number; it is part of the edition and of the ledger.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.gate.edited import check_keys, read_yaml
from pipelines.gate.suites import EXPECTATIONS

_REQUIRED = ("rule", "region", "indicator", "reason", "proposed_by", "approved_by", "date", "expires")
# A finding may name no region or indicator; a waiver that nobody has approved yet is read, and does not hold.
_MAY_BE_EMPTY = ("region", "indicator", "approved_by")


@dataclass(frozen=True)
class Waiver:
    """One waiver; `region` and `indicator` are those of the finding (empty where it has none), the days are ISO dates."""

    rule: str
    region: str
    indicator: str
    reason: str
    proposed_by: str
    approved_by: str
    date: dt.date
    expires: dt.date

    @property
    def key(self) -> tuple[str, str, str]:
        """What it must match: rule, region, indicator."""
        return self.rule, self.region, self.indicator

    @property
    def where(self) -> str:
        """The same in a line for people."""
        return "/".join(part for part in self.key if part)

    @property
    def text(self) -> str:
        """One line for the findings table and the board."""
        return f"{self.reason}(提出 {self.proposed_by},批准 {self.approved_by},{self.date.isoformat()},有效至 {self.expires.isoformat()})"

    def payload(self) -> dict[str, str]:
        """The fields as the ledger keeps them."""
        return {name: str(getattr(self, name)) for name in _REQUIRED}

    def fault(self, today: dt.date) -> str:
        """Why the waiver does not hold on that day, in Chinese; empty if it does."""
        if not self.approved_by:
            return "尚无人批准"
        if _person(self.proposed_by) == _person(self.approved_by):
            return "提出人与批准人为同一人"
        if self.expires < today:
            return f"已于 {self.expires.isoformat()} 到期"
        if self.date > today:
            return f"日期 {self.date.isoformat()} 晚于审核日"
        return ""


def waivers_file(quarter: str, folder: Path = EXPECTATIONS) -> Path:
    """Where the waivers of a quarter lie."""
    return folder / "waivers" / f"{quarter}.yml"


def _person(name: str) -> str:
    """A name as two spellings of it agree: letters and digits only, without width, case, blanks and marks between them."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def load_waivers(quarter: str, folder: Path = EXPECTATIONS) -> list[Waiver]:
    """The quarter's waivers (none without a file); a usage error names file, place, found and expected."""
    path = waivers_file(quarter, folder)
    if not path.exists():
        return []
    entry = check_keys(read_yaml(path), ("waivers",), (), str(path))
    if not isinstance(entry["waivers"], list):
        raise UsageError(f"{path}: waivers: found {type(entry['waivers']).__name__}; expected a list")
    waivers = [_waiver(raw, f"{path}: waivers[{number}]") for number, raw in enumerate(entry["waivers"], 1)]
    if len({waiver.key for waiver in waivers}) != len(waivers):
        raise UsageError(f"{path}: found two waivers of one rule, region and indicator; expected each once")
    return waivers


def _waiver(raw: object, where: str) -> Waiver:
    entry = check_keys(raw, _REQUIRED, (), where)
    texts: dict[str, str] = {}
    for name in _REQUIRED[:6]:
        value = entry[name]
        if not isinstance(value, str) or (not value.strip() and name not in _MAY_BE_EMPTY):
            raise UsageError(f"{where}: {name}: found {value!r}; expected a text (codes in quotes)")
        texts[name] = " ".join(value.split())
    for name in ("date", "expires"):
        if type(entry[name]) is not dt.date:
            raise UsageError(f"{where}: {name}: found {entry[name]!r}; expected a day such as 2023-10-12")
    return Waiver(**texts, date=entry["date"], expires=entry["expires"])
