"""The gate as it stood: the suites of now with the waivers of then.

Here: which waivers an edition was judged with, or were known on a day, and the day to judge on. Not here: judging.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import Failure
from pipelines.gate import EXPECTATIONS, Verdict, Waiver, load_waivers, suites_sha256
from pipelines.gate.waivers import waivers_file
from pipelines.ledger import Ledger
from pipelines.reproduction.scratch import Scratch


@dataclass(frozen=True)
class JudgedThen:
    """A folder of suites and waivers for one edition; `is_other` if the suites or the file of waivers are not those of its verdict."""

    quarter: str
    expectations: Path
    is_other: bool

    def verdict_of(self, scratch: Scratch) -> Verdict:
        """Judge the scratch warehouse on a day on which all waivers held: the newest one's."""
        days = [waiver.date for waiver in load_waivers(self.quarter, self.expectations)]
        return scratch.judged(self.quarter, expectations=self.expectations, today=max(days, default=dt.date.today()))


@contextmanager
def as_judged_then(manifest: dict[str, Any], ledger: Ledger) -> Iterator[JudgedThen]:
    """The suites and waivers of an edition: the project's own if they are still those, else its waivers out of the ledger."""
    quarter = manifest["quarter"]
    if suites_sha256(quarter) == manifest["verdict"]["suites_sha256"]:
        yield JudgedThen(quarter, EXPECTATIONS, is_other=False)
        return
    with suites_with({quarter: [_recorded(quarter, each, ledger) for each in manifest["waivers"]]}) as expectations:
        yield JudgedThen(quarter, expectations, is_other=True)


@contextmanager
def suites_with(waivers: dict[str, list[Waiver]]) -> Iterator[Path]:
    """A folder with the project's suites and, by quarter, these waivers instead of its own."""
    with tempfile.TemporaryDirectory(prefix="i315-suites-") as folder:
        expectations = Path(folder)
        for suite in EXPECTATIONS.glob("*.yml"):
            shutil.copyfile(suite, expectations / suite.name)
        for quarter, chosen in waivers.items():
            target = waivers_file(quarter, expectations)
            target.parent.mkdir(exist_ok=True)
            entries = [waiver.payload() | {"date": waiver.date, "expires": waiver.expires} for waiver in dict.fromkeys(chosen)]
            target.write_text(yaml.safe_dump({"waivers": entries}, allow_unicode=True, sort_keys=False), encoding="utf-8")
        yield expectations


def _recorded(quarter: str, used: dict[str, str], ledger: Ledger) -> Waiver:
    """The waiver of the ledger that the manifest names by rule and text."""
    for entry in ledger.entries("waiver", quarter):
        days = {name: dt.date.fromisoformat(entry.payload[name]) for name in ("date", "expires")}
        waiver = Waiver(**entry.payload | days)
        if (waiver.rule, waiver.text) == (used["rule"], used["waiver"]):
            return waiver
    raise Failure(
        f"{quarter}: waiver of {used['rule']} for {used['subject']}: found it in the manifest, not in the ledger; expected both; "
        "next: set I315_LEDGER_URL (or --warehouse) to the ledger that the edition was published under"
    )
