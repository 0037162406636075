"""The least loss of a small system by trying patterns, judged by the audit alone."""

from __future__ import annotations

from pipelines.disclosure.audit import audit
from pipelines.disclosure.system import State, System
from tests.reference.table_systems import optional_cells


def is_safe(system: System, withheld: frozenset[str]) -> bool:
    """Whether the audit exposes nothing under this pattern."""
    return not any(interval.is_exposed for interval in audit(system, withheld))


def least_loss(system: System, claimed: float) -> float:
    """The least cost of secondary cells that is safe, given that `claimed` can be done.

    A part of an unsafe pattern is unsafe, so that of all cheaper patterns only those to which nothing can be added need be judged.
    """
    optional = optional_cells(system)
    primaries = frozenset(cell.key for cell in system.cells if cell.is_primary and cell.state is State.FREE)
    costs = [cell.cost for cell in optional]
    cheaper = [0.0]
    for cost in costs:
        cheaper += [before + cost for before in cheaper]
    bound = claimed * (1 - 1e-6)

    def judged(mask: int) -> bool:
        return is_safe(system, primaries | {cell.key for place, cell in enumerate(optional) if mask >> place & 1})

    full = [
        mask
        for mask, cost in enumerate(cheaper)
        if cost < bound and all(mask >> place & 1 or cost + more >= bound for place, more in enumerate(costs))
    ]
    if not any(judged(mask) for mask in full):
        return claimed
    return min(cost for cost, mask in sorted((cost, mask) for mask, cost in enumerate(cheaper) if cost < bound) if judged(mask))
