"""The board and the workbook: rounding, safety, self-containment, the same numbers in both."""

from __future__ import annotations

import hashlib
import io
import json
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from pipelines.report import Board, board_html, board_xlsx
from pipelines.report.content import rounded, shown, stars_text
from pipelines.report.listings import listings
from pipelines.report.page import CHARTS
from tests.small_warehouse import CITY_RULESET, RULESET, board, board_of_two

EVIL = "</script><script>alert(1)</script>"
SHEETS = ["排名", "指标", "得分", "目标", "校验发现", "修订", "指标说明"]


@pytest.fixture(scope="module")
def whole() -> Board:
    return board()


def data_of(page: bytes) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="board-data">(.*?)</script>', page.decode(), re.S)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


@pytest.mark.parametrize(("number", "text"), [(2.675, "2.68"), (-2.675, "-2.68"), (0.125, "0.13"), (-0.001, "0.00"), (1234.5, "1,234.50")])
def test_rounding_is_decimal_half_up(number: float, text: str) -> None:
    assert shown(number, 2) == text


def test_stars_and_absent_numbers_have_their_own_text() -> None:
    assert (stars_text(4), stars_text(None), shown(None, 2)) == ("★★★★☆", "—", "—")


def test_the_board_asks_no_host_for_anything(whole: Board) -> None:
    page = board_html(whole).decode()
    assert not re.search(r"<(?:link|img|iframe|object|embed|base)\b", page.split('<script type="application/json"')[0])
    assert not re.search(r"\bsrc\s*=\s*[\"']", page.split('<script type="application/json"')[0])
    assert "default-src 'none'" in page


def test_the_vendored_chart_library_is_the_recorded_one() -> None:
    readme = (CHARTS.parent / "README.md").read_text()
    assert hashlib.sha256(CHARTS.read_bytes()).hexdigest() in readme


def test_text_of_a_delivery_cannot_run_in_the_board() -> None:
    evil = board(4)
    for row in (evil.indicators[0], evil.ranking[0]):
        row["region_name"] = EVIL
    evil.findings[0]["reason"] = EVIL
    page = board_html(evil).decode()
    assert EVIL not in page
    assert data_of(page.encode())


def test_the_same_board_gives_the_same_bytes(whole: Board) -> None:
    assert board_html(whole) == board_html(board())
    assert board_xlsx(whole) == board_xlsx(board())


def test_every_value_on_the_page_is_the_tables_value_at_the_catalogues_decimals(whole: Board) -> None:
    data = data_of(board_html(whole))
    place = {(column["code"], column["period"]): number for number, column in enumerate(data["columns"])}
    checked = 0
    for row in whole.indicators:
        if row["status"] == "value":
            cell = data["regions"][row["region_code"]]["cells"][place[row["indicator"], row["period"]]]
            assert cell[0] == f"{rounded(row['value'], whole.decimals(row['indicator'])):,}"
            checked += 1
    assert checked > 2000


def test_a_withheld_value_shows_only_its_state() -> None:
    secret = board(4)
    cell = next(row for row in secret.indicators if row["indicator"] == "TECH_TX" and row["level"] == "c")
    cell |= {"value": None, "status": "withheld"}
    data = data_of(board_html(secret))
    column = next(number for number, entry in enumerate(data["columns"]) if entry["code"] == "TECH_TX")
    assert data["regions"][cell["region_code"]]["cells"][column] == ["不予公布", "w"]


def test_notices_waivers_and_revisions_are_on_the_board() -> None:
    waived = board(4, previous="001", edition="002", revisions=[_revision()])
    waived.findings[0] |= {"severity": "error", "waiver": "已书面确认（提出 张三，批准 李四）"}
    page = board_html(waived).decode()
    for text in ("合成数据", "已书面确认", "修订自第 001 版", "data: contracts"):
        assert text in page


