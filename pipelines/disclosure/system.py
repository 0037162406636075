"""Cells of all linked tables with the linear relations that everyone knows between them: one system, one status per cell.

Here: what a system is, that it is sound, its connected parts. Not here: what to withhold (suppression.py), what an attacker can compute
(audit.py). Errors name cells and relations and never a value: some of them are those of a single firm.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

from pipelines.errors import Failure

EXACTNESS = 1e-6
"""How well values fulfil a relation, as a share of its absolute terms: amounts are doubles, and doubles add up to no better than this."""


class SystemInvalid(Failure):
    """Cells and relations contradict each other: the system describes no set of tables."""


class State(Enum):
    """What may be decided about a cell."""

    FREE = "free"
    """May be published or withheld."""
    PUBLISHED = "published"
    """Known already, by an earlier edition or by law."""
    NEVER = "never"
    """Published by nobody: a difference of two editions or of two year-to-date figures, the rounding of a figure."""


@dataclass(frozen=True)
class Cell:
    """One figure; `lower` and `upper` are what anyone knows of it without the publication.

    A need above zero makes the cell a *primary*: what an attacker can compute must leave at least the range from `low_needed` to
    `high_needed` open. `cost` is what is lost by withholding it, left out its absolute value. A `parent` is what is still published where
    the solver gives up. Value, bounds and needs have one unit per cell.
    """

    key: str
    value: float
    cost: float = math.nan
    lower: float = 0.0
    upper: float = math.inf
    need_below: float = 0.0
    need_above: float = 0.0
    state: State = State.FREE
    is_parent: bool = False

    def __post_init__(self) -> None:
        if math.isnan(self.cost):
            object.__setattr__(self, "cost", abs(self.value))
        if not (math.isfinite(self.value) and math.isfinite(self.cost) and self.cost >= 0):
            raise SystemInvalid(f"cell {self.key}: value or cost is no finite number; expected a finite value and a cost of 0 or more")
        if not 0 <= self.need_below < math.inf or not 0 <= self.need_above < math.inf:
            raise SystemInvalid(f"cell {self.key}: a need for protection is negative or endless; expected a finite need of 0 or more")
        if not self.lower <= self.value <= self.upper:
            raise SystemInvalid(f"cell {self.key}: its value lies outside its bounds; next: correct what is said to be known of it")

    @property
    def is_primary(self) -> bool:
        """Whether the cell itself must be protected."""
        return self.need_below > 0 or self.need_above > 0

    @property
    def low_needed(self) -> float:
        """The largest lower end that an attacker's interval may have; nobody can be made to doubt the cell's own bounds."""
        return max(self.lower, self.value - self.need_below)

    @property
    def high_needed(self) -> float:
        """The smallest upper end that an attacker's interval may have.

        Where the bounds leave no room below and none is asked for above, the need counts above: a primary must not be determined.
        """
        above = self.need_above
        if above == 0 and self.low_needed == self.value:
            above = self.need_below
        return min(self.upper, self.value + above)


@dataclass(frozen=True)
class Relation:
    """What everyone knows: the sum of coefficient × value over `terms` (key, coefficient) is `constant`."""

    name: str
    terms: tuple[tuple[str, float], ...]
    constant: float = 0.0


@dataclass(frozen=True)
class System:
    """Cells and relations, kept in the order of their keys and names, so that nothing depends on the order of the input."""

    cells: tuple[Cell, ...]
    relations: tuple[Relation, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(sorted(self.cells, key=lambda cell: cell.key)))
        tidy = (_tidied(relation) for relation in self.relations)
        ordered = sorted(tidy, key=lambda relation: (relation.name, relation.terms, relation.constant))
        object.__setattr__(self, "relations", tuple(ordered))
        if len(self.by_key) < len(self.cells):
            repeated = next(one.key for one, other in pairwise(self.cells) if one.key == other.key)
            raise SystemInvalid(f"cell {repeated} stands in the system twice; expected one status per cell")
        for relation in self.relations:
            self._check(relation)

    @cached_property
    def by_key(self) -> dict[str, Cell]:
        """The cells by their keys."""
        return {cell.key: cell for cell in self.cells}

    def parts(self) -> list[System]:
        """The connected parts without cells that are published already, by their first key.

        A published cell links nothing: its value moves into the constants, and what rounding leaves there is nobody's knowledge.
        """
        root = {cell.key: cell.key for cell in self.cells if cell.state is not State.PUBLISHED}

        def find(key: str) -> str:
            while root[key] != key:
                root[key] = key = root[root[key]]
            return key

        open_relations = []
        for relation in self.relations:
            terms = tuple(term for term in relation.terms if term[0] in root)
            if terms:
                left = math.fsum(weight * self.by_key[key].value for key, weight in terms)
                open_relations.append(Relation(relation.name, terms, left))
            for one, other in pairwise(terms):
                first, second = sorted((find(one[0]), find(other[0])))
                root[second] = first
        cells, relations = defaultdict(list), defaultdict(list)
        for key in root:
            cells[find(key)].append(self.by_key[key])
        for relation in open_relations:
            relations[find(relation.terms[0][0])].append(relation)
        return [System(tuple(cells[first]), tuple(relations[first])) for first in sorted(cells)]

    def _check(self, relation: Relation) -> None:
        unknown = [key for key, _ in relation.terms if key not in self.by_key]
        if unknown:
            raise SystemInvalid(f"relation {relation.name} names cell {unknown[0]}, which the system does not have; next: add the cell")
        amounts = [weight * self.by_key[key].value for key, weight in relation.terms]
        size = max(math.fsum(map(abs, amounts)), abs(relation.constant))
        gap = abs(math.fsum(amounts) - relation.constant)
        if not gap <= EXACTNESS * size:
            raise SystemInvalid(
                f"relation {relation.name}: its cells differ from its constant by {gap / size:.1e} of its terms; expected at most "
                f"{EXACTNESS:.0e}; next: correct the relation or add a cell for what it leaves out"
            )


def _tidied(relation: Relation) -> Relation:
    """The relation with one term per cell, by key."""
    weights: dict[str, float] = defaultdict(float)
    for key, weight in relation.terms:
        weights[key] += weight
    if not all(map(math.isfinite, (*weights.values(), relation.constant))):
        raise SystemInvalid(f"relation {relation.name}: a coefficient or its constant is no finite number")
    terms = tuple(sorted((key, weight) for key, weight in weights.items() if weight != 0))
    return Relation(relation.name, terms, relation.constant)
