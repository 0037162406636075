"""Faults of the registry's export as a whole: parts A, T and C of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pipelines.errors import Code
from tests.integration.faults.cases import Rejected
from tests.integration.faults.mutators import Mutator, contract_line, instead, lines, raw, text
from tests.integration.faults.packages import HTML, LOCKED, OLD_XLS, digital_envelope


def case(
    fault: str, words: str, spoil: Mutator, code: Code, where: str = "", found: str = "", value: str | None = None, **more: Any
) -> Rejected:
    return Rejected(fault, words, "contracts", spoil, code, where, found, value, **more)


def first_line(change: Callable[[str], str]) -> Mutator:
    def edit(found: list[str]) -> None:
        found[0] = change(found[0])

    return lines(edit)


def replaced(old: bytes, new: bytes) -> Mutator:
    """The first such bytes behind the header."""

    def change(content: bytes) -> bytes:
        head, end, body = content.partition(b"\r\n")
        assert old in body
        return head + end + body.replace(old, new, 1)

    return raw(change)


def glued(content: bytes) -> bytes:
    """Two UTF-8 exports, each with its mark, one behind the other."""
    whole = content.decode("gb18030").encode("utf-8-sig")
    return whole + whole


def late_latin_1(content: bytes) -> bytes:
    return content.removesuffix(b"\r\n") + b"\r\n" + content.split(b"\r\n")[1].replace(b"2023", "Société".encode("latin-1"), 1) + b"\r\n"


def without_column(name: str) -> Mutator:
    def change(content: str) -> str:
        rows = [line.split(",") for line in content.removesuffix("\r\n").split("\r\n")]
        at = rows[0].index(name)
        return "\r\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows) + "\r\n"

    return text(change)


def cut_in_last_record(content: bytes) -> bytes:
    whole = content.removesuffix(b"\r\n")
    return whole[: whole.rindex(b",", 0, whole.rindex(b",") - 10)]


EXPORT_CASES = [
    case("A01", "0 bytes", instead(b""), "unreadable", "", "an empty file of 0 bytes", "0 字节的空文件"),
    case("A02", "a header and no record", text(lambda content: content.split("\r\n")[0] + "\r\n"), "body_empty", "", "no record below", ""),
    case("A04", "cut off in the last record", raw(cut_in_last_record), "truncated", "line ", "without a line break"),
    case("A06", "a web page", instead(HTML), "unreadable", "", "a web page"),
    case("A06", "a workbook under the name of a CSV", instead(digital_envelope(b"x")), "unreadable", "", "a zip package"),
    case("A06", "a PDF", instead(b"%PDF-1.7\n" + bytes(99)), "unreadable", "", "a PDF document", "PDF 文档"),
    case("A07", "an old .xls", instead(OLD_XLS), "unreadable", "", "an old .xls file"),
    case("A07", "a workbook with a password", instead(LOCKED), "unreadable", "", "an old .xls file or another OLE document"),
    case("A16", "a RAR archive", instead(b"Rar!\x1a\x07\x01\x00" + bytes(64)), "unreadable", "", "a RAR archive", "RAR 压缩包"),
    case("A16", "a 7z archive", instead(b"7z\xbc\xaf\x27\x1c" + bytes(64)), "unreadable", "", "a 7z archive", "7z 压缩包"),
    case("A22", "larger than the limit", raw(lambda content: content + b"\r\n"), "too_large", "", " bytes", largest=1000),
    case("A21", "a name without its day of receipt", raw(bytes), "file_name", "", "the name 明细.csv", "明细.csv", file="明细.csv"),
    case("T03", "UTF-16 without a mark", text(str, "utf-16-le"), "encoding", "line 1", "that are no character"),
    case(
        "T02",
        "UTF-8 with a cut character",
        raw(lambda content: content.decode("gb18030").encode()[:-40] + b"\xe6\xad"),
        "encoding",
        "line ",
    ),
    case(
        "T02",
        "UTF-16 of an odd number of bytes",
        raw(lambda content: content.decode("gb18030").encode("utf-16")[:-1]),
        "encoding",
        "line ",
        "that are no character",
    ),
    case("T04", "Big5", text(str, "big5", "replace"), "column_missing", "line 1", "columns ", None),
    case("T05", "Latin-1 in the last record", raw(late_latin_1), "encoding", "line ", "that are no character"),
    case(
        "T05",
        "half in GB18030, half in UTF-8",
        raw(lambda c: c[: c.index(b"\r\n") + 2] + c[c.index(b"\r\n") + 2 :].decode("gb18030").encode()),
        "encoding",
        "line ",
        "that are no character",
    ),
    case("T07", "two files glued, a mark in the middle", raw(glued), "encoding", "line ", "a byte-order mark inside the text", "U+FEFF"),
    case("T08", "a NUL character", replaced(b",156,", b",15\x00,"), "encoding", "line 2", "a NUL character", "U+0000"),
    case("T08", "a block of NULs at the end", raw(lambda content: content + bytes(4096)), "encoding", "line ", "a NUL character", "U+0000"),
    case("T09", "Ctrl-Z in the middle", replaced(b",156,", b",156\x1a,"), "encoding", "line 2", "Ctrl-Z", "U+001A"),
    case("C01", "a lone CR inside a record", replaced(b",156,", b"\r156,"), "csv_structure", "line 2", "breaks the quoting rules"),
    case("C01", "every line ended by CR", raw(lambda content: content.replace(b"\r\n", b"\r")), "csv_structure", "line 1"),
    case("C02", "a quote without end", replaced(b",156,", b',"156,'), "csv_structure", "line ", "breaks the quoting rules"),
    case("C02", "text behind a closing quote", contract_line(lambda line: line.replace(",156,", ',"156"x,')), "csv_structure", "line "),
    case(
        "C06",
        "a column name twice",
        first_line(lambda head: head.replace("合同名称", "卖方名称")),
        "column_duplicate",
        "line 1",
        "two columns named 卖方名称",
        "卖方名称",
    ),
    case("C08", "semicolons for commas", text(lambda content: content.replace(",", ";")), "column_missing", "line 1", "columns "),
    case("C08", "tabs for commas", text(lambda content: content.replace(",", "\t")), "column_missing", "line 1", "columns "),
    case(
        "C09",
        "a column renamed",
        first_line(lambda head: head.replace("技术交易额(万元)", "交易额")),
        "column_missing",
        "line 1",
        "交易额",
        "技术交易额(万元)",
    ),
    case(
        "C09",
        "an amount in another unit by its header",
        first_line(lambda head: head.replace("成交总额(万元)", "成交总额(元)")),
        "column_missing",
        "line 1",
        "合同成交总额(元)",
        "合同成交总额(万元)",
    ),
    case("C12", "a column dropped", without_column("变更日期"), "column_missing", "line 1", "columns ", "变更日期"),
    case(
        "C13",
        "a title above the header",
        text(lambda content: "2023年技术合同登记明细\r\n" + content),
        "column_missing",
        "line 1",
        "columns none of the contract's and 1 other texts",
    ),
    case(
        "A06",
        "a web table on one line under the name of a CSV",
        text(
            lambda content: (
                "<table><tr><td>" + content.replace(",", "</td><td>").replace("\r\n", "</td></tr><tr><td>") + "</td></tr></table>"
            )
        ),
        "column_missing",
        "line 1",
        "columns none of the contract's and 1 other texts",
    ),
    case(
        "M03",
        "the export of another year",
        text(lambda content: re.sub(r",2023(?=[-/.年]|\d{4},)", ",2021", content)),
        "period_mismatch",
        "",
        "no 登记日期 of 2023",
        "",
    ),
]
