"""The naive model: everything that happened as plain lists, every question answered by going through all of them."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field

from tests.histories.worlds import COUNTY, Key, Place, World, behind, codes_of, figures, inputs

Change = tuple[Key, float | None, float | None, str]
SHOWN = 12


@dataclass(frozen=True)
class Received:
    """One line about a delivery: received, or judged again."""

    quarter: str
    feed: str
    name: str
    sha256: str
    day: dt.date
    number: int
    accepted: bool


@dataclass(frozen=True)
class Published:
    quarter: str
    edition: str
    cells: dict[Key, tuple[float | None, str]]
    deliveries: dict[Place, str]
    world: World


@dataclass
class Naive:
    """All that happened, in order."""

    world: World = field(default_factory=World)
    received: list[Received] = field(default_factory=list)
    acts: list[tuple[str, Published]] = field(default_factory=list)
    judged: dict[str, dict[Place, str]] = field(default_factory=dict)

    def in_force(self, day: dt.date | None = None) -> dict[Place, str]:
        """Place -> SHA-256 of what counts, as known at the end of a day."""
        found: dict[Place, str] = {}
        for place in sorted({(each.quarter, each.feed) for each in self.received}):
            last = {}
            for order, each in enumerate(self.received):
                if (each.quarter, each.feed) == place:
                    last[each.name, each.sha256] = (each.day, each.number, order, each)
            counting = [line for line in last.values() if line[3].accepted and (day is None or line[0] <= day)]
            if counting:
                found[place] = max(counting)[3].sha256
        return found

    def rests_on(self, quarter: str) -> dict[Place, str]:
        """The deliveries in force behind a quarter."""
        return {place: sha for place, sha in self.in_force().items() if place[0] in inputs(quarter)}

    def edition_of(self, quarter: str, until: int | None = None) -> Published | None:
        """The edition in force after the first `until` acts."""
        standing: list[Published] = []
        for what, edition in self.acts[:until]:
            if edition.quarter == quarter:
                standing = [*standing, edition] if what == "published" else [each for each in standing if each != edition]
        return max(standing, key=lambda each: int(each.edition), default=None)

    def overtaken(self) -> set[str]:
        """Published quarters last judged on other deliveries than those in force."""
        quarters = {edition.quarter for _, edition in self.acts if self.edition_of(edition.quarter)}
        return {quarter for quarter in quarters if self.judged[quarter] != self.rests_on(quarter)}

    def expected(self, quarter: str) -> tuple[Published, list[Change]] | None:
        """The edition to publish now with its revisions; None if the edition in force says the same."""
        deliveries = self.rests_on(quarter)
        cells = figures(quarter, deliveries, self.world)
        current = self.edition_of(quarter)
        if current and current.cells == cells:
            return None
        number = 1 + max((int(edition.edition) for what, edition in self.acts if edition.quarter == quarter), default=0)
        new = Published(quarter, f"{number:03d}", cells, deliveries, copy.deepcopy(self.world))
        told: dict[Key, Change] = {}
        pairs = [(current, new)] if current else []
        for then, now in [*pairs, *reversed(self._earlier(quarter))]:
            for change in changes(then, now):
                told.setdefault(change[0], change)
        return new, [told[key] for key in sorted(told)]

    def _earlier(self, quarter: str) -> list[tuple[Published, Published]]:
        own = [place for place, (what, edition) in enumerate(self.acts) if (what, edition.quarter) == ("published", quarter)]
        year, number = int(quarter[:4]), int(quarter[5])
        before = f"{year}Q{number - 1}" if number > 1 else f"{year - 1}Q4"
        others = [place for place, (what, edition) in enumerate(self.acts) if (what, edition.quarter) == ("published", before)]
        if not (own or others):
            return []
        moment = (own or others)[-1] + 1
        pairs = []
        for each in sorted({edition.quarter for _, edition in self.acts if edition.quarter < quarter}):
            then, now = self.edition_of(each, moment), self.edition_of(each)
            if then and now and then != now:
                pairs.append((then, now))
        return pairs


def changes(then: Published, now: Published) -> list[Change]:
    """Every figure that differs with the exact reasons for it."""
    found = []
    for key in sorted(now.cells):
        (old, old_state), (new, new_state) = then.cells[key], now.cells[key]
        if (old, old_state) != (new, new_state):
            state = f"; status {old_state} → {new_state}" if old_state != new_state else ""
            found.append((key, old, new, "; ".join(_reasons(then, now, key)) + state))
    return found


def _reasons(then: Published, now: Published, key: Key) -> list[str]:
    is_total = "/" in key[1]
    codes = codes_of(now.quarter)
    places = {*then.deliveries, *now.deliveries} if is_total else set(behind(key[1], now.quarter)[1])
    moved = [
        f"{feed} {quarter} {then.deliveries.get((quarter, feed), 'none')[:SHOWN]} → {now.deliveries.get((quarter, feed), 'none')[:SHOWN]}"
        for quarter, feed in sorted(places)
        if then.deliveries.get((quarter, feed)) != now.deliveries.get((quarter, feed))
    ]
    named = sorted(then.world.definitions) if is_total else [code for code in codes if code == key[1]]
    redefined = [code for code in named if then.world.definitions[code] != now.world.definitions[code]]
    reasons = [f"data: {', '.join(moved)}"] if moved else []
    reasons += [f"catalogue: {', '.join(redefined)}"] if redefined else []
    if then.world.division != now.world.division:
        reasons.append(f"division: {division_hash(then.world)[:SHOWN]} → {division_hash(now.world)[:SHOWN]}")
    if is_total and then.world.ruleset != now.world.ruleset:
        family = key[1].split("/")[0]
        reasons.append(f"ruleset: {family} {rules_name(then.world)} → {rules_name(now.world)}")
    return reasons


def division_hash(world: World) -> str:
    return f"{world.division:064d}"[::-1]


def rules_name(world: World) -> str:
    return f"{world.ruleset} ({'a' * SHOWN})"


__all__ = ["COUNTY", "Naive", "Published", "Received", "changes", "division_hash", "rules_name"]
