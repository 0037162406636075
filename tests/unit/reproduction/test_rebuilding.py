"""What is put back in place is what was published and nothing else: refusals of `rebuild`, without computing anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.reproduction.rebuilding import NOT_POSSIBLE, WHOLE, rebuild
from tests.small_warehouse import QUARTER, SmallWarehouse, small_warehouse


@pytest.fixture
def published(tmp_path: Path) -> SmallWarehouse:
    """An edition of deliveries that no parser takes: it cannot be computed again."""
    made = small_warehouse(tmp_path)
    made.judge()
    made.publish()
    return made


def outcome(made: SmallWarehouse) -> tuple[str, str]:
    (found,) = rebuild(made.warehouse, made.ledger, threads=1)
    return found.state, found.reason


def test_an_edition_is_left_as_it_is_or_left_out_with_the_reason(published: SmallWarehouse) -> None:
    folder = published.warehouse.editions / QUARTER / "001"
    assert outcome(published) == (WHOLE, "")
    board = folder / "board.html"
    board.write_bytes(board.read_bytes() + b" ")
    state, reason = outcome(published)
    assert (state, board.read_bytes()[-1:]) == (NOT_POSSIBLE, b" ")
    assert f"{QUARTER}/001: found a folder that is not as published: board.html" in reason
    shutil.rmtree(folder)
    (published.warehouse.editions / "latest.json").unlink()
    state, reason = outcome(published)
    assert state == NOT_POSSIBLE
    assert "a delivery that was accepted is refused by the code of now" in reason
    assert not folder.exists()
    assert not (published.warehouse.editions / "latest.json").exists()


def test_a_line_that_states_nothing_of_the_manifest_is_told(published: SmallWarehouse, tmp_path: Path) -> None:
    older = Ledger(f"sqlite:///{tmp_path / 'older.sqlite'}")
    (entry,) = published.ledger.entries("publication")
    payload = {name: value for name, value in entry.payload.items() if name != "stated"}
    older.append("publication", quarter=entry.quarter, subject=entry.subject, payload=payload, actor=entry.actor)
    shutil.rmtree(published.warehouse.editions)
    (found,) = rebuild(published.warehouse, older, threads=1)
    assert "restore the folder from a backup" in found.reason


def test_a_ledger_without_editions_is_no_success(tmp_path: Path) -> None:
    made = small_warehouse(tmp_path)
    with pytest.raises(UsageError, match="found no edition in the ledger"):
        rebuild(made.warehouse, made.ledger, threads=1)
