"""Odd but legal exports of the registry: CSV that looks wrong and is right."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

from tests.integration.faults.cases import Legal
from tests.integration.faults.mutators import (
    Mutator,
    contract,
    contract_field,
    contract_line,
    lines,
    raw,
    text,
)

CONTRACTS = {"contracts": 1}


def odd(fault: str, words: str, spoil: Mutator, *notes: str, **more: Any) -> Legal:
    return Legal(fault, words, "contracts", spoil, notes, **more)


def rewritten(content: str, **options: Any) -> str:
    sink = io.StringIO(newline="")
    csv.writer(sink, **({"lineterminator": "\r\n"} | options)).writerows(csv.reader(io.StringIO(content, newline="")))
    return sink.getvalue()


def columns(change: Callable[[list[str]], list[str]]) -> Mutator:
    """Every record's fields, in another order or with more of them."""

    def edit(content: str) -> str:
        sink = io.StringIO(newline="")
        csv.writer(sink, lineterminator="\r\n").writerows(change(row) for row in csv.reader(io.StringIO(content, newline="")))
        return sink.getvalue()

    return text(edit)


def header_again(found: list[str]) -> None:
    found.insert(20, found[0])


def head(change: Callable[[str], str]) -> Mutator:
    def edit(found: list[str]) -> None:
        found[0] = change(found[0])

    return lines(edit)


def in_thousands(amount: str) -> str:
    return f"{float(amount) * 1:,.2f}" if float(amount) >= 1000 else f" {amount}"


def wide(code: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in code)


def spelled(form: str) -> Mutator:
    def change(day: str) -> str:
        year, month, date = re.findall(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?", day)[0]
        return form.format(y=year, m=int(month), d=int(date))

    return contract_field("登记日期", change)


REGISTRY = [
    odd("T01", "rare characters of four bytes", contract(合同名称="𠮷㐀检测"), "encoding GB18030"),
    odd("T02", "UTF-8", text(str, "utf-8"), "encoding UTF-8"),
    odd("T02", "UTF-8 with a mark", text(str, "utf-8-sig"), "encoding UTF-8 with a byte-order mark"),
    odd(
        "T03",
        "UTF-16 with a mark, little end first",
        raw(lambda c: b"\xff\xfe" + c.decode("gb18030").encode("utf-16-le")),
        "encoding UTF-16",
    ),
    odd(
        "T03", "UTF-16 with a mark, big end first", raw(lambda c: b"\xfe\xff" + c.decode("gb18030").encode("utf-16-be")), "encoding UTF-16"
    ),
    odd("C01", "LF for CRLF", raw(lambda content: content.replace(b"\r\n", b"\n"))),
    odd("C01", "CRLF and LF mixed", raw(lambda content: content.replace(b"\r\n", b"\n", 50))),
    odd("C10", "columns reversed", columns(lambda row: row[::-1]), "columns in another order"),
    odd("C11", "a column more", columns(lambda row: [*row, "备注" if row[0].startswith("合同") else "x"]), "extra columns ignored: 备注"),
    odd("C16", "blank lines", raw(lambda content: content.replace(b"\r\n", b"\r\n\r\n", 30)), "blank records skipped"),
    odd("C16", "records of commas alone", lines(lambda found: found.append("," * 19)), "1 blank records skipped"),
    odd("C16", "blank lines above the header", raw(lambda content: b"\r\n\r\n" + content)),
    odd("T09", "the old end-of-file mark at the end", raw(lambda content: content + b"\x1a")),
    odd(
        "A04",
        "no line break behind the last record",
        raw(lambda content: content.removesuffix(b"\r\n")),
        "no line break behind the last record",
    ),
    odd("C02", "every field quoted", text(lambda content: rewritten(content, quoting=csv.QUOTE_ALL))),
    odd("T14", "a line break in a quoted name", contract(合同名称="两行\r\n名称")),
    odd("C02", "commas and quotes in a quoted name", contract(合同名称='5" 管,"新"型')),
    odd("C07", "the header once more inside", lines(header_again), "1 repetitions of the header"),
    odd("T11", "full-width brackets and spaces in the header", head(lambda names: names.replace("(万元)", " （万元）"))),
    odd("C19", "a name that a spreadsheet would run", contract(合同名称='=HYPERLINK("x","y")')),
    odd("C19", "a name that begins with @", contract(合同名称="@SUM(A1)")),
    odd(
        "T12", "a character of the private use area", contract(合同名称="\ue000公司检测"), "1 cells with characters of the private use area"
    ),
    odd("T15", "a tab behind a name", contract_field("卖方名称", lambda name: name + "\t")),
    odd("T10", "ideographic spaces around a name", contract_field("卖方名称", lambda name: f"\u3000{name}\u3000")),
    odd("C17", "a dash for no day of change", contract(变更日期="—"), coercions={}),
    odd("C19", "a long text", contract(合同名称="长" * 5000)),
    odd("T11", "full-width digits and letters in a code", contract_field("卖方统一社会信用代码", wide), coercions=CONTRACTS),
    odd(
        "T10",
        "zero-width marks in a code",
        contract_field("卖方统一社会信用代码", lambda code: f"{code[:4]}\u200b{code[4:]}\u2060"),
        coercions=CONTRACTS,
    ),
    odd("T10", "a no-break space behind a code", contract_field("卖方统一社会信用代码", lambda code: code + "\u00a0"), coercions=CONTRACTS),
    odd("T15", "a tab behind a code", contract_field("合同登记编号", lambda number: number + "\t"), coercions=CONTRACTS),
    odd("T15", "a tab behind a state", contract_field("合同状态", lambda state: state + "\t"), coercions=CONTRACTS),
    odd("T13", "small letters in a code", contract_field("卖方统一社会信用代码", str.lower), coercions=CONTRACTS),
    odd("X10", "thousand separators or a space in an amount", contract_field("合同成交总额(万元)", in_thousands), coercions=CONTRACTS),
    odd("X10", "a currency sign before an amount", contract_field("合同成交总额(万元)", lambda amount: "￥" + amount), coercions=CONTRACTS),
    odd("X10", "full-width digits in an amount", contract_field("技术交易额(万元)", lambda amount: wide(amount)), coercions=CONTRACTS),
    odd("X09", "a day as 2023/1/5", spelled("{y}/{m}/{d}")),
    odd("X09", "a day as 2023.1.5", spelled("{y}.{m}.{d}")),
    odd("X09", "a day as 2023年1月5日", spelled("{y}年{m}月{d}日"), coercions={}),
    odd("X09", "a day as 20230105", spelled("{y}{m:02}{d:02}")),
    odd("M17", "a country by its letters", contract(买方国别代码="CHN"), coercions={"contracts": 1}),
    odd("M17", "a country by two letters", contract(买方国别代码="cn"), coercions={"contracts": 2}),
    odd("M17", "a country by its name", contract(买方国别代码="中国"), coercions={"contracts": 1}),
    odd("M17", "no country", contract(买方国别代码="——")),
    odd("M10", "a cancelled contract", contract_line(lambda line: line.replace(",已登记,", ",注销,")), keeps_values=False),
    odd("M12", "amounts of zero", contract(**{"合同成交总额(万元)": "0", "技术交易额(万元)": "0"}), keeps_values=False),
    odd(
        "M05",
        "a foreign buyer without a division",
        contract(买方国别代码="840", 买方行政区划代码="", 买方统一社会信用代码=""),
        keeps_values=False,
    ),
    odd("M13", "registered after the quarter's end", contract(登记日期="2023-04-10"), keeps_values=False),
    odd("A17", "the same bytes under another name", raw(bytes)),
]
