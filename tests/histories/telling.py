"""A history taken through the system's record, step by step beside the naive model."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from dataclasses import asdict

from hypothesis import strategies as st

from pipelines.delivery import Delivery
from pipelines.editions.outdated import outdated_quarters
from pipelines.editions.pointer import Pointer, changed_before, in_force
from pipelines.editions.revisions import revisions
from pipelines.editions.sides import Side
from pipelines.gate.judged import deliveries_sha256
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from tests.histories.naive import Naive, Published, Received, division_hash, rules_name
from tests.histories.worlds import ALL, CATALOGUE, CODES, FEEDS, RULESET

LATEST_DAY = 60
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=day) for day in range(LATEST_DAY)]
CODE = {"version": "0.1.0", "commit": "c" * 40, "is_changed": False}

_quarters = st.sampled_from(ALL)
_mostly = st.sampled_from([True, True, True, False])
_deliveries = st.tuples(
    st.just("deliver"), _quarters, st.sampled_from(FEEDS), st.sampled_from(DAYS), st.integers(1, 2), st.integers(0, 3), _mostly
)
_runs = st.tuples(st.just("run"), _quarters, _mostly.map(lambda is_whole: not is_whole))
_changes = st.sampled_from([("rules",), ("division",), *(("define", code) for code in CODES)])
_withdrawals = st.tuples(st.just("withdraw"), _quarters)
_again = st.tuples(st.just("judge again"), st.integers(0, 29))
#: Deliveries and runs are what happens most.
HISTORIES = st.lists(
    st.one_of(_deliveries, _deliveries, _deliveries, _runs, _runs, _runs, _changes, _withdrawals, _again), min_size=20, max_size=30
)


class History:
    """Takes every step twice and compares after each."""

    def __init__(self) -> None:
        self.ledger = Ledger("sqlite://")
        self.model = Naive()
        self.sides: dict[tuple[str, str], Side] = {}
        self.editions = 0

    def take(self, steps: list[tuple]) -> None:
        """Deliveries of every office for every quarter but the last, then the steps."""
        for quarter in ALL[:-1]:
            for feed in FEEDS:
                self.deliver(quarter, feed, DAYS[0], 1, 0, True)
        for what, *details in steps:
            {
                "deliver": self.deliver,
                "judge again": self.judge_again,
                "run": self.run,
                "withdraw": self.withdraw,
                "rules": self.change_rules,
                "division": self.redraw,
                "define": self.define,
            }[what](*details)
            assert self._in_force() == self.model.in_force()
        for day in (*DAYS[::7], DAYS[-1]):
            assert self._in_force(day) == self.model.in_force(day), f"as known on {day}"
        assert self.ledger.verify() == len(self.ledger.entries())

    def _in_force(self, day: dt.date | None = None) -> dict[tuple[str, str], str]:
        return {place: delivery.sha256 for place, delivery in self.ledger.in_force(day).items()}

    def deliver(self, quarter: str, feed: str, day: dt.date, number: int, content: int, accepted: bool) -> None:
        sha256 = hashlib.sha256(f"{quarter}{feed}{content}".encode()).hexdigest()
        self._receive(Received(quarter, feed, f"{day:%Y%m%d}-{number}_{content}", sha256, day, number, accepted))

    def judge_again(self, place: int) -> None:
        """Another parser judges a delivery otherwise."""
        if self.model.received:
            last = self.model.received[place % len(self.model.received)]
            self._receive(Received(last.quarter, last.feed, last.name, last.sha256, last.day, last.number, not last.accepted))

    def _receive(self, line: Received) -> None:
        self.model.received.append(line)
        problem = None if line.accepted else {"code": "unreadable"}
        delivery = Delivery(line.quarter, line.feed, line.sha256, line.name, line.day, line.number, 1, line.accepted, {}, problem)
        self.ledger.record_delivery(delivery, "tester")

    def change_rules(self) -> None:
        self.model.world.ruleset += 1

    def redraw(self) -> None:
        self.model.world.division += 1

    def define(self, code: str) -> None:
        self.model.world.definitions[code] += 1

    def withdraw(self, quarter: str) -> None:
        current = self.model.edition_of(quarter)
        if current:
            payload = {"edition": current.edition, "reason": "a test"}
            self.ledger.append("withdrawal", quarter=quarter, subject=f"{quarter}/{current.edition}", payload=payload, actor="tester")
            self.model.acts.append(("withdrawn", current))

    def run(self, quarter: str, is_only: bool) -> None:
        """As `runs.run_quarters` does it: the asked quarter, then all that a delivery has overtaken, in order of time."""
        if not self.model.rests_on(quarter):
            return
        asked = {quarter}
        overtaken = {str(each) for each in outdated_quarters(self.ledger)}
        assert overtaken == self.model.overtaken()
        for each in sorted(asked if is_only else asked | overtaken):
            self._release(each)
        if not is_only:
            assert outdated_quarters(self.ledger) == []

    def _release(self, quarter: str) -> None:
        expected = self.model.expected(quarter)
        rests_on = self.model.rests_on(quarter)
        known = self.ledger.in_force()
        judged = deliveries_sha256((*place, known[place].delivery_id) for place in rests_on)
        self.ledger.append("verdict", quarter=quarter, subject="ready", payload={"deliveries_sha256": judged}, actor="tester")
        self.model.judged[quarter] = rests_on
        current = in_force(self.ledger).get(quarter)
        if expected is None:
            assert current is not None
            return
        new, told = expected
        after = _side(new)
        own = (self.sides[quarter, current.edition], after) if current else None
        earlier = [
            (self.sides[_quarter_of(then), then.edition], self.sides[_quarter_of(now), now.edition])
            for then, now in changed_before(self.ledger, quarter)
        ]
        rows = revisions(own, earlier, CATALOGUE).to_pylist()
        assert [((row["region_code"], row["indicator"], row["period"]), row["old"], row["new"], row["cause"]) for row in rows] == told
        pointer = Pointer(new.edition, f"{quarter}/{new.edition}", "0" * 64)
        self.ledger.append("publication", quarter=quarter, subject=pointer.path, payload=asdict(pointer), actor="tester")
        self.sides[quarter, new.edition] = after
        self.model.acts.append(("published", new))
        self.editions += 1


def _quarter_of(pointer: Pointer) -> str:
    return str(Quarter.parse(pointer.path.split("/")[0]))


def _side(made: Published) -> Side:
    world = copy.deepcopy(made.world)
    definitions = {code: str(version) for code, version in world.definitions.items()}
    return Side(
        made.quarter, made.edition, made.cells, made.deliveries, {RULESET: rules_name(world)}, definitions, division_hash(world), CODE
    )
