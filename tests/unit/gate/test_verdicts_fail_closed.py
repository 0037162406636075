"""Nothing is published, and no byte of an edition changes, on a verdict that is not the newest one on exactly this."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipelines.editions.pointer import write_pointer
from pipelines.errors import Failure
from pipelines.gate.findings import to_json
from pipelines.ledger import Ledger
from tests.unit.gate.conftest import QUARTER, rule
from tests.unit.gate.worlds import ADD_ROW, HELD, NEEDED, Trap, World, assert_nothing_is_published, changed_after


def verdict_copied(world: World, **changes: str) -> None:
    """A verdict that says `ready` as the newest one of the quarter, with other hashes."""
    payload = world.judge().payload() | changes
    world.ledger.append("verdict", quarter=QUARTER, subject="ready", payload=payload, actor="tester")


def verdict_of_the_quarter_before(world: World) -> None:
    for table in ("chk_sums", "ed_targets", *NEEDED):
        world.sql(f"insert into {table} select * replace ('2023Q2' as quarter) from {table} where quarter = '{QUARTER}'")
    verdict = world.judge(quarter="2023Q2")
    world.ledger.append("verdict", quarter=QUARTER, subject="ready", payload=verdict.payload(), actor="tester")


def verdict_without_findings(world: World) -> None:
    world.failing()
    content = to_json([finding for finding in world.judge().findings if finding.passed])
    sha256 = hashlib.sha256(content).hexdigest()
    (world.warehouse.findings / f"{sha256}.json").write_bytes(content)
    verdict_copied(world, outcome="ready", findings_sha256=sha256)


def findings_file(world: World) -> Path:
    return world.warehouse.findings / f"{world.ledger.entries('verdict')[-1].payload['findings_sha256']}.json"


TRAPS: dict[str, Trap] = {
    # verdicts
    "the data were never judged": (lambda world: None, HELD, "other data"),
    "a judged table changed after the verdict": (changed_after(lambda world: world.sql(ADD_ROW % "0")), HELD, "other data"),
    "a published table changed after the verdict": (
        changed_after(lambda world: world.sql("update ed_ranking set stars = 5")),
        HELD,
        "other data",
    ),
    "a table was dropped after the verdict": (changed_after(lambda world: world.sql("drop table ed_targets")), HELD, "other data"),
    "a bound was widened after the verdict": (
        lambda world: (world.failing(), world.judge(), world.suite(rule(kwargs={"column": "excess", "max_value": 1}))),
        HELD,
        "other suites",
    ),
    "the verdict is of another quarter": (verdict_of_the_quarter_before, HELD, "other data"),
    "the verdict is of other data": (lambda world: verdict_copied(world, data_sha256="0" * 64), HELD, "other data"),
    "the verdict is of other suites": (lambda world: verdict_copied(world, suites_sha256="0" * 64), HELD, "other suites"),
    "the verdict is of other findings": (lambda world: verdict_copied(world, findings_sha256="0" * 64), HELD, "found no findings"),
    "a verdict says ready over findings that hold": (
        lambda world: (world.failing(), verdict_copied(world, outcome="ready")),
        HELD,
        "T-001 330108/GDP",
    ),
    "a verdict says held without findings": (lambda world: verdict_copied(world, outcome="held"), HELD, "held by the gate"),
    "a verdict says ready over findings that leave out the failed rule": (verdict_without_findings, HELD, "found no finding of T-001;"),
    "the findings were edited": (
        lambda world: (world.failing(), world.judge(), findings_file(world).write_text("[]")),
        HELD,
        "found changed findings",
    ),
    "the findings are gone": (changed_after(lambda world: findings_file(world).unlink()), HELD, "found no findings"),
    "the verdict was edited in the ledger": (
        lambda world: (
            world.failing(),
            world.judge(),
            world.tamper("update ledger set payload = replace(payload, 'held', 'ready'), subject = 'ready' where subject = 'held'"),
        ),
        HELD,
        "restore the ledger from a copy",
    ),
    "the verdict that held was taken out of the ledger": (
        lambda world: (
            world.failing(),
            world.judge(),
            world.rows(("330108", "GDP", 0.0)),
            world.judge(),
            world.tamper("delete from ledger where subject = 'held'"),
        ),
        HELD,
        "restore the ledger from a copy",
    ),
    "a publication was edited in the ledger": (
        changed_after(lambda world: world.tamper("update ledger set payload = replace(payload, '001', '009') where kind = 'publication'")),
        HELD,
        "restore the ledger from a copy",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_is_published_when(world: World, trap: str):
    assert_nothing_is_published(world, TRAPS[trap])


def test_an_edition_folder_that_no_verdict_covers_is_not_taken_for_a_crash(world: World):
    world.judge()
    world.publish()
    taken = world.warehouse.editions / QUARTER / "002"
    world.suite(rule(kwargs={"column": "excess", "max_value": 1}))
    lines = world.ledger.entries()
    made_anew = Ledger(f"sqlite:///{world.root / 'other.sqlite'}")
    for entry in lines[:-1]:
        payload = entry.payload | ({"suites_sha256": "0" * 64} if entry.kind == "verdict" else {})
        made_anew.append(entry.kind, quarter=entry.quarter, subject=entry.subject, payload=payload, actor=entry.actor)
    world.ledger = made_anew
    write_pointer(world.warehouse, made_anew)
    before = world.editions()
    with pytest.raises(Failure, match="no ready verdict on its data and suites"):
        world.publish()
    assert taken.is_dir()
    assert world.editions() == before
