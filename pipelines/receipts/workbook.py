"""The receipt as a workbook: what is wrong in one sheet, and per delivered table the rows not counted with the bad cells marked.

Here: drawing. Not here: what it says. Text never becomes a formula or a link, whatever an office wrote.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import xlsxwriter

from pipelines.receipts.content import BadRow, Receipt

_LITERAL_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_FAULTS = (("结论", 9), ("工作表", 14), ("位置", 22), ("问题", 36), ("现有内容", 36), ("应为", 36), ("怎么办", 44))
_COUNTS = (("表", 20), ("收到", 9), ("计入", 9), ("未计入", 9), ("整理后读取的单元格", 18))


def receipt_xlsx(receipt: Receipt) -> bytes:
    """The workbook as bytes; the same receipt always gives the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _LITERAL_TEXT) as workbook:
        day = receipt.delivery.received_on
        # Excel wants a moment of creation; the day of receipt keeps the bytes equal.
        workbook.set_properties({"title": receipt.title, "author": "i315", "created": dt.datetime(day.year, day.month, day.day)})
        writer = _Writer(workbook)
        writer.summary(receipt)
        writer.faults(receipt)
        for name, rows in (receipt.bad_rows or {}).items():
            writer.rows(name, rows)
    return buffer.getvalue()


class _Writer:
    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        frame = {"border": 1, "border_color": "#B9C8D8", "font_name": "宋体", "font_size": 10, "valign": "top", "text_wrap": True}
        self._title = workbook.add_format({"bold": True, "font_name": "黑体", "font_size": 16})
        self._head = workbook.add_format(frame | {"bold": True, "align": "center", "bg_color": "#E4ECF4"})
        self._text = workbook.add_format(frame)
        self._bad = workbook.add_format(frame | {"bold": True, "bg_color": "#FBE0DD", "font_color": "#A3271D"})
        self._note = workbook.add_format({"font_name": "宋体", "font_size": 9, "italic": True})

    def summary(self, receipt: Receipt) -> None:
        page = self._page("回执", [(label, width) for label, width in _COUNTS], header_row=len(receipt.about) + 2)
        page.write_string(0, 0, receipt.title, self._title)
        for line, (label, text) in enumerate(receipt.about, 1):
            page.write_string(line, 0, label, self._head)
            page.merge_range(line, 1, line, len(_COUNTS) - 1, "", self._text)
            page.write_string(line, 1, text, self._bad if label == "结果" and receipt.outcome in ("rejected", "questioned") else self._text)
        body = len(receipt.about) + 3
        for line, count in enumerate(receipt.counts, body):
            page.write_string(line, 0, count.table, self._text)
            for column, number in enumerate((count.landed, count.kept, count.quarantined, count.coerced), 1):
                page.write_number(line, column, number, self._text)
        page.write_string(body + len(receipt.counts) + 1, 0, "注：本回执含报送单位的原始数据,仅供该单位与经办人使用,不得转发。", self._note)

    def faults(self, receipt: Receipt) -> None:
        page = self._page("需要核对或更正", list(_FAULTS), header_row=0)
        for line, fault in enumerate(receipt.faults, 1):
            texts = (fault.verdict, fault.sheet, fault.place, fault.what, fault.found, fault.expected, fault.next_step)
            for column, text in enumerate(texts):
                is_bad = column == 4 and fault.verdict in ("未计入", "退回")
                page.write_string(line, column, text, self._bad if is_bad else self._text)
        end = len(receipt.faults) + 1
        if not receipt.faults:
            page.write_string(end, 0, "没有需要更正的内容。", self._note)
        if receipt.more:
            page.write_string(end, 0, f"注：另有 {receipt.more} 行未计入的数据没有列出。", self._note)
        page.freeze_panes(1, 0)

    def rows(self, name: str, rows: tuple[BadRow, ...]) -> None:
        headings = list(rows[0].cells)
        page = self._page(f"{name}_未计入", [("行", 8), ("问题", 30), *((heading, 18) for heading in headings)], header_row=0)
        for line, row in enumerate(rows, 1):
            page.write_number(line, 0, row.number, self._text)
            page.write_string(line, 1, row.what, self._text)
            for column, heading in enumerate(headings, 2):
                page.write_string(line, column, row.cells[heading], self._bad if heading in row.bad else self._text)
                if heading in row.bad:
                    page.write_comment(line, column, f"{row.what};应为:{row.expected}", {"author": "i315"})
        page.freeze_panes(1, 2)

    def _page(self, name: str, columns: list[tuple[str, int]], *, header_row: int) -> Any:
        page = self._workbook.add_worksheet(_NOT_IN_A_SHEET_NAME.sub("_", name)[:_LONGEST_NAME])
        for number, (heading, width) in enumerate(columns):
            page.set_column(number, number, width)
            page.write_string(header_row, number, heading, self._head)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(header_row)
        return page