def test_a_board_without_ranking_still_shows_the_indicators() -> None:
    page = board_html(board(4, ranking=[], scores=[], rulesets=[], targets=[])).decode()
    assert "本季度没有年度目标" in page
    assert data_of(page.encode())["listings"] == []


def test_the_ruleset_that_ranks_most_counties_leads_whatever_its_name() -> None:
    two = board_of_two()
    assert CITY_RULESET < RULESET
    assert [(each.ruleset, each.scope, each.place, len(each.rows)) for each in two.listings] == [
        (RULESET, "全省", "rank_province", 90),
        (CITY_RULESET, "杭州市", "rank_city", 13),
    ]
    assert [row["rank_city"] for row in two.listings[1].rows] == sorted(row["rank_city"] for row in two.listings[1].rows)
    assert {row["ruleset"] for row in two.ranked} == {RULESET}


def test_a_county_without_a_place_is_listed_last() -> None:
    rows = [dict(row) for row in board_of_two().ranking if row["ruleset"] == CITY_RULESET]
    rows[0] |= {"rank_city": None, "total": None}
    assert listings(rows)[0].rows[-1] == rows[0]


def test_every_ranking_of_the_board_names_its_ruleset_and_that_it_is_illustrative() -> None:
    page = board_html(board_of_two()).decode()
    assert page.count('<table class="grid ranking"') == 2
    for ruleset in (RULESET, CITY_RULESET):
        assert f"赋分规则 {ruleset}（示意权重）" in page
    assert "市级示意规则" in page
    data = data_of(page.encode())
    assert [len(listing["rows"]) for listing in data["listings"]] == [90, 13]
    assert [len(tree["regions"]) for tree in data["trees"]] == [90, 13]


def _revision() -> dict[str, object]:
    made = {"region_code": "330108", "indicator": "TECH_TX", "period": "2023Q3", "old": 1.0, "new": 2.0}
    return made | {"cause": "data: contracts 2023Q3 aaaa → bbbb"}


def test_the_workbook_has_a_sheet_per_table_with_frozen_heading_and_print_area(whole: Board) -> None:
    book = openpyxl.load_workbook(io.BytesIO(board_xlsx(whole)))
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.freeze_panes == "A4"
        assert sheet.print_area
        assert sheet["A2"].value.startswith("第001版")
        assert sheet.page_setup.orientation == "landscape"


def test_the_workbooks_numbers_are_those_of_the_board(whole: Board) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(board_xlsx(whole)))["指标"]
    numbers = [row[7] for row in sheet.iter_rows(min_row=4, max_row=3 + len(whole.indicators), values_only=True)]
    expected = [None if row["value"] is None else rounded(row["value"], whole.decimals(row["indicator"])) for row in whole.indicators]
    assert [None if number is None else Decimal(repr(float(number))).normalize() for number in numbers] == [
        None if number is None else Decimal(repr(float(number))).normalize() for number in expected
    ]


def test_the_workbooks_ranking_holds_every_rulesets_list_and_says_that_weights_are_illustrative() -> None:
    two = board_of_two()
    sheet = openpyxl.load_workbook(io.BytesIO(board_xlsx(two)))["排名"]
    lines = list(sheet.iter_rows(min_row=4, values_only=True))
    expected = [(row["ruleset"], each.scope, row[each.place]) for each in two.listings for row in each.rows]
    assert [line[:3] for line in lines[:103]] == expected
    notes = " ".join(str(line[0]) for line in lines[103:])
    for ruleset in (RULESET, CITY_RULESET):
        assert f"{ruleset}（示意权重）" in notes


def test_text_never_becomes_a_formula_in_the_workbook() -> None:
    evil = board(4)
    evil.findings[0] |= {"reason": "=1+1", "observed": "@SUM(A1)", "waiver": "http://example.org/"}
    book = openpyxl.load_workbook(io.BytesIO(board_xlsx(evil)))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert "=1+1" in [cell.value for cell in cells]
