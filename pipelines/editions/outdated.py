"""Published quarters that a delivery has overtaken.

Here: which quarters the gate has last judged on other deliveries than those in force now, and which deliveries those are.
Not here: whether their content changes by it, which only computing them shows.
"""

from __future__ import annotations

import json

from pipelines.delivery import Delivery
from pipelines.editions.pointer import Pointer, in_force
from pipelines.editions.schema import MANIFEST
from pipelines.errors import InfrastructureError
from pipelines.gate.judged import deliveries_sha256
from pipelines.ledger import Entry, Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

InForce = dict[tuple[str, str], Delivery]


def outdated_quarters(ledger: Ledger) -> list[Quarter]:
    """Published quarters that nobody has judged on the deliveries in force now, in order of time.

    A held quarter is not among them: running it again would hold it again. A quarter rests on the deliveries of all quarters
    before it (`Quarter.history`).
    """
    deliveries, verdicts = ledger.in_force(), {entry.quarter: entry for entry in ledger.entries("verdict")}
    return sorted(Quarter.parse(key) for key in in_force(ledger) if not is_judged_on(deliveries, key, verdicts.get(key)))


def is_judged_on(deliveries: InForce, quarter: str, verdict: Entry | None) -> bool:
    """Whether the verdict is about exactly those of the deliveries that the quarter rests on."""
    rests_on = [(*place, delivery.delivery_id) for place, delivery in _behind(deliveries, quarter).items()]
    return verdict is not None and verdict.payload.get("deliveries_sha256") == deliveries_sha256(rests_on)


def newer_deliveries(warehouse: Warehouse, edition: Pointer, quarter: str, ledger: Ledger) -> list[str]:
    """Deliveries in force whose figures nobody has published, as `2023Q3 contracts`; `InfrastructureError` if the edition is lost.

    Published are those that the edition rests on, and those that the gate last found right with nothing to change in the edition:
    a quarter that is held since keeps them.
    """
    now, ready = _behind(ledger.in_force(), quarter), _last_ready(ledger, quarter)
    newer = [place for place, delivery in now.items() if place not in ready or ready[place].sha256 != delivery.sha256]
    used = _made_from(warehouse, edition) if newer else set()
    return [" ".join(place) for place in newer if (*place, now[place].sha256) not in used]


def _made_from(warehouse: Warehouse, edition: Pointer) -> set[tuple[str, str, str]]:
    file = warehouse.editions / edition.path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError) as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else "no readable JSON"
        raise InfrastructureError(
            f"{edition.path}/{MANIFEST}: found {found}; expected the edition that latest.json names; "
            "next: i315 rebuild makes a lost edition again, a damaged one has to be moved away first"
        ) from error
    behind = [*manifest["deliveries"], *manifest.get("earlier_deliveries", [])]
    return {(each["quarter"], each["feed"], each["sha256"]) for each in behind}


def _last_ready(ledger: Ledger, quarter: str) -> InForce:
    """The deliveries on which the gate last found the quarter ready; none if it never did."""
    for verdict in reversed(ledger.entries("verdict", quarter)):
        if verdict.payload["outcome"] == "ready" and is_judged_on(then := ledger.in_force(until=verdict.seq), quarter, verdict):
            return then
    return {}


def _behind(deliveries: InForce, quarter: str) -> InForce:
    return {place: delivery for place, delivery in deliveries.items() if place[0] <= quarter}
