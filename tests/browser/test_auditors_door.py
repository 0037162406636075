"""What an auditor can see and cannot do: the door in front of the running UI, in headless Chromium and by hand-made requests."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from tests.conftest import Office
from tests.door import CHROMIUM, FLAGS, NAME, PASSWORD, OpenDoor, answered, document, opened
from tests.graphql_calls import mutation_calls

expect.set_options(timeout=30_000)
NEEDED = (CHROMIUM.exists(), shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"))
pytestmark = pytest.mark.skipif(
    not all(NEEDED) and not os.environ.get("CI"),
    reason="needs chromium and nginx, which CI installs",
)
# A viewport that holds the whole graph: the UI draws only the nodes in sight.
WHOLE_GRAPH = {"width": 3400, "height": 5200}


@pytest.fixture(scope="module")
def door(sample: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    with opened(sample.warehouse, tmp_path_factory.mktemp("door")) as found:
        yield found


@pytest.fixture(scope="module")
def context(door: OpenDoor) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport=WHOLE_GRAPH, http_credentials={"username": NAME, "password": PASSWORD})
        context.set_default_timeout(30_000)
        yield context
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def left_edge(node: Locator) -> float:
    box = node.bounding_box()
    assert box is not None
    return box["x"]


def history(warehouse: Path) -> dict[str, list[tuple[str, int]]]:
    """Rows per table of Dagster's own files."""
    counted = {}
    for file in sorted((warehouse / "dagster_home").rglob("*.db")):
        with sqlite3.connect(file) as connection:
            tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
            counted[file.name] = [(name, connection.execute(f"select count(*) from {name}").fetchone()[0]) for name in tables]
    return counted


def test_an_auditor_finds_the_edition_its_landed_source_and_the_reason_of_a_check(door: OpenDoor, page: Page) -> None:
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{door.url}/assets")
    page.get_by_role("button", name="Search", exact=False).last.click()
    page.keyboard.type("edition")
    page.get_by_text("Asset in pipelines.definitions").first.click()
    expect(page).to_have_url(f"{door.url}/assets/edition")

    page.goto(f"{door.url}/assets/edition?view=partitions&partition=2023Q3")
    board = page.get_by_role("link", name="/editions/2023Q3/001/board.html")
    expect(board).to_be_visible()

    page.goto(f"{door.url}/assets/edition?view=lineage&lineageScope=upstream&lineageDepth=7")
    expect(page.get_by_text("landing", exact=True)).to_be_visible()
    # The office's feed stands on the left of what was landed from it.
    max(page.get_by_text("contracts", exact=True).all(), key=left_edge).click()
    expect(page).to_have_url(re.compile(f"^{door.url}/assets/landing/contracts/contracts\\b"))

    page.goto(f"{door.url}/assets/chk_targets?view=checks&checkDetail=LED_007")
    expect(page.get_by_text("年度目标低于最近一个整年的实际").first).to_be_visible()
    page.get_by_text("[Show Markdown]").first.click()
    expect(page.get_by_role("dialog").get_by_role("cell", name="年度目标低于最近一个整年的实际").first).to_be_visible()
    assert refused == []


def test_the_board_opens_at_the_door_and_asks_for_nothing(door: OpenDoor, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{door.url}/editions/2023Q3/001/board.html")
    page.wait_for_selector("#chart-totals svg")
    assert [url for url in asked if not url.startswith("data:")] == [f"{door.url}/editions/2023Q3/001/board.html"]


def test_without_a_name_and_its_password_nothing_is_shown(door: OpenDoor) -> None:
    for path in ("/", "/assets/edition", "/server_info", "/editions/latest.json"):
        assert [door.asked(path, password=None), door.asked(path, password="wrong"), door.asked(path)] == [401, 401, 200]
    query = document("{ version }")
    assert [door.asked("/graphql", password=None, **query), door.asked("/graphql?op=Version", **query)] == [401, 200]


@pytest.mark.parametrize(
    "path",
    [
        "/logs/run/compute_logs/step.out",
        "//logs/run/step.out",
        "/%6cogs/run/step.out",
        "/assets/../logs/run/step.out",
        "/download_debug/{run}",
        "/notebook?path=x.ipynb&repoLocName=pipelines.definitions",
        "/dagit/notebook?path=x.ipynb",
        "/editions/.tmp-1/board.html",
        "/graphql?query=%7Bversion%7D",
        "/graphql",
    ],
)
def test_what_steps_printed_whole_runs_and_hidden_files_are_refused(door: OpenDoor, path: str) -> None:
    with sqlite3.connect(door.warehouse / "dagster_home" / "history" / "runs.db") as connection:
        ((run,),) = connection.execute("select run_id from runs limit 1")
    assert door.asked(path.format(run=run)) == 403


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"query": "mutation { setNuxSeen }"}', "application/json"),
        (b'{"query": "\\u006dutation { setNuxSeen }"}', "application/json"),
        (b'{"query": "query A { version } mutation B { setNuxSeen }", "operationName": "B"}', "application/json"),
        ('{"query": "mutation { setNuxSeen }"}'.encode("utf-16"), "application/json"),
        ('{"query": "mutation { setNuxSeen }"}'.encode("utf-16-le"), "application/json"),
        (b"mutation { setNuxSeen }", "application/graphql"),
        (b"--x\r\n\r\n{}\r\n--x--", "multipart/form-data; boundary=x"),
        (b'[{"query": "{ version }"}]', "application/json"),
        (b'{"query": "{ capturedLogs(logKey: [\\"a\\"]) { stdout } }"}', "application/json"),
        (b'{"query": "{ version }", "more": "' + b"x" * 300_000 + b'"}', "application/json"),
        (b"", "application/json"),
    ],
)
def test_no_document_that_could_change_anything_reaches_the_webserver(door: OpenDoor, body: bytes, content_type: str) -> None:
    headers = {"Content-Type": content_type, "X-Document": "query"}
    assert door.asked("/graphql", data=body, headers=headers, method="POST") in (403, 413)


def test_other_methods_and_reports_from_outside_are_refused(door: OpenDoor) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for path in ("/", "/report_asset_materialization/edition", "/report_asset_check/edition", "/editions/latest.json"):
            assert door.asked(path, data=b"{}", method=method) == 403


def test_every_mutation_of_the_schema_is_refused_at_the_door_and_has_no_effect_behind_it(door: OpenDoor) -> None:
    before = history(door.warehouse)
    calls = mutation_calls()
    assert len(calls) > 30
    for name, query in calls.items():
        assert door.asked("/graphql", **document(query)) == 403, name
        status, body = answered(f"{door.behind}/graphql", None, **document(query))
        # What follows a 400 is no mutation of this schema: then the test has lost its subject.
        assert status != 400, (name, json.loads(body))
    assert history(door.warehouse) == before


def test_who_asked_for_what_is_written_down(door: OpenDoor) -> None:
    door.asked("/assets/edition")
    lines = (door.warehouse / "door" / "access.log").read_text().splitlines()
    assert any(f'"{NAME}" 200 "GET /assets/edition HTTP/1.1"' in line for line in lines)
