"""Receipts: what an office reads of its delivery, and what is kept of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import stat
from pathlib import Path

import openpyxl
import pytest

from pipelines.delivery import Delivery
from pipelines.errors import Problem
from pipelines.ledger import Ledger
from pipelines.receipts.content import BadRow, Fault, Receipt, TableCount
from pipelines.receipts.keeping import Drawer, receipt_files
from pipelines.receipts.page import receipt_html
from pipelines.receipts.structure import issue_structure, receipt_of
from pipelines.receipts.workbook import receipt_xlsx
from pipelines.spreadsheets import column_letters
from pipelines.warehouse import Warehouse

PERIOD = Problem(
    "period_mismatch",
    "20231024_统计月报.xlsx",
    "2023Q2 in the title '2023年1-6月投资'",
    "2023Q3, as the folder 2023Q3 says",
    "move the file to the folder of its quarter",
    sheet="投资",
    place="row 1",
    value="2023年1-6月投资",
)
DELIVERY = Delivery(
    "2023Q3", "statistics", "ab" * 32, PERIOD.file, dt.date(2023, 10, 24), 1, 184_818, accepted=True, rows={"gdp": 103, "enterprises": 3}
)
REJECTED = dataclasses.replace(DELIVERY, accepted=False, rows={}, problem=dataclasses.asdict(PERIOD))
FORMULA = '=HYPERLINK("http://a","b")'
IN_PART = Receipt(
    DELIVERY,
    "content",
    "accepted_in_part",
    (Fault("未计入", "规上企业", "A17", "统一社会信用代码校验不通过", FORMULA, "18 位代码", "请更正"),),
    (TableCount("规上企业", 3, 2, 1, 4),),
    {
        "规上企业": (
            BadRow(17, {"统一社会信用代码": FORMULA, "单位详细名称": "<b>某公司"}, ("统一社会信用代码",), "校验不通过", "18 位代码"),
        )
    },
)


@dataclasses.dataclass
class Desk:
    warehouse: Warehouse
    ledger: Ledger

    def issue(self) -> int:
        return issue_structure("statistics", ["2023Q3"], self.warehouse, self.ledger, "tester")

    def receipts(self) -> list[dict[str, object]]:
        return [entry.payload for entry in self.ledger.entries("receipt")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Warehouse(tmp_path), Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))


def test_a_rejection_is_told_in_the_offices_words_without_a_word_of_english() -> None:
    page = receipt_html(receipt_of(REJECTED)).decode()
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    for text in ("统计部门 2023年三季度 报送回执", "退回", "工作表“投资” 第1行", "2023年1-6月投资", "请移到对应季度的文件夹"):
        assert text in body
    assert set(re.findall(r"[A-Za-z]{2,}", body)) <= {"SHA", "xlsx", "ab" * 32}


def test_every_delivery_gets_one_receipt_and_a_line_in_the_ledger_with_its_outcome(desk: Desk) -> None:
    desk.ledger.record_delivery(DELIVERY, "tester")
    later = dataclasses.replace(REJECTED, sha256="cd" * 32, received_no=2)
    desk.ledger.record_delivery(later, "tester")
    assert (desk.issue(), desk.issue()) == (2, 0)
    assert [(each["outcome"], each["delivery_sha256"]) for each in desk.receipts()] == [("received", "ab" * 32), ("rejected", "cd" * 32)]
    for delivery in (DELIVERY, later):
        for path in receipt_files(desk.warehouse, delivery):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_receipt_that_was_lost_is_issued_again(desk: Desk) -> None:
    desk.ledger.record_delivery(REJECTED, "tester")
    desk.issue()
    page, _ = receipt_files(desk.warehouse, REJECTED)
    page.unlink()
    assert desk.issue() == 1
    assert page.exists()


def test_the_receipt_of_the_content_is_not_taken_back_by_the_next_landing(desk: Desk) -> None:
    desk.ledger.record_delivery(DELIVERY, "tester")
    desk.issue()
    assert Drawer(desk.warehouse, desk.ledger, "tester").put(IN_PART)
    assert desk.issue() == 0
    assert [each["outcome"] for each in desk.receipts()] == ["received", "accepted_in_part"]
    assert "未计入" in receipt_files(desk.warehouse, DELIVERY)[0].read_text(encoding="utf-8")


def test_a_delivery_that_another_parser_now_rejects_gets_a_new_receipt(desk: Desk) -> None:
    desk.ledger.record_delivery(DELIVERY, "tester")
    desk.issue()
    desk.ledger.record_delivery(REJECTED, "tester")
    assert desk.issue() == 1
    assert [each["outcome"] for each in desk.receipts()] == ["received", "rejected"]


def test_what_an_office_wrote_is_text_in_both_forms_and_the_bad_cell_is_marked() -> None:
    page = receipt_html(IN_PART).decode()
    assert "&lt;b&gt;某公司" in page
    assert "<b>某公司" not in page
    book = openpyxl.load_workbook(io.BytesIO(receipt_xlsx(IN_PART)))
    assert book.sheetnames == ["回执", "需要核对或更正", "规上企业_未计入"]
    row = book["规上企业_未计入"][2]
    assert (row[2].value, row[2].data_type, row[2].fill.fgColor.rgb) == (FORMULA, "s", "FFFBE0DD")
    assert "应为:18 位代码" in row[2].comment.text
    assert row[3].fill.fgColor.rgb != "FFFBE0DD"
    listed = [cell.value for cell in book["需要核对或更正"][2]]
    assert listed == ["未计入", "规上企业", "A17", "统一社会信用代码校验不通过", FORMULA, "18 位代码", "请更正"]


def test_the_same_receipt_is_the_same_bytes() -> None:
    assert (receipt_html(IN_PART), receipt_xlsx(IN_PART)) == (receipt_html(IN_PART), receipt_xlsx(IN_PART))


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")])
def test_columns_are_lettered_as_in_excel(position: int, letters: str) -> None:
    assert column_letters(position) == letters
