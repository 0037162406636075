"""Published quarters that a delivery has overtaken.

Here: which quarters rest on deliveries that are no longer the ones in force. Not here: whether their content changes by it, which
only computing them shows.
"""

from __future__ import annotations

import json

from pipelines.editions.pointer import in_force
from pipelines.editions.schema import MANIFEST
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse


def outdated_quarters(warehouse: Warehouse, ledger: Ledger) -> dict[Quarter, list[str]]:
    """Published quarter -> deliveries in force that its edition does not rest on, as `2023Q3 contracts`; others are left out.

    A quarter rests on the deliveries of all its input quarters (`Quarter.inputs`).
    """
    deliveries = ledger.in_force()
    outdated = {}
    for key, pointer in in_force(ledger).items():
        quarter = Quarter.parse(key)
        manifest = json.loads((warehouse.editions / pointer.path / MANIFEST).read_bytes())
        used = {(each["quarter"], each["feed"], each["sha256"]) for each in manifest["deliveries"]}
        inputs = {str(each) for each in quarter.inputs()}
        newer = [
            f"{of_quarter} {feed}"
            for (of_quarter, feed), delivery in deliveries.items()
            if of_quarter in inputs and (of_quarter, feed, delivery.sha256) not in used
        ]
        if newer:
            outdated[quarter] = newer
    return outdated
