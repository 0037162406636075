"""The pattern: which cells are withheld beside the primaries so that no primary can be computed, at the least loss.

Here: parts one by one, the search, what is done where it ends early. Not here: programmes (attack.py, master.py), the gate's audit.

Out of scope: a firm that knows its own figure. Two primaries with the same single contributor in one relation protect each other in the
eyes of everyone but that firm, and inside a sum of withheld cells no contributor is protected for itself (docs/disclosure.md).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.attack import ENOUGH, FARTHEST, Attacker, Flags, Part, Router, Target, reaching
from pipelines.disclosure.master import Limits, Master, whole_prices
from pipelines.disclosure.scaling import Floats
from pipelines.disclosure.system import State, System

PREFERRED = 0.9
"""Last quarter's cells cost this much of their value: a pattern that alternates gives both quarters away (scoring.md, 4.2)."""
NODES = 20_000
ROUNDS = 300
VIOLATED = 1e-6
FRACTIONAL_ROUNDS = 40
CLEARLY_VIOLATED = 0.05


@dataclass(frozen=True)
class Pattern:
    """What is withheld: primaries and the secondary cells that protect them, without cells that nobody publishes anyway.

    `primaries` are all that are not published already, `loss` is the cost of the secondary cells, `is_proven` says that no pattern loses
    less, `given_up` names the first key of each part where the search ended early and at most parents are published.
    """

    withheld: frozenset[str]
    primaries: frozenset[str]
    loss: float
    is_proven: bool
    given_up: tuple[str, ...]


def suppress(system: System, preferred: frozenset[str] = frozenset(), seconds: float | None = None, nodes: int | None = NODES) -> Pattern:
    """The pattern of least loss under which every primary that can be protected is; the same for any order of the input.

    `preferred` are the cells of last quarter's pattern. The search ends after `nodes` of branching per programme, or `seconds` per
    programme, which make the answer depend on the machine and are meant for trials; a part that ends early publishes its parents only.
    """
    limits = Limits(nodes, ROUNDS, seconds)
    withheld: set[str] = set()
    primaries: set[str] = set()
    given_up = []
    for part_system in system.parts():
        mine = [cell.key for cell in part_system.cells if cell.is_primary]
        if not mine:
            continue
        primaries.update(mine)
        search = _Search(Part(part_system), preferred)
        pattern = search.best(limits)
        if pattern is None:
            given_up.append(part_system.cells[0].key)
            pattern = search.parents_only()
        withheld.update(
            cell.key for cell, is_hidden in zip(part_system.cells, pattern, strict=True) if is_hidden and cell.state is State.FREE
        )
    loss = sum(system.by_key[key].cost for key in sorted(withheld - primaries))
    return Pattern(frozenset(withheld), frozenset(primaries), float(loss), not given_up, tuple(given_up))


