"""The board for people who use a keyboard or a screen reader: axe-core finds nothing serious in any view."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.report import board_html
from tests.browser.boards import NEEDS_CHROMIUM, VIEWS, Opened, opened_board
from tests.small_warehouse import board_of_two

pytestmark = NEEDS_CHROMIUM
AXE = Path(__file__).resolve().parent / "vendor" / "axe.min.js"
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = tmp_path_factory.mktemp("accessible") / "board.html"
    path.write_bytes(board_html(board_of_two()))
    with opened_board(path) as board:
        board.page.evaluate(AXE.read_text(encoding="utf-8"))
        yield board


def violations(opened: Opened) -> list[str]:
    found: dict[str, Any] = opened.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]} and {len(each['nodes']) - 1} more"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


def test_the_vendored_checker_is_the_recorded_one() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in (AXE.parent / "README.md").read_text()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.partition("/")[0])
def test_a_view_has_no_serious_violation_and_is_pictured(opened: Opened, view: str) -> None:
    opened.go(view)
    assert violations(opened) == []
    assert opened.picture(f"board-{view.partition('/')[0]}").stat().st_size > 10_000


def test_what_has_the_focus_is_seen(opened: Opened) -> None:
    opened.go("ranking")
    opened.page.keyboard.press("Tab")
    style = opened.page.evaluate("() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; }")
    assert style == ["solid", "2px"]
