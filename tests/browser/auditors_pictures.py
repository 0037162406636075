"""The pictures of docs/auditors.md, taken from the real UI at the auditors' door over a warehouse with the sample's editions.

`python -m tests.browser.auditors_pictures WAREHOUSE` (or `make pictures`) writes them into docs/images.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import PROJECT
from tests.door import CHROMIUM, FLAGS, NAME, PASSWORD, opened

IMAGES = PROJECT / "docs" / "images"
SIZE = {"width": 1280, "height": 720}
PARTITION = "view=partitions&partition=2023Q3"


def shows(text: str) -> Callable[[Page], None]:
    """Wait until a text is in sight."""
    return lambda page: page.get_by_text(text).first.wait_for()


def opens(entry: str) -> Callable[[Page], None]:
    """Open the text behind a metadata entry."""

    def open_it(page: Page) -> None:
        page.get_by_role("row", name=entry).get_by_text("[Show Markdown]").first.click()
        page.get_by_role("dialog").get_by_role("table").wait_for()

    return open_it


#: File name -> page of the UI and what to do there before the picture is taken.
PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "lineage": ("/asset-groups", shows("editions")),
    "edition": (f"/assets/edition?{PARTITION}", shows("/editions/2023Q3/001/board.html")),
    "columns": (f"/assets/ind_computed?{PARTITION}", opens("columns come from")),
    "contributions": ("/assets/int_contributions_contracts", shows("Raw SQL")),
    "staging": (f"/assets/base_contracts__contracts?{PARTITION}", shows("quarantined")),
    "landing": (f"/assets/landing/contracts/contracts?{PARTITION}", shows("SHA-256")),
    "check": ("/assets/chk_targets?view=checks&checkDetail=LED_007", opens("findings")),
}


def main(warehouse: Path) -> None:
    """Take every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, opened(warehouse, Path(folder)) as door, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport=SIZE, http_credentials={"username": NAME, "password": PASSWORD})
        for name, (path, prepare) in PICTURES.items():
            page.goto(door.url + path)
            prepare(page)
            # Panels slide in and charts are drawn for a while.
            page.wait_for_timeout(2000)
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
