"""A work list as files: a workbook in the layout of a Chinese office, and a CSV; both their owner's alone.

Here: columns, drawing, writing. Not here: what is on the list. Text never becomes a formula or a link, whatever a firm is called.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines import durable
from pipelines.quarters import Quarter
from pipelines.report.content import quarter_name, rounded
from pipelines.spreadsheets import LINE_HEIGHT, lines_in, neutralised
from pipelines.worklists.listing import Listed, WorkList

_PAPER_A4 = 9
_LITERAL_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}
_YUAN_PER_WAN = 10_000
_POINTS_SHOWN = 4
_FONT = "宋体"
_SOURCE = "来源行"
"""The last column, for whoever looks the rows up; it is not printed."""
_NOTE_WIDTH, _NOTE_SPACING = 100, 1.2


@dataclass(frozen=True)
class Column:
    """A column: heading, width in characters, cell of a firm; numbers with their decimals."""

    heading: str
    width: float
    cell: Callable[[Listed], Any]
    decimals: int | None = None


def write_files(found: WorkList, folder: Path) -> list[Path]:
    """Write `<kind>[_<region>].xlsx` and `.csv` into the folder (mode 0600); returns their paths."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = found.kind.name + (f"_{found.region.code}" if found.region else "")
    contents = {folder / f"{stem}.xlsx": list_xlsx(found), folder / f"{stem}.csv": list_csv(found)}
    for path, content in contents.items():
        durable.write_bytes(path, content, is_private=True)
    return list(contents)


def columns(found: WorkList) -> list[Column]:
    """The columns of a list, in order; CSV and workbook show the same figures."""
    money = found.kind.unit == "万元"
    extra = max(found.indicator_decimals, _POINTS_SHOWN) if found.indicator_decimals else 0
    return [
        Column("统一社会信用代码", 20, lambda firm: firm.uscc),
        Column("企业名称", 22, lambda firm: firm.name),
        Column("设区市", 8, lambda firm: firm.city),
        Column("区划代码", 8, lambda firm: firm.region_code),
        Column("县（市、区）", 10, lambda firm: firm.region),
        Column("原因", 46, lambda firm: firm.reason),
        Column(f"{found.kind.amount}（{found.kind.unit}）", 13, lambda firm: _in_unit(firm.amount, money), 2 if money else 0),
        Column("指标", 13, lambda _: found.indicator_name),
        Column(f"指标变动（{found.indicator_unit}）", 10, lambda firm: firm.effect.added, extra),
        Column("得分变动（分）", 9, lambda firm: firm.effect.points, _POINTS_SHOWN),
        Column("位次变动", 6, lambda firm: _number(firm.effect.places), 0),
        Column("变动后星级", 6, lambda firm: _number(firm.effect.stars), 0),
        Column(_SOURCE, 34, lambda firm: firm.source_rows),
    ]


def _in_unit(amount: Decimal | None, is_money: bool) -> Decimal | None:
    return amount if amount is None or not is_money else amount / _YUAN_PER_WAN


def _number(figure: float | None) -> float | None:
    """A figure, or none where the rules give none (a NaN)."""
    return None if figure is None or figure != figure else figure


def list_csv(found: WorkList) -> bytes:
    """UTF-8 with byte-order mark; text that a spreadsheet would run is neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    shown = columns(found)
    writer.writerow([column.heading for column in shown])
    for firm in found.firms:
        writer.writerow([_csv_cell(column.cell(firm), column.decimals) for column in shown])
    return text.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Any, decimals: int | None) -> str:
    if cell is None:
        return ""
    return neutralised(str(cell)) if decimals is None else str(rounded(cell, decimals))


def list_xlsx(found: WorkList) -> bytes:
    """The workbook: the list, and a sheet of notes; the same list always gives the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _LITERAL_TEXT) as workbook:
        day = Quarter.parse(found.quarter).last_day
        # Excel wants a moment of creation; the quarter's last day keeps the bytes equal.
        workbook.set_properties({"title": found.kind.title, "author": "i315", "created": dt.datetime(day.year, day.month, day.day)})
        _list_sheet(workbook, found)
        _notes_sheet(workbook, found)
    return buffer.getvalue()


