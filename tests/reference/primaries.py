"""Primary rules by the letter of scoring.md 4.1, in fractions: the oracle of the SQL. And generated cells that lie on their edges."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Thresholds:
    """The defaults of the seed, in percent and contributors."""

    n_min: int = 3
    share: Fraction = Fraction(30)
    dominance: tuple[tuple[int, Fraction], ...] = ((1, Fraction(75)), (2, Fraction(90)))
    p: Fraction = Fraction(10)


def judged(sums: Sequence[Decimal], rules: Thresholds = Thresholds()) -> tuple[str | None, Fraction]:
    """The rules that a cell of these contributors fails, joined by `;`, and its protection."""
    x = sorted((abs(Fraction(amount)) for amount in sums if amount), reverse=True)
    total = sum(x, Fraction(0))
    if not x:
        return None, Fraction(0)
    failed: dict[str, Fraction] = {}
    if len(x) < rules.n_min:
        failed["frequency"] = rules.share / 100 * total
    for number, (n, k) in enumerate(rules.dominance, 1):
        if sum(x[:n]) > k / 100 * total:
            failed[f"dominance_{number}"] = 100 / k * sum(x[:n]) - total
    if (rest := total - sum(x[:2])) < rules.p / 100 * x[0]:
        failed["p_percent"] = rules.p / 100 * x[0] - rest
    return ";".join(failed) or None, max(failed.values(), default=Fraction(0))


def generated_cells(seed: int, count: int) -> dict[str, list[tuple[str, Decimal]]]:
    """Cells with the amounts of their contributors, several rows each; many lie on the edge of a rule or a cent beside it."""
    chance = random.Random(seed)
    cells = {}
    for number in range(count):
        shape = chance.choice(["few", "edge_1", "edge_2", "edge_p", "many"])
        unit = Decimal(chance.choice([1, 13, 250])) / chance.choice([1, 100])
        nudge = chance.choice([-1, 0, 0, 1]) * Decimal("0.01")
        amounts = {
            "few": [chance.randrange(-40, 400) * unit for _ in range(chance.randrange(4))],
            "edge_1": [75 * unit + nudge, 9 * unit, 8 * unit, 8 * unit],
            "edge_2": [50 * unit, 40 * unit + nudge, 5 * unit, 5 * unit],
            "edge_p": [100 * unit, 60 * unit, 6 * unit + nudge, 4 * unit],
            "many": [chance.randrange(1, 1000) * unit for _ in range(chance.randrange(3, 9))],
        }[shape]
        rows = [(f"firm {place}", amount) for place, amount in enumerate(amounts)]
        if rows and chance.random() < 0.5:
            name, amount = rows.pop()
            refund = chance.randrange(1, 90) * unit
            rows += [(name, amount + refund), (name, -refund)]
        cells[f"cell {number:03}"] = rows
    return cells
