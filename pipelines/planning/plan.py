"""The plan: reads of the input quarters, what is computed anew, and for each asked quarter why its edition may change or why not.

Here: comparing what the edition in force was computed with and what a run would compute with now. Not here: looking (reads.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.delivery import Delivery
from pipelines.editions.made_with import LastComputed, last_computed, made_with
from pipelines.editions.outdated import outdated_quarters
from pipelines.editions.pointer import Pointer, edition_folders, read_pointer
from pipelines.errors import InfrastructureError
from pipelines.gate.suites import suites_sha256
from pipelines.landing.drop_folder import check_layout
from pipelines.landing.tax_extract import Snapshot, snapshot
from pipelines.ledger import Ledger
from pipelines.planning.reads import ARRIVING, MISSING, READ_AGAIN, Read, Reader
from pipelines.quarters import Quarter
from pipelines.rulesets.language import Ruleset, load_rulesets
from pipelines.rulesets.tables import RULESETS
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

CHANGED = "changed since: "
RULESET = "ruleset "
RECOMPUTED = ("landing", "staging", "models", "catalogue")
"""Parts of the code whose change makes every quarter's staged rows stale."""


@dataclass(frozen=True)
class Publication:
    """What a run would do about a quarter: `reasons` to compute it anew (none: its edition stays), and the numbers.

    `next_edition` is published only if a published figure or finding changes, or if the quarter has no edition.
    """

    quarter: str
    edition: str
    next_edition: str
    reasons: list[str]
    stopped_by: list[str]


@dataclass(frozen=True)
class Plan:
    """What a run of `asked` would do; `computes` are the quarters whose rows are made anew, `warnings` what could not be looked at.

    `reads` are those of the quarters that the asked ones rest on (`Quarter.history`), of quarters before their inputs only what is there.
    `publishes` are the asked quarters and, unless the run is for them only, the published ones that newer deliveries reach.
    """

    asked: list[str]
    reads: list[Read]
    computes: list[str]
    publishes: list[Publication]
    warnings: list[str]

    def payload(self) -> dict[str, Any]:
        """The plan for machines."""
        return asdict(self)


def plan_of(asked: list[Quarter], settings: Settings, *, is_only: bool = False) -> Plan:
    """Look at everything that a run would look at first, without a lock and without writing anything.

    Raises `UsageError` for a drop folder that a run would refuse.
    """
    check_layout(settings.data_raw, sorted({needed for quarter in asked for needed in quarter.history()}))
    warehouse = Warehouse(settings.warehouse)
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    warnings: list[str] = []
    reads = _reads(asked, Reader(settings.data_raw, warehouse, ledger), settings, warnings.append)
    pointers, parts, rulesets = read_pointer(warehouse), made_with(), load_rulesets(RULESETS)
    reached = [] if is_only else _reached(pointers, ledger, reads)
    quarters = sorted({*asked, *reached})
    publishes = [_publication(quarter, warehouse, pointers.get(str(quarter)), ledger, reads, parts, rulesets) for quarter in quarters]
    return Plan([str(quarter) for quarter in asked], reads, _computes(publishes, reads), publishes, warnings)


def _computes(publishes: list[Publication], reads: list[Read]) -> list[str]:
    """The quarters to publish, and those that rest on what arrives or changed: rows take in earlier quarters, so all from the first on."""
    first = [read.quarter for read in reads if read.state in (*ARRIVING, READ_AGAIN)]
    for publication in publishes:
        if any(f"{CHANGED}{part}" in publication.reasons for part in RECOMPUTED):
            first += [read.quarter for read in reads]
        elif any(reason.startswith(f"{CHANGED}{RULESET}") for reason in publication.reasons):
            first.append(publication.quarter)
    known = {read.quarter for read in reads if read.state != MISSING}
    asked = {publication.quarter for publication in publishes}
    return sorted(asked | {quarter for quarter in known if first and min(first) <= quarter})


