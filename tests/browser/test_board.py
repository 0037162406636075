"""The board in a real browser, opened from a file with no network: Debian's Chromium through Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from pipelines.report import Board, board_html
from pipelines.report.content import shown
from tests.door import CHROMIUM, FLAGS
from tests.small_warehouse import board_of_two

pytestmark = pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="needs Debian's chromium at /usr/bin/chromium")


@pytest.fixture(scope="module")
def shown_board() -> Board:
    return board_of_two()


@pytest.fixture(scope="module")
def opened(shown_board: Board, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, list[str]]]:
    """The page, and everything that it complained of or asked for outside its own file."""
    path = tmp_path_factory.mktemp("board") / "board.html"
    path.write_bytes(board_html(shown_board))
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000})
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        yield page, complaints
        browser.close()


def ranking(page: Page, column: int) -> list[str]:
    return page.locator(f"#ranking-table tbody tr:visible > :nth-child({column})").all_inner_texts()


def sort_by(page: Page, heading: str) -> None:
    page.locator("#ranking-table thead button", has_text=heading).click()


def test_the_page_opens_without_network_request_or_console_error(opened: tuple[Page, list[str]]) -> None:
    page, complaints = opened
    page.wait_for_selector("#chart-totals svg")
    assert complaints == []


def test_the_ranking_has_a_row_per_county_and_every_chart_is_drawn(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, _ = opened
    assert ranking(page, 2) == [row["region_name"] for row in shown_board.ranked]
    assert len(ranking(page, 2)) == 90
    for chart in ("totals", "totals-2", "cities", "ranges", "scores"):
        assert page.locator(f"#chart-{chart} svg path").count() > 4


def test_the_citys_own_ranking_has_a_section_that_sorts_and_leads_to_the_county(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, complaints = opened
    city = shown_board.listings[1]
    names = page.locator("#ranking-table-2 tbody th")
    assert names.all_inner_texts() == [row["region_name"] for row in city.rows]
    page.locator("#ranking-table-2 thead button").first.click()
    assert names.all_inner_texts() == [row["region_name"] for row in reversed(city.rows)]
    page.locator("#ranking-table-2 thead button").first.click()
    names.nth(1).locator("a").click()
    assert page.input_value("#county-select") == city.rows[1]["region_code"]
    assert complaints == []


def test_a_countys_scores_are_shown_by_each_ruleset_that_scores_it(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, _ = opened
    of_city, of_none = (
        next(row["region_code"] for row in shown_board.ranked if (row["city_name"] == "杭州市") is is_in) for is_in in (True, False)
    )
    page.select_option("#county-select", of_city)
    titles = [shown_board.rules_title(each.ruleset) for each in shown_board.listings]
    assert page.locator("#score-rules option").all_inner_texts() == titles
    summary = page.locator("#county-summary").inner_text()
    assert all(title in summary for title in titles)
    page.select_option("#score-rules", "1")
    assert page.locator("#score-table tbody tr").count() == 6
    page.select_option("#county-select", of_none)
    assert page.locator("#score-rules option").all_inner_texts() == titles[:1]
    assert page.input_value("#score-rules") == "0"


def test_a_heading_sorts_by_keyboard_both_ways(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, _ = opened
    button = page.locator("#ranking-table thead button", has_text="总分")
    button.focus()
    page.keyboard.press("Enter")
    ascending = ranking(page, 4)
    assert ascending == [shown(row["total"], 2) for row in sorted(shown_board.ranked, key=lambda row: row["total"])]
    page.keyboard.press("Enter")
    assert [float(text) for text in ranking(page, 4)] == sorted(map(float, ascending), reverse=True)
    assert page.locator("#ranking-table th[aria-sort]").get_attribute("aria-sort") == "descending"
    sort_by(page, "位次区间")
    sort_by(page, "县（市、区）")
    page.locator("#ranking-table thead button").first.click()
    assert ranking(page, 1) == [str(row["rank_province"]) for row in shown_board.ranked]


def test_city_and_text_filters_narrow_the_ranking(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, _ = opened
    page.select_option("#city", "杭州市")
    assert ranking(page, 2) == [row["region_name"] for row in shown_board.ranked if row["city_name"] == "杭州市"]
    page.fill("#find", "330108")
    assert ranking(page, 2) == ["滨江区"]
    assert page.locator("#shown-count").inner_text() == "显示 1 / 90"
    page.fill("#find", "")
    page.select_option("#city", "")


def test_choosing_a_county_shows_its_values_beside_city_and_province(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, _ = opened
    page.select_option("#county-select", "330108")
    assert "滨江区 · 杭州市" in page.locator("#county-summary").inner_text()
    cells = page.locator("#county-table tbody tr", has_text="技术交易额（输出）").locator("td").all_inner_texts()
    values = {row["region_code"]: shown(row["value"], 2) for row in shown_board.indicators if row["indicator"] == "TECH_TX"}
    assert (cells[1], cells[3], cells[4]) == (values["330108"], values["330100"], values["330000"])


def test_targets_follow_the_chosen_county_or_show_all(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    page.select_option("#county-select", "330108")
    assert page.locator("#targets-table tbody tr:visible").count() == 1
    page.select_option("#county-select", "330106")
    assert page.locator("#targets-table tbody tr:visible").count() == 0
    page.check("#targets-all")
    assert page.locator("#targets-table tbody tr:visible").count() == 1
    page.uncheck("#targets-all")


def test_the_ranking_leads_to_the_county_and_the_arrows_go_on(opened: tuple[Page, list[str]], shown_board: Board) -> None:
    page, complaints = opened
    third = shown_board.ranked[2]
    page.locator("#ranking-table tbody a", has_text=third["region_name"]).first.click()
    assert page.input_value("#county-select") == third["region_code"]
    assert page.url.endswith(f"#county={third['region_code']}")
    page.locator("#county-next").click()
    assert page.input_value("#county-select") == shown_board.ranked[3]["region_code"]
    assert complaints == []
