"""Withdrawing: the edition before is in force again, nothing is deleted, the ledger says who, when and why, numbers go on."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.editions.pointer import read_pointer
from pipelines.editions.record import every_edition, verify_in_place
from pipelines.editions.withdrawing import Withdrawn, withdraw
from pipelines.errors import UsageError
from tests.conftest import I315, clean_environment
from tests.small_warehouse import QUARTER, SmallWarehouse
from tests.tampering import correct


def withdrawn(small: SmallWarehouse, edition: str, reason: str = "错报") -> Withdrawn:
    return withdraw(QUARTER, edition, reason, small.warehouse, small.ledger, "tester")


def faults(small: SmallWarehouse) -> list[str]:
    return verify_in_place(small.warehouse, small.ledger, every_edition(small.warehouse))


@pytest.fixture
def two(ready: SmallWarehouse) -> SmallWarehouse:
    """Editions 001 and 002, the second after a correction."""
    ready.publish()
    correct(ready, 2.0)
    ready.judge()
    ready.publish()
    return ready


def test_the_edition_before_is_in_force_again_and_the_folder_stays(two: SmallWarehouse) -> None:
    assert withdrawn(two, "002", "  错报 \n") == Withdrawn("002", "001")
    assert read_pointer(two.warehouse)[QUARTER].edition == "001"
    assert [folder.name for folder in every_edition(two.warehouse)] == ["001", "002"]
    entry = two.ledger.entries("withdrawal")[-1]
    assert (entry.actor, entry.subject) == ("tester", f"{QUARTER}/002")
    assert entry.payload == {"edition": "002", "reason": "错报", "before": "002", "after": "001"}
    assert faults(two) == []


def test_withdrawn_content_published_again_gets_a_new_number(two: SmallWarehouse) -> None:
    withdrawn(two, "002")
    again = two.publish()
    assert (again.edition, again.is_new) == ("003", True)
    assert json.loads((again.path / "manifest.json").read_bytes())["previous"] == "001"
    assert withdrawn(two, "001") == Withdrawn("003", "003")
    assert withdrawn(two, "003") == Withdrawn("003", None)
    assert read_pointer(two.warehouse) == {}
    assert two.publish().edition == "004"
    assert faults(two) == []


def test_what_cannot_be_withdrawn_is_refused_and_nothing_is_written(two: SmallWarehouse) -> None:
    withdrawn(two, "002")
    lines = two.ledger.end()
    for edition, reason, message in (
        ("003", "错报", "found 001, 002 of 2023Q3; expected 003"),
        ("002", "错报", "found it withdrawn by tester"),
        ("001", " \n", "--reason: found nothing"),
    ):
        with pytest.raises(UsageError, match=message):
            withdrawn(two, edition, reason)
    assert two.ledger.end() == lines


def test_a_withdrawal_cut_before_the_pointer_is_completed_by_asking_again(two: SmallWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCut(BaseException): ...

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.editions.withdrawing.write_pointer", cut)
        with pytest.raises(PowerCut):
            withdrawn(two, "002")
    assert [fault.partition(":")[0] for fault in faults(two)] == ["latest.json"]
    with pytest.raises(UsageError, match="found it withdrawn"):
        withdrawn(two, "002")
    assert faults(two) == []


def test_the_command_line_withdraws_and_status_and_verify_tell_it(two: SmallWarehouse, tmp_path: Path) -> None:
    # This process holds the writer's lock of the warehouse itself until it ends.
    copy = shutil.copytree(two.warehouse.root, tmp_path / "copy")

    def said(*arguments: str) -> tuple[int, str]:
        command = [str(I315), *arguments, "--warehouse", str(copy)]
        finished = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False, timeout=60)
        return finished.returncode, finished.stdout or finished.stderr

    code, text = said("withdraw", QUARTER, "002", "--reason", "错报")
    assert (code, text) == (0, "2023Q3 002 withdrawn; in force: 001\n")
    code, text = said("verify", "--all")
    assert code == 0
    first, second, *beside = text.splitlines()
    assert [line.partition(":")[0] for line in beside] == ["landing files compared", "not checked"]
    assert first.startswith("2023Q3 001: every hash, table and total holds; ")
    assert "withdrawn at 20" in second
    assert "withdrawn" not in first
    code, text = said("status", "--json", "--data-raw", str(tmp_path))
    assert [(state["edition"], state["withdrawn"]) for state in json.loads(text)] == [("001", ["002"])]
    code, text = said("withdraw", QUARTER, "007", "--reason", "错报")
    assert (code, text.splitlines()) == (2, ["error: no such edition: found 001, 002 of 2023Q3; expected 007"])
    assert said("verify")[0] == said("verify", QUARTER, "--all")[0] == 2