def _reached(pointers: dict[str, Pointer], ledger: Ledger, reads: list[Read]) -> list[Quarter]:
    """Published quarters that rest on a delivery which came in since they were judged, or would come in now."""
    arriving = {read.quarter for read in reads if read.state in ARRIVING}
    waiting = [Quarter.parse(key) for key in pointers if arriving and min(arriving) <= key]
    return [*outdated_quarters(ledger), *waiting]


def _reads(asked: list[Quarter], reader: Reader, settings: Settings, warn: Callable[[str], None]) -> list[Read]:
    inputs = {needed for quarter in asked for needed in quarter.inputs()}

    def of_history(tax: Snapshot | None) -> list[Read]:
        reads = []
        for quarter in sorted({needed for each in asked for needed in each.history()}):
            is_input = quarter in inputs
            found = reader.read(quarter, tax if is_input or not reader.has_extract(quarter) else None)
            reads += [read for read in found if is_input or read.state != MISSING]
        return reads

    try:
        with snapshot(settings.tax_database_url) as tax:
            return of_history(tax)
    except InfrastructureError as unreachable:
        warn(f"returns filed since are not counted: {unreachable}")
        return of_history(None)


def _publication(
    quarter: Quarter,
    warehouse: Warehouse,
    pointer: Pointer | None,
    ledger: Ledger,
    reads: list[Read],
    parts: dict[str, str],
    rulesets: list[Ruleset],
) -> Publication:
    stopped_by = [f"{read.state}: {read.feed} {read.quarter} {read.file}" for read in reads if read.state in ("rejected", "misnamed")]
    numbers = [int(folder.name) for folder in edition_folders(warehouse, str(quarter))]
    following = f"{max(numbers, default=0) + 1:03d}"
    arriving = [_arrival(read) for read in reads if read.quarter <= str(quarter) and read.state in ARRIVING]
    if pointer is None:
        return Publication(str(quarter), "", following, ["no edition yet"], stopped_by)
    before = last_computed(warehouse, str(quarter), pointer)
    reasons = [
        *arriving,
        *_newer_deliveries(str(quarter), before, ledger.in_force()),
        *_changed_parts(before, parts),
        *_changed_rules(str(quarter), before, rulesets),
    ]
    return Publication(str(quarter), pointer.edition, following, reasons, stopped_by)


def _arrival(read: Read) -> str:
    return " ".join(part for part in (f"{read.state} delivery:", read.feed, read.quarter, read.file, read.note) if part)


def _newer_deliveries(quarter: str, before: LastComputed, in_force: dict[tuple[str, str], Delivery]) -> list[str]:
    """Deliveries in force, of the quarter or of one before it, that the edition does not rest on."""
    used = {(each["quarter"], each["feed"]): each["sha256"] for each in before.deliveries}
    return [
        f"delivery newer than the edition: {feed} {of_quarter} {delivery.file_name}"
        for (of_quarter, feed), delivery in in_force.items()
        if of_quarter <= quarter and used.get((of_quarter, feed)) != delivery.sha256
    ]


def _changed_parts(before: LastComputed, parts: dict[str, str]) -> list[str]:
    if not before.made_with:
        return ["the edition does not say what code made it"]
    return [f"{CHANGED}{part}" for part in parts if before.made_with.get(part) != parts[part]]


def _changed_rules(quarter: str, before: LastComputed, rulesets: list[Ruleset]) -> list[str]:
    heads = {each.name: (each.rows["rule_set"][0], each.sha256) for each in rulesets if not each.is_draft}
    now = {
        name: sha256
        for name, (head, sha256) in heads.items()
        if head["valid_from"] <= quarter and (head["valid_to"] is None or quarter <= head["valid_to"])
    }
    reasons = [
        f"{CHANGED}{RULESET}{name}" for name in sorted(now.keys() | before.rulesets.keys()) if now.get(name) != before.rulesets.get(name)
    ]
    if suites_sha256(quarter) != before.suites_sha256:
        reasons.append(f"{CHANGED}expectations or waivers of {quarter}")
    return reasons
