"""Odd but legal workbooks: of any office, and of one."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.integration.faults.cases import Legal
from tests.integration.faults.mutators import (
    COUNTY,
    MAIN_SHEET,
    Mutator,
    Parts,
    cell,
    page,
    parts,
    raw,
    sheet_part,
)
from tests.integration.faults.odd_exports import wide
from tests.integration.faults.packages import AMOUNT, BODY_FROM, PLAIN_HEADER
from tests.integration.faults.pages import Page, inline


def with_macros(members: Parts) -> None:
    members["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0"


def with_links(members: Parts) -> None:
    name = "http://schemas.openxmlformats.org/package/2006/relationships"
    members["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    rels = f'<Relationships xmlns="{name}"><Relationship Id="r" Type="t" Target="别的.xlsx" TargetMode="External"/></Relationships>'
    members["xl/externalLinks/_rels/externalLink1.xml.rels"] = rels.encode()


def with_comments(members: Parts) -> None:
    members["xl/comments1.xml"] = b"<comments><commentList/></comments>"


def with_connections(members: Parts) -> None:
    members["xl/connections.xml"] = b"<connections/>"


def struck_through(feed: str) -> Mutator:
    """A style that strikes through, on the first amount."""

    def change(members: Parts) -> None:
        styles = members["xl/styles.xml"].decode()
        fonts = styles.count("<font>")
        styles = styles.replace("</fonts>", "<font><strike/></font></fonts>")
        number = len(re.findall("<xf ", styles[styles.index("<cellXfs") : styles.index("</cellXfs>")]))
        members["xl/styles.xml"] = styles.replace("</cellXfs>", f'<xf numFmtId="0" fontId="{fonts}"/></cellXfs>').encode()
        part = sheet_part(members, MAIN_SHEET[feed])
        cell_of = re.compile(rf'<c r="([A-Z]+{BODY_FROM[feed]})"><v>')
        members[part] = cell_of.sub(rf'<c r="\1" s="{number}"><v>', members[part].decode(), count=1).encode()

    return parts(change)


def xml(feed: str, old: str, new: str) -> Mutator:
    def edit(found: Page) -> None:
        assert re.search(old, found.xml)
        found.xml = re.sub(old, new, found.xml, count=1)

    return page(MAIN_SHEET[feed], edit)


def calculated(feed: str) -> Mutator:
    """The first amount as a formula with the value that it had."""

    def edit(found: Page) -> None:
        row, column = BODY_FROM[feed], found.column(AMOUNT[feed])
        attributes, content = found.cells(row)[column]
        found.put(row, column, (attributes, f"<f>SUM(1)</f>{content}"))

    return page(MAIN_SHEET[feed], edit)


def hidden_sheet_first(members: Parts) -> None:
    """An old sheet, hidden, before all others: its part is another sheet's."""
    book = members["xl/workbook.xml"].decode()
    members["xl/workbook.xml"] = re.sub(r"<sheets>", '<sheets><sheet name="旧表" sheetId="99" state="hidden" r:id="rId1"/>', book).encode()