def _list_sheet(workbook: Any, found: WorkList) -> None:
    shown = columns(found)
    page, last = workbook.add_worksheet(found.kind.chinese), len(shown) - 1
    frame = {"border": 1, "border_color": "#B9C8D8", "font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    title = workbook.add_format({"bold": True, "font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"})
    side = workbook.add_format({"font_name": _FONT, "font_size": 10, "align": "right"})
    head = workbook.add_format(frame | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#E4ECF4"})
    body = workbook.add_format(frame | {"text_wrap": True})
    source = workbook.add_format(frame)
    where = f"{found.region.name}" if found.region else "全省"
    page.merge_range(0, 0, 0, last - 1, f"{quarter_name(found.quarter)}{found.kind.title}（{where}）", title)
    page.set_row(0, 28)
    page.merge_range(1, 0, 1, last - 1, f"内部资料 不得公布    {len(found.firms)} 户    单位：见表头", side)
    page.set_row(2, 42)
    numbers: dict[int, Any] = {}
    for position, column in enumerate(shown):
        page.set_column(position, position, column.width)
        page.write_string(2, position, column.heading, head)
        if column.decimals is not None and column.decimals not in numbers:
            form = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
            numbers[column.decimals] = workbook.add_format(frame | {"num_format": form, "align": "right", "indent": 1})
    for line, firm in enumerate(found.firms, 3):
        # Not every program fits a row to wrapped text by itself.
        page.set_row(line, LINE_HEIGHT * max(_lines(firm, column) for column in shown))
        for position, column in enumerate(shown):
            cell = column.cell(firm)
            if cell is None:
                page.write_blank(line, position, None, body)
            elif column.decimals is None:
                page.write_string(line, position, str(cell), source if column.heading == _SOURCE else body)
            else:
                page.write_number(line, position, float(rounded(cell, column.decimals)), numbers[column.decimals])
    end = 3 + len(found.firms)
    if found.firms:
        page.autofilter(2, 0, end - 1, last)
    note = workbook.add_format({"font_name": _FONT, "font_size": 9, "italic": True})
    page.write_string(end, 0, "注：说明见“说明”页。" if found.firms else "注：没有符合条件的企业。说明见“说明”页。", note)
    page.freeze_panes(3, 2)
    page.repeat_rows(2)
    _for_paper(page)
    page.print_area(0, 0, end, last - 1)


def _lines(firm: Listed, column: Column) -> int:
    """Lines that a firm's cell takes; a number or source rows take one."""
    return 1 if column.decimals is not None or column.heading == _SOURCE else lines_in(str(column.cell(firm) or ""), column.width)


def _notes_sheet(workbook: Any, found: WorkList) -> None:
    page = workbook.add_worksheet("说明")
    page.set_column(0, 0, _NOTE_WIDTH)
    title = workbook.add_format({"bold": True, "font_name": "黑体", "font_size": 14})
    text = workbook.add_format({"font_name": _FONT, "font_size": 11, "text_wrap": True, "valign": "top"})
    page.write_string(0, 0, f"{found.kind.title}：说明", title)
    lines = [*found.notes, f"赋分规则：{found.ruleset}；对应指标：{found.indicator_name}。"]
    for line, note in enumerate(lines, 1):
        page.set_row(line, LINE_HEIGHT * _NOTE_SPACING * lines_in(note, _NOTE_WIDTH))
        page.write_string(line, 0, f"{line}. {note}", text)
    _for_paper(page)
    page.print_area(0, 0, len(lines), 0)


def _for_paper(page: Any) -> None:
    page.set_landscape()
    page.set_paper(_PAPER_A4)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")