class _Search:
    """The search for one part's pattern; patterns are flags per cell, True for every cell that an attacker does not see."""

    def __init__(self, part: Part, preferred: frozenset[str]) -> None:
        self.part = part
        self.cost = part.cost * np.where([key in preferred for key in part.keys], PREFERRED, 1.0)
        self.attacker = Attacker(part)
        self._ways: dict[int, dict[int, None]] = defaultdict(dict)
        self.targets = self._unreached()

    def best(self, limits: Limits) -> Flags | None:
        """The pattern of least loss, None where the search ended before it was proven."""
        part = self.part
        if not self.targets:
            return part.always.copy()
        found = self.routed(self.cost)
        if not self.is_sufficient(found):
            return None
        prices = whole_prices(self.cost, self.cost[found & ~part.always].sum())
        known = self._price(found, prices)
        master = Master(part, prices, known)
        self._first_inequalities(master)
        shares = self._tighten(master, known)
        if shares is None:
            return found
        for _ in range(limits.rounds):
            pattern = master.chosen(limits)
            if pattern is None:
                return None
            if self._price(pattern, prices) >= known - VIOLATED:
                return found
            sufficient = self._separate(master, pattern)
            if sufficient is None or (sufficient == pattern).all():
                return sufficient
            if self._price(better := self._without_needless(sufficient, sufficient & ~pattern), prices) < known:
                found, known = better, self._price(better, prices)
        return None

    def parents_only(self) -> Flags:
        """Everything but the parents withheld, or everything where that does not protect all."""
        part = self.part
        pattern: Flags = part.always | ~part.is_parent
        return pattern if self.is_sufficient(pattern) else np.ones_like(pattern)

    def is_sufficient(self, pattern: Flags) -> bool:
        """Whether every target is reached."""
        return all(self._reaches(number, pattern) for number in range(len(self.targets)))

    def routed(self, cost: Floats) -> Flags:
        """A sufficient pattern, found by opening one target after the other the cheapest way and dropping what is not needed then."""
        part = self.part
        router = Router(part)
        pattern = part.always.copy()
        for number in sorted(range(len(self.targets)), key=lambda number: -self.targets[number].need):
            if self._reaches(number, pattern):
                continue
            changes = router.change(self.targets[number], np.where(pattern, 0.0, cost))
            if changes is None:
                pattern |= part.movable
            else:
                self._remember(changes)
                pattern |= np.abs(changes) > VIOLATED * self.targets[number].need
                if not self._reaches(number, pattern):
                    pattern |= part.movable
        return self._without_needless(pattern, pattern & ~part.always)

    def _without_needless(self, pattern: Flags, doubtful: Flags) -> Flags:
        """The pattern without those of its doubtful cells that nothing needs, the dearest first."""
        pattern = pattern.copy()
        for cell in sorted(np.flatnonzero(doubtful).tolist(), key=lambda cell: (-self.cost[cell], cell)):
            pattern[cell] = False
            if not self.is_sufficient(pattern):
                pattern[cell] = True
        return pattern

    def _unreached(self) -> list[Target]:
        """The targets that ask for further cells, with no more need than all cells together meet: published ones may have left less."""
        part = self.part
        primaries, everything = part.always.astype(float), np.ones(len(part.keys))
        met: set[int] = set()
        unreached = {}
        # One change often does for many targets, the largest for most.
        for number in sorted(range(len(part.targets)), key=lambda number: -part.targets[number].need):
            if number in met:
                continue
            target = part.targets[number]
            answer = self.attacker.answer(target, primaries)
            met.update(reaching(part.targets, answer.changes))
            if answer.reached < ENOUGH:
                most = self.attacker.answer(target, everything).reached
                if most >= ENOUGH:
                    unreached[number] = target
                elif most > VIOLATED and answer.reached < ENOUGH * most:
                    unreached[number] = Target(target.place, target.sign, target.need * most)
        return [unreached[number] for number in sorted(unreached)]

    def _reaches(self, number: int, pattern: Flags) -> bool:
        """Whether a target is reached: by a change that is known already, or by asking."""
        seen = _bits(~pattern)
        if any(not way & seen for way in self._ways[number]):
            return True
        answer = self.attacker.answer(self.targets[number], pattern.astype(float))
        if answer.reached >= ENOUGH:
            self._remember(answer.changes)
        return answer.reached >= ENOUGH

    def _remember(self, changes: Floats) -> None:
        used = _bits(changes != 0)
        for number in reaching(self.targets, changes):
            self._ways[number].setdefault(used)

    def _price(self, pattern: Flags, prices: Floats) -> float:
        return float(prices[pattern & ~self.part.always].sum())

    def _first_inequalities(self, master: Master) -> None:
        """What each target asks of each relation that it stands in: seen with nothing else withheld."""
        for target in self.targets:
            self._ask(master, target, self.part.always.astype(float))

    def _ask(self, master: Master, target: Target, shares: Floats, room: float = FARTHEST, by: float = VIOLATED) -> bool:
        """Add the inequality that these shares break, and say whether there is one."""
        weights = self.attacker.answer(target, shares, room).weights
        is_broken = bool(weights.any() and weights @ shares < 1 - by)
        if is_broken:
            master.require(weights)
        return is_broken

    def _tighten(self, master: Master, known: float) -> Floats | None:
        """Inequalities for the relaxed programme, until they bring little; None where it proves the known pattern the best."""
        asked = self.targets
        for _ in range(FRACTIONAL_ROUNDS):
            shares, price = master.relaxed()
            if price >= known - VIOLATED:
                return None
            broken = [target for target in asked if self._ask(master, target, shares, 1.0, CLEARLY_VIOLATED)]
            if not self._keep_company(master, shares) and not broken:
                if len(asked) == len(self.targets):
                    break
                broken = self.targets
            asked = broken
        return shares

    def _separate(self, master: Master, pattern: Flags) -> Flags | None:
        """Inequalities that a whole choice breaks, and the sufficient pattern that comes of mending each the cheapest way.

        A choice mended for one inequality breaks the next, and so does the choice itself: one question for many answers. None where
        the programmes contradict each other: that no further cell helps, and that all cells together do.
        """
        mended = pattern.copy()
        for number, target in enumerate(self.targets):
            while not self._reaches(number, mended):
                weights = self.attacker.answer(target, mended.astype(float)).weights
                helpful = np.flatnonzero((weights > 0) & ~mended)
                if not len(helpful):
                    return None
                master.require(weights)
                mended[min(helpful.tolist(), key=lambda cell: (self.cost[cell] / weights[cell], cell))] = True
        self._keep_company(master, pattern.astype(float))
        return mended

    def _keep_company(self, master: Master, shares: Floats) -> bool:
        """Inequalities for cells withheld alone in a relation."""
        part = self.part
        useful = np.where(part.movable, shares, 0.0)
        total = np.bincount(part.rows, weights=useful[part.columns], minlength=part.shape[0])
        lonely = (2 * useful[part.columns] > total[part.rows] + CLEARLY_VIOLATED) & ~part.always[part.columns]
        for entry in np.flatnonzero(lonely):
            others = part.columns[(part.rows == part.rows[entry]) & (part.columns != part.columns[entry])]
            master.require_company(int(part.columns[entry]), others[part.movable[others]])
        return bool(lonely.any())


def _bits(flags: Flags) -> int:
    """Flags as the bits of one number: comparing two takes no time."""
    return int.from_bytes(np.packbits(flags).tobytes(), "big")
