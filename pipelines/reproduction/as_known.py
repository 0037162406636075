"""As known then: quarters computed from the deliveries received until a day, shown beside the editions and never as one.

Here: which deliveries, what came later, the folder `as_known/<day>/<quarter>/`. Not here: landing and computing (scratch.py).
The folder holds the files of an edition, without a number, a place in the ledger or a line in `latest.json`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.editions.assemble import Before, Identity, assemble, content_files
from pipelines.editions.code import code_version, package_versions
from pipelines.editions.lineage import keep
from pipelines.editions.made_with import made_with
from pipelines.editions.sources import read_sources
from pipelines.errors import UsageError
from pipelines.gate import Verdict, load_waivers
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.reproduction.scratch import Archived, Scratch, computed_from
from pipelines.reproduction.waivers import suites_with
from pipelines.warehouse import Warehouse
from pipelines.workplace import Workplace

NOTICE = "非正式版次：仅按当日及以前收到的报送计算，之后的报送未计入。截至 "
_NAMED = 3


@dataclass(frozen=True)
class AsKnown:
    """A quarter as known then: `shown` in a folder, or `held` for what the gate would have found."""

    quarter: Quarter
    state: str
    folder: str = ""
    reason: str = ""


def newer(ledger: Ledger, quarters: list[Quarter], day: dt.date) -> list[str]:
    """The deliveries in force of the last asked quarter and all before it that were not in force at the end of `day`."""
    last = str(quarters[-1])
    then = ledger.in_force(day)
    return [
        f"{feed} {quarter} {delivery.file_name}"
        for (quarter, feed), delivery in ledger.in_force().items()
        if quarter <= last and then.get((quarter, feed)) != delivery
    ]


def show_as_known(quarters: list[Quarter], day: dt.date, workplace: Workplace) -> list[AsKnown]:
    """Compute, judge and show the quarters; `UsageError` if nothing of an asked quarter was received by then."""
    last = str(quarters[-1])
    then = [delivery for (quarter, _), delivery in workplace.ledger.in_force(day).items() if quarter <= last]
    for quarter in map(str, quarters):
        if not any(delivery.quarter == quarter for delivery in then):
            raise UsageError(f"--as-of {day}: found no delivery of {quarter} received until then; expected at least one")
    chosen = [Archived(each.quarter, each.feed, each.file_name, each.sha256, each.received_on) for each in then]
    known = {str(quarter): [waiver for waiver in load_waivers(str(quarter)) if waiver.date <= day] for quarter in quarters}
    workplace.say("as known", f"{day}: computing from {len(chosen)} archived deliveries")
    with (
        computed_from(chosen, workplace.warehouse, workplace.ledger, None, workplace.settings.threads) as scratch,
        suites_with(known) as expectations,
    ):
        return [_shown(quarter, day, scratch, workplace, expectations) for quarter in quarters]


def _shown(quarter: Quarter, day: dt.date, scratch: Scratch, workplace: Workplace, expectations: Path) -> AsKnown:
    verdict = scratch.judged(str(quarter), expectations=expectations, today=day)
    workplace.say("gate", f"{quarter}: {verdict.outcome} as known on {day}, not recorded")
    if verdict.outcome != "ready":
        return AsKnown(quarter, "held", reason=_reason(str(quarter), day, verdict))
    sources = read_sources(str(quarter), scratch.warehouse, scratch.ledger)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    end = scratch.ledger.end()
    identity = Identity(f"as-known-{day}", now, workplace.settings.actor, code_version(), package_versions(), end, made_with())
    files = assemble(
        sources,
        verdict,
        content_files(sources, verdict),
        keep(sources.quarter, scratch.warehouse),
        Before(None),
        identity,
        [f"{NOTICE}{day}"],
    )
    return AsKnown(quarter, "shown", folder=str(_write(files, workplace.warehouse, quarter, day)))


def _write(files: dict[str, bytes], warehouse: Warehouse, quarter: Quarter, day: dt.date) -> Path:
    target = warehouse.root / "as_known" / str(day) / str(quarter)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = durable.beside(target)
    scratch.mkdir()
    try:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        if target.exists():
            shutil.rmtree(target)
        durable.put_in_place(scratch, target)
    finally:
        if scratch.exists():
            shutil.rmtree(scratch)
    return target


def _reason(quarter: str, day: dt.date, verdict: Verdict) -> str:
    holding = [finding for finding in verdict.findings if finding.holds]
    named = "; ".join(
        f"{f.rule} {f.subject}: {f.observed} (expected {f.expected}) {f.reason}" for f in (each.public for each in holding[:_NAMED])
    )
    more = f"; and {len(holding) - _NAMED} more" if len(holding) > _NAMED else ""
    return f"{quarter} as known on {day}: the gate would have held it: {named}{more}"
