"""The board in a real browser, opened from a file with no network: what can be done on it, on a small made-up edition."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from pipelines.report import Board, board_html
from pipelines.report.content import shown
from tests.browser.boards import NEEDS_CHROMIUM, VIEWS, Opened, opened_board
from tests.small_warehouse import board_of_two

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def shown_board() -> Board:
    return board_of_two()


@pytest.fixture(scope="module")
def opened(shown_board: Board, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = tmp_path_factory.mktemp("board") / "board.html"
    path.write_bytes(board_html(shown_board))
    with opened_board(path) as board:
        yield board


def ranking(page: Page, column: int) -> list[str]:
    cells = page.locator(f"#ranking-table tbody tr:visible > :nth-child({column})")
    return [text.split("\n")[0] for text in cells.all_inner_texts()]


def sort_by(page: Page, heading: str) -> None:
    page.locator("#ranking-table thead button", has_text=heading).click()


def test_every_view_opens_without_network_request_or_console_error(opened: Opened) -> None:
    for view in VIEWS:
        opened.go(view)
        name = view.partition("/")[0]
        assert opened.page.locator("main > .view:visible").get_attribute("data-view") == name
        assert opened.page.locator("nav a[aria-current=page]").get_attribute("href") == f"#{name}"
    assert opened.complaints == []


def test_the_ranking_has_a_row_per_county_and_every_chart_is_drawn(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    assert ranking(opened.page, 2) == [row["region_name"] for row in shown_board.ranked]
    assert len(ranking(opened.page, 2)) == 90
    for chart in ("totals", "totals-2", "cities", "ranges"):
        assert opened.page.locator(f"#chart-{chart} svg path").count() > 4


def test_an_interval_bar_reaches_from_the_lower_to_the_upper_rank(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    row, whole = shown_board.ranked[20], len(shown_board.ranked)
    style = opened.page.locator(f"#ranking-table tr[data-code='{row['region_code']}'] .interval i").get_attribute("style")
    wanted = (100 * (row["rank_p05"] - 1) / whole, 100 * (row["rank_p95"] - row["rank_p05"] + 1) / whole)
    assert style == f"left:{round(wanted[0], 1)}%;width:{round(wanted[1], 1)}%"


def test_the_citys_own_ranking_has_a_table_that_sorts_and_leads_to_the_county(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    page, city = opened.page, shown_board.listings[1]
    names = page.locator("#ranking-table-2 tbody th")
    assert names.all_inner_texts() == [row["region_name"] for row in city.rows]
    page.locator("#ranking-table-2 thead button").first.click()
    assert names.all_inner_texts() == [row["region_name"] for row in reversed(city.rows)]
    page.locator("#ranking-table-2 thead button").first.click()
    names.nth(1).locator("a").click()
    page.locator("#county-name", has_text=city.rows[1]["region_name"]).wait_for()
    assert page.input_value("#county-select") == city.rows[1]["region_code"]
    assert opened.complaints == []


def test_a_heading_sorts_by_keyboard_both_ways(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    page = opened.page
    page.locator("#ranking-table thead button", has_text="总分").focus()
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


def test_city_and_text_filters_narrow_the_ranking(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    page = opened.page
    page.select_option("#city", "杭州市")
    assert ranking(page, 2) == [row["region_name"] for row in shown_board.ranked if row["city_name"] == "杭州市"]
    page.fill("#find", "330108")
    assert ranking(page, 2) == ["滨江区"]
    assert page.locator("#shown-count").inner_text() == "显示 1 / 90"
    page.fill("#find", "")
    page.select_option("#city", "")


def test_the_map_has_a_tile_per_county_coloured_and_told_by_the_chosen_measure(opened: Opened, shown_board: Board) -> None:
    opened.go("map")
    page = opened.page
    assert page.locator("#map-tiles a").count() == 90
    assert page.locator("#map-legend li").count() == 6
    best, worst = (
        page.locator(f"#map-tiles a[href='#county/{row['region_code']}']") for row in (shown_board.ranked[0], shown_board.ranked[-1])
    )
    assert "shade-0" in (best.get_attribute("class") or "")
    assert "shade-5" in (worst.get_attribute("class") or "")
    page.select_option("#map-measure", label="技术交易额（输出）")
    values = {row["region_code"]: row["value"] for row in shown_board.indicators if row["indicator"] == "TECH_TX" and row["level"] == "c"}
    top = max(values, key=lambda code: values[code])
    tile = page.locator(f"#map-tiles a[href='#county/{top}']")
    assert "shade-0" in (tile.get_attribute("class") or "")
    assert f"技术交易额（输出） {shown(values[top], 2)}亿元" in (tile.text_content() or "")
    numbers = [float(text) for text in page.locator("#map-table tbody td:nth-child(3)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)


def test_a_tile_leads_to_its_county_by_keyboard(opened: Opened) -> None:
    opened.go("map")
    opened.page.locator("#map-tiles a[href='#county/330383']").focus()
    opened.page.keyboard.press("Enter")
    opened.page.locator("#county-name", has_text="龙港市").wait_for()
    assert opened.page.locator("#county-name").evaluate("each => document.activeElement === each")


def test_a_countys_scores_are_shown_by_each_ruleset_that_scores_it(opened: Opened, shown_board: Board) -> None:
    of_city, of_none = (
        next(row["region_code"] for row in shown_board.ranked if (row["city_name"] == "杭州市") is is_in) for is_in in (True, False)
    )
    opened.go(f"county/{of_city}")
    page, titles = opened.page, [shown_board.rules_title(each.ruleset) for each in shown_board.listings]
    assert page.locator("#score-rules option").all_inner_texts() == titles
    standing = page.locator("#county-standing").inner_text()
    assert all(title in standing for title in titles)
    page.select_option("#score-rules", "1")
    assert page.locator("#score-table tbody tr").count() == 6
    opened.go(f"county/{of_none}")
    assert page.locator("#score-rules option").all_inner_texts() == titles[:1]
    assert page.input_value("#score-rules") == "0"


def test_the_ranking_leads_to_the_county_and_the_arrows_go_on(opened: Opened, shown_board: Board) -> None:
    opened.go("ranking")
    page, third = opened.page, shown_board.ranked[2]
    page.locator("#ranking-table tbody a", has_text=third["region_name"]).first.click()
    page.locator("#county-name", has_text=third["region_name"]).wait_for()
    assert page.input_value("#county-select") == third["region_code"]
    assert page.url.endswith(f"#county/{third['region_code']}")
    page.locator("#county-next").click()
    page.locator("#county-name", has_text=shown_board.ranked[3]["region_name"]).wait_for()
    assert page.input_value("#county-select") == shown_board.ranked[3]["region_code"]
    assert opened.complaints == []


def test_two_to_four_counties_stand_side_by_side(opened: Opened, shown_board: Board) -> None:
    opened.go("compare/330108,330106")
    page = opened.page
    page.select_option("#compare-2", "330383")
    page.wait_for_url("**#compare/330108,330106,330383")
    page.locator("#compare-table thead th", has_text="龙港市").wait_for()
    heads = page.locator("#compare-table thead th").all_inner_texts()
    assert heads == ["指标", "单位", "滨江区", "西湖区", "龙港市"]
    cells = page.locator("#compare-table tbody tr", has_text="技术交易额（输出）").locator("td").all_inner_texts()
    values = {row["region_code"]: shown(row["value"], 2) for row in shown_board.indicators if row["indicator"] == "TECH_TX"}
    assert cells == ["亿元", values["330108"], values["330106"], values["330383"]]


def test_targets_of_a_county_or_only_those_behind_are_shown(opened: Opened) -> None:
    opened.go("targets")
    page, rows = opened.page, opened.page.locator("#targets-table tbody tr:visible")
    assert rows.count() == 1
    page.select_option("#targets-county", "330106")
    assert rows.count() == 0
    page.select_option("#targets-county", "330108")
    page.check("#targets-behind")
    assert page.locator("#targets-count").inner_text() == "显示 1 / 1"
    page.uncheck("#targets-behind")
    page.select_option("#targets-county", "")


def test_on_paper_a_county_stands_alone_without_controls(opened: Opened) -> None:
    opened.go("county/330108")
    page = opened.page
    page.emulate_media(media="print")
    assert page.locator("main > .view:visible").count() == 1
    assert page.locator("nav:visible, .controls:visible").count() == 0
    paper = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    assert paper.startswith(b"%PDF")
    assert b"/MediaBox [0 0 841.91998 594.95996]" in paper or b"/MediaBox [0 0 842" in paper
