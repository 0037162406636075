"""Text of a delivery stays text in the browser: names that are markup run in no view and no tooltip of the board."""

from __future__ import annotations

from pathlib import Path

from pipelines.report import board_html
from tests.browser.boards import NEEDS_CHROMIUM, VIEWS, opened_board
from tests.small_warehouse import board_of_two

pytestmark = NEEDS_CHROMIUM


def test_text_of_a_delivery_cannot_run_in_any_view_or_tooltip(tmp_path: Path) -> None:
    evil = '<img src=x onerror="console.error(1)">'
    made = board_of_two()
    for row in [*made.indicators, *made.ranking]:
        row["region_name"] = row["region_name"] + evil
    for row in made.indicators:
        row["indicator_name"] = row["indicator_name"] + evil
    path = tmp_path / "board.html"
    path.write_bytes(board_html(made))
    with opened_board(path) as opened:
        for view in VIEWS:
            opened.go(view)
            for host in opened.page.locator(".view:visible .chart:visible").all():
                host.hover(position={"x": 300, "y": 100})
        opened.page.locator("body > div, .chart > div", has_text="<img").first.wait_for(state="attached")
        assert opened.complaints == []
        assert opened.page.locator("img").count() == 0
