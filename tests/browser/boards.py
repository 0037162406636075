"""Boards in Debian's Chromium: opened from a file with no network, every complaint and request noted, pictures kept.

Here: how tests open a board. Not here: what they claim. Pictures go to the folder that `PICTURES_OF_BOARDS` names, else beside the board.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.door import CHROMIUM, FLAGS

NEEDS_CHROMIUM = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="needs Debian's chromium at /usr/bin/chromium"
)
VIEWS = ("ranking", "map", "county/330108", "compare/330108,330106", "targets", "findings", "revisions", "methods")


@dataclass
class Opened:
    """A board on screen, and everything that it complained of or asked for outside its own file."""

    page: Page
    path: Path
    complaints: list[str] = field(default_factory=list)

    def go(self, view: str) -> None:
        """Show a view, as its address does; a view that is shown already stays."""
        self.page.evaluate(
            """view => new Promise(done => { if (location.hash === "#" + view) return done();
            addEventListener("hashchange", () => done(), {once: true}); location.hash = view; })""",
            view,
        )

    def picture(self, name: str) -> Path:
        """A picture of the whole view."""
        folder = Path(os.environ.get("PICTURES_OF_BOARDS") or self.path.parent)
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{name}.png"
        self.page.screenshot(path=kept, full_page=True)
        return kept


@contextmanager
def opened_board(path: Path) -> Iterator[Opened]:
    """The page at a path, offline."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000}).new_page()
        opened = Opened(page, path)
        page.on("console", lambda message: opened.complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("request", lambda request: opened.complaints.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        yield opened
        browser.close()
