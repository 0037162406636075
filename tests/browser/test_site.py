"""The site of all editions, opened from its folder with no network; and what making it promises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, sync_playwright

from pipelines.editions.schema import FILES
from pipelines.editions.withdrawing import withdraw
from pipelines.errors import UsageError
from pipelines.site.content import EditionDamaged
from pipelines.site.dbt_docs import dbt_docs_page
from pipelines.site.making import make_site
from tests.browser.boards import NEEDS_CHROMIUM
from tests.door import CHROMIUM, FLAGS
from tests.small_warehouse import QUARTER, SmallWarehouse, small_warehouse
from tests.tampering import correct

REASON = "错报 <script>"


@dataclass(frozen=True)
class Made:
    """A warehouse with three editions, of which the last is withdrawn, and its site."""

    small: SmallWarehouse
    site: Path
    dbt_docs: bytes

    @property
    def pages(self) -> list[Path]:
        return [path for path in sorted(self.site.rglob("*.html")) if path.name != "board.html" and path.parent.name != "dbt"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("site")
    small = small_warehouse(folder)
    for corrected in (None, 2.0, 3.0):
        if corrected is not None:
            correct(small, corrected)
        small.judge()
        small.publish()
    withdraw(QUARTER, "003", REASON, small.warehouse, small.ledger, "tester")
    dbt_docs = dbt_docs_page()
    make_site(small.warehouse, small.ledger, folder / "public" / "site", dbt_docs=dbt_docs)
    return Made(small, folder / "public" / "site", dbt_docs)


class Links(HTMLParser):
    """What a page links to or loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def test_every_link_is_relative_and_leads_to_a_file_of_the_site(made: Made) -> None:
    checked = 0
    for page in made.pages:
        for link in Links(page).found:
            if link.startswith("data:"):
                continue
            assert not re.match("[a-z]+:|/", link), f"{page.name}: {link}"
            target = (page.parent / unquote(link.partition("#")[0])).resolve()
            assert target.is_file(), f"{page.name}: {link}"
            assert made.site in target.parents
            checked += 1
    assert checked > 50


def test_every_download_has_the_hash_and_the_bytes_that_its_page_says(made: Made) -> None:
    for number in ("001", "002", "003"):
        page = (made.site / "quarters" / f"{QUARTER}-{number}.html").read_text(encoding="utf-8")
        told = dict(re.findall(r'<a href="\.\./([^"]+)">[^<]+</a></th><td class="n">[0-9,]+</td><td><code>([0-9a-f]{64})</code>', page))
        assert {Path(name).name for name in told} == set(FILES)
        for name, sha256 in told.items():
            content = (made.site / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == sha256, name
            assert content == (made.small.warehouse.root / name).read_bytes()


def test_states_come_from_the_ledger_and_the_newest_edition_first(made: Made) -> None:
    index = (made.site / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr class="([a-z-]+)">\s*<th scope="row">第(\d{3})版</th>', index)
    assert rows == [("withdrawn", "003"), ("in-force", "002"), ("superseded", "001")]
    assert "错报 &lt;script&gt;" in index
    assert "<script" not in index


def test_the_same_editions_give_the_same_bytes_and_an_earlier_site_is_replaced_whole(made: Made, tmp_path: Path) -> None:
    again = tmp_path / "again"
    for _ in range(2):
        make_site(made.small.warehouse, made.small.ledger, again, dbt_docs=made.dbt_docs)
        files = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
        assert files == {path.relative_to(made.site): path.read_bytes() for path in made.site.rglob("*") if path.is_file()}
        (again / "stray").touch()
    make_site(made.small.warehouse, made.small.ledger, again)
    assert not (again / "stray").exists()
    assert not (again / "dbt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_the_documentation_of_models_names_no_moment_and_no_place_of_this_machine(made: Made) -> None:
    assert dbt_docs_page() == made.dbt_docs
    assert str(Path(__file__).resolve().parents[2]).encode() not in made.dbt_docs
    assert b"wl_rd_uncounted" in made.dbt_docs


def test_what_is_no_earlier_site_is_left_alone(made: Made, tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("mine")
    with pytest.raises(UsageError, match="no earlier site"):
        make_site(made.small.warehouse, made.small.ledger, tmp_path)
    with pytest.raises(UsageError, match="inside the warehouse"):
        make_site(made.small.warehouse, made.small.ledger, made.small.warehouse.editions)
    assert (tmp_path / "letters").read_text() == "mine"


def test_a_damaged_edition_makes_no_site(made: Made, tmp_path: Path) -> None:
    path = made.small.warehouse.editions / QUARTER / "001" / "scores.csv"
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n")
        with pytest.raises(EditionDamaged, match=f"{QUARTER}/001/scores.csv"):
            make_site(made.small.warehouse, made.small.ledger, tmp_path / "site")
    finally:
        path.write_bytes(content)
    assert not (tmp_path / "site").exists()


@pytest.fixture(scope="module")
def browser_page(made: Made) -> Iterator[tuple[Page, list[str]]]:
    """A page of a browser without network, and what it complained of or asked for outside the site."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(offline=True, viewport={"width": 1300, "height": 900}).new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(made.site.as_uri()) else None)
        page.on("requestfailed", lambda request: complaints.append(request.url))
        yield page, complaints
        browser.close()


@NEEDS_CHROMIUM
def test_every_page_opens_from_its_folder_without_network_request_or_console_error(
    made: Made, browser_page: tuple[Page, list[str]]
) -> None:
    page, complaints = browser_page
    for path in made.pages:
        page.goto(path.as_uri())
        assert page.locator("h1").count() == 1
        # The style came with the page: its bar is not white.
        assert page.locator("header").evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(18, 53, 91)"
    page.goto((made.site / "index.html").as_uri())
    page.get_by_role("link", name="打开报告").nth(1).click()
    # The next test uses the same page: a board that is still coming in then would count as a request that failed.
    page.wait_for_load_state("load")
    assert page.url.endswith(f"editions/{QUARTER}/002/board.html")
    assert complaints == []


@NEEDS_CHROMIUM
def test_the_documentation_of_models_opens_and_shows_a_model(made: Made, browser_page: tuple[Page, list[str]]) -> None:
    page, complaints = browser_page
    page.goto((made.site / "dbt" / "index.html").as_uri() + "#!/model/model.i315.wl_ladder")
    page.get_by_role("heading", name="wl_ladder").wait_for()
    assert page.get_by_text("registered_on").first.is_visible()
    assert complaints == []
