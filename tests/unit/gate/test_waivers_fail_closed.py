"""Nothing is published, and no byte of an edition changes, on a waiver that does not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tests.unit.gate.conftest import QUARTER, TODAY, rule, waiver
from tests.unit.gate.worlds import ABSENT, HELD, NOT_EXPIRED, Trap, World, assert_nothing_is_published


def two_findings_of_one_key(world: World) -> None:
    world.rows(("330108", "GDP", 0.5), ("330108", "GDP", 0.7))
    world.waive(waiver(expires=NOT_EXPIRED))
    world.judge()


def waived_by(proposer: str, approver: str) -> Callable[[World], object]:
    return lambda world: world.waived(proposed_by=proposer, approved_by=approver)


TRAPS: dict[str, Trap] = {
    # waivers
    "a waiver had expired": (lambda world: world.waived(expires=TODAY - dt.timedelta(days=1)), HELD, "GATE-005"),
    "a waiver expired between judging and publishing": (lambda world: world.waived(expires=TODAY), HELD, "expired on 2023-10-31"),
    "a waiver is dated in the future": (lambda world: world.waived(date=TODAY + dt.timedelta(days=1)), HELD, "GATE-005"),
    "a waiver matches nothing": (lambda world: world.waived(region="330109"), HELD, "GATE-004"),
    "a waiver names a rule that there is not": (lambda world: world.waived(rule="T-002"), HELD, "GATE-004"),
    "a waiver matches clean data": (
        lambda world: (world.waive(waiver(expires=NOT_EXPIRED)), world.judge()),
        HELD,
        "GATE-004",
    ),
    "a waiver matches two findings": (two_findings_of_one_key, HELD, "GATE-004"),
    "a waiver names a rule that takes none": (
        lambda world: (world.suite(rule(waivable=False)), world.waived()),
        HELD,
        "GATE-005",
    ),
    "a waiver names a finding of the gate itself": (
        lambda world: (
            world.sql("delete from chk_sums"),
            world.waive(waiver(rule="GATE-002", region="", indicator="", expires=NOT_EXPIRED)),
            world.judge(),
        ),
        HELD,
        "GATE-00[24]",
    ),
    "a waiver names what was not evaluated": (
        lambda world: (world.suite(ABSENT), world.waive(waiver(region="", indicator="", expires=NOT_EXPIRED)), world.judge()),
        HELD,
        "GATE-005",
    ),
    "a waiver was changed after the verdict": (
        lambda world: (world.waived(), world.waive(waiver(reason="另有说明", expires=NOT_EXPIRED))),
        HELD,
        "other suites",
    ),
    "a waiver was added after the verdict": (
        lambda world: (world.failing(), world.judge(), world.waive(waiver(expires=NOT_EXPIRED))),
        HELD,
        "other suites",
    ),
    "a waiver was taken back after the verdict": (
        lambda world: (world.waived(), (world.expectations / "waivers" / f"{QUARTER}.yml").unlink()),
        HELD,
        "other suites",
    ),
    "one waiver of more than are shown had a shorter term": (
        lambda world: (
            world.rows(*((f"{330100 + n}", "GDP", 1.0) for n in range(60))),
            world.waive(*(waiver(region=f"{330100 + n}", expires=TODAY if n == 59 else NOT_EXPIRED) for n in range(60))),
            world.judge(),
        ),
        HELD,
        "expired on 2023-10-31",
    ),
    **{
        f"a waiver is proposed by {first!r} and approved by {second!r}": (waived_by(first, second), HELD, "GATE-005")
        for first, second in (
            ("张三", "张三"),
            ("张三", " 张 三 "),
            ("张三", "张\u3000三"),
            ("张三", "张\u200b三"),
            ("Zhang San", "zhang san"),
            ("Zhang San", "ＺＨＡＮＧ　ＳＡＮ"),
            ("Zhang San", "Zhang-San"),
            ("José", "Jose\u0301"),
            ("——", "…"),
        )
    },
}


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_is_published_when(world: World, trap: str):
    assert_nothing_is_published(world, TRAPS[trap])


def test_the_correction_is_published_when_nothing_is_wrong(world: World):
    world.judge()
    assert (world.publish().edition, world.publish().is_new) == ("002", False)


def test_a_waiver_of_two_persons_in_force_lets_the_correction_be_published(world: World):
    world.waived()
    assert world.publish().edition == "002"