def column_more(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        row = BODY_FROM[feed] - 1
        found.put(row, "Z", "备注")
        found.put(row + 1, "Z", "核对过")

    return page(MAIN_SHEET[feed], edit)


def swapped(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        found.swap(found.column(AMOUNT[feed]), found.column(PLAIN_HEADER[feed]))

    return page(MAIN_SHEET[feed], edit)


def blank_rows(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        found.put(found.last_row + 3, "A", "　")

    return page(MAIN_SHEET[feed], edit)


def of_workbook(feed: str) -> list[Legal]:
    """The oddities that can happen to any workbook."""
    sheet, first = MAIN_SHEET[feed], BODY_FROM[feed]
    hide = rf'<row r="{first}"'

    def odd_workbook(fault: str, words: str, spoil: Mutator, *notes: str) -> Legal:
        return Legal(fault, words, feed, spoil, notes)

    return [
        odd_workbook("A10", "a dimension of one cell", xml(feed, r'<dimension ref="[^"]*"', '<dimension ref="A1"')),
        odd_workbook("A12", "macros", parts(with_macros), "macros in the workbook, never run"),
        odd_workbook(
            "A13", "links to another workbook", parts(with_links), "links to other files, whose stored values are read: 别的.xlsx"
        ),
        odd_workbook("A13", "a data connection", parts(with_connections), "data connections in the workbook, never refreshed"),
        odd_workbook("A17", "the same bytes under another name", raw(bytes)),
        odd_workbook("X03", "a formula with its value", calculated(feed), f"sheet {sheet}: 1 formulas read by the values stored with them"),
        odd_workbook("X06", "a hidden old sheet before the others", parts(hidden_sheet_first), "sheets ignored: 旧表 (hidden)"),
        odd_workbook("X07", "a hidden row", xml(feed, hide, hide + ' hidden="1"'), f"sheet {sheet}: 1 hidden rows read like the others"),
        odd_workbook("X07", "hidden columns", xml(feed, "<col min", '<col hidden="1" min'), f"sheet {sheet}: 1 ranges of hidden columns"),
        odd_workbook(
            "X07", "a filter", xml(feed, "</sheetData>", '</sheetData><autoFilter ref="A1:B2"/>'), f"sheet {sheet}: a filter is set"
        ),
        Legal(
            "X14",
            "an amount struck through",
            feed,
            struck_through(feed),
            (f"sheet {sheet}: 1 cells struck out, which is no value",),
            keeps_values=False,
        ),
        odd_workbook("X15", "comments", parts(with_comments), "comments on cells, not read"),
        odd_workbook(
            "X17", "a protected sheet", xml(feed, "</sheetData>", '</sheetData><sheetProtection sheet="1"/>'), f"sheet {sheet}: protected"
        ),
        odd_workbook("C10", "two columns in each other's place", swapped(feed), f"sheet {sheet}: columns in another order"),
        odd_workbook("C11", "a column more", column_more(feed), f"sheet {sheet}: extra columns ignored: 备注"),
        odd_workbook("C16", "blank rows", blank_rows(feed), f"sheet {sheet}: "),
    ]


GDP = "地区生产总值"


def in_wan(found: Page) -> None:
    """The sheet in 万元 where it was in 亿元."""
    (unit,) = [column for column in found.cells(2) if found.text(2, column).startswith("单位")]
    assert found.text(2, unit) == "单位:亿元"
    found.put(2, unit, "（单位：万元）")
    column = found.column("本年累计")
    for row in range(4, found.last_row + 1):
        if found.text(row, "A")[:2] == "33":
            found.put(row, column, round(float(found.text(row, column)) * 10_000))


def header_repeated(found: Page) -> None:
    found.put_row(found.last_row + 1, found.cells(1))


def merged_codes(found: Page) -> None:
    """The indicator's code and name once, merged over the rows that they hold for."""
    for column in "AB":
        for row in (3, 4):
            found.put(row, column, None)
    found.after_data('<mergeCells><mergeCell ref="A2:A4"/><mergeCell ref="B2:B4"/></mergeCells>')


def percent_format(members: Parts) -> None:
    """A county's growth as 0.0x in a cell that is shown in per cent."""
    styles = members["xl/styles.xml"].decode()
    number = len(re.findall("<xf ", styles[styles.index("<cellXfs") : styles.index("</cellXfs>")]))
    members["xl/styles.xml"] = styles.replace("</cellXfs>", '<xf numFmtId="10"/></cellXfs>').encode()
    part = sheet_part(members, GDP)
    found = re.search(r'<c r="D5"><v>([^<]*)</v></c>', members[part].decode())
    assert found
    value = f"{float(found[1]) / 100:.17g}"
    members[part] = members[part].decode().replace(found[0], f'<c r="D5" s="{number}"><v>{value}</v></c>').encode()


def number_for_text(feed: str, sheet: str, header: str) -> Mutator:
    """A cell's text as a number."""

    def edit(found: Page) -> None:
        row, column = found.row(COUNTY), found.column(header)
        found.put(row, column, int(found.text(row, column)))

    return page(sheet, edit)


def text_for_number(sheet: str, header: str, form: Callable[[str], str], attributes: str = "") -> Mutator:
    """A cell's number as text of another form."""

    def edit(found: Page) -> None:
        row, column = found.row(COUNTY), found.column(header)
        found.put(row, column, inline(form(found.text(row, column))))

    return page(sheet, edit)


OF_ONE_WORKBOOK = [
    Legal("M01", "another unit, and the figures in it", "statistics", page(GDP, in_wan)),
    Legal(
        "X11",
        "a growth as a text with a percent sign",
        "statistics",
        text_for_number(GDP, "同比增速(%)", lambda n: f"{n}%"),
        coercions={"gdp": 1},
    ),
    Legal("X11", "a growth in a percent format", "statistics", parts(percent_format), coercions={"gdp": 1}),
    Legal("C18", "division codes stored as numbers", "statistics", number_for_text("statistics", GDP, "行政区划代码")),
    Legal("X10", "a figure as full-width text", "statistics", text_for_number(GDP, "本年累计", wide), coercions={"gdp": 1}),
    Legal("X13", "a figure with the residue of a double", "statistics", cell(GDP, "同比增速(%)", 5.300000000000001), keeps_values=False),
    Legal("M03", "a title in words", "statistics", page(GDP, lambda found: found.put(1, "A", "2023年一季度地区生产总值"))),
    Legal(
        "X04",
        "a footnote behind the body",
        "statistics",
        page(GDP, lambda found: found.put(found.last_row + 2, "A", "注：初步核算数")),
        f"sheet {GDP}: footnotes from row",
    ),
    Legal("C18", "division codes stored as numbers", "incubators", number_for_text("incubators", "孵化载体", "行政区划代码")),
    Legal("X09", "a day as text", "incubators", cell("孵化载体", "认定日期", "2015年6月1日"), keeps_values=False),
    Legal("X09", "a day as a bare serial number", "incubators", cell("孵化载体", "认定日期", 42156), keeps_values=False),
    Legal("C07", "the header once more inside", "ledger", page("台账", header_repeated), "sheet 台账: 1 repetitions of the header"),
    Legal(
        "X05",
        "codes merged over the rows that they hold for",
        "ledger",
        page("台账", merged_codes),
        "sheet 台账: 4 cells taken from the merged",
    ),
    Legal("X09", "a quarter in full-width letters", "ledger", cell("台账", "期间", "２０２３Ｑ１")),
]
