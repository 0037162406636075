"""Ways to spoil a delivery in one place: by its bytes, its package, its cells, its records, its text.

Here: from the sound bytes to the spoilt ones, and the row that was touched. Not here: which fault is which, and what must become of it.
"""

from __future__ import annotations

import csv
import functools
import io
import re
import warnings
import zipfile
from collections.abc import Callable

import openpyxl

from tests.integration.faults.pages import Page, shared_strings

#: From sound bytes to spoilt ones, and the sheet row or line that was touched (0 where none is).
Mutator = Callable[[bytes], tuple[bytes, int]]
Parts = dict[str, bytes]
Record = dict[str, str]
Value = str | int | float | None | tuple[str, str]

MAIN_SHEET = {"statistics": "地区生产总值", "incubators": "孵化载体", "ledger": "台账"}
COUNTY = "330108"


def raw(change: Callable[[bytes], bytes]) -> Mutator:
    """Other bytes."""
    return lambda content: (change(content), 0)


def instead(content: bytes) -> Mutator:
    """These bytes, whatever was delivered."""
    return lambda _: (content, 0)


def parts(change: Callable[[Parts], Parts | None]) -> Mutator:
    """The package's members changed in place, or those returned."""

    def mutate(content: bytes) -> tuple[bytes, int]:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = {name: package.read(name) for name in package.namelist()}
        return zipped(change(members) or members), 0

    return mutate


def zipped(members: Parts, twice: str = "") -> bytes:
    """A package with these members, one of them a second time if named."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, member in members.items():
            package.writestr(name, member, compresslevel=1)
        if twice:
            package.writestr(twice, members[twice])
    return sink.getvalue()


@functools.lru_cache(8)
def _sheet_parts(workbook: bytes, relations: bytes) -> dict[str, str]:
    targets = dict(re.findall(r'Id="(\w+)" Type="[^"]*" Target="(worksheets/[^"]+)"', relations.decode()))
    return {name: f"xl/{targets[relation]}" for name, relation in re.findall(r'<sheet name="([^"]+)"[^>]*r:id="(\w+)"', workbook.decode())}


def sheet_part(members: Parts, sheet: str) -> str:
    """Where a sheet lies in its package."""
    return _sheet_parts(members["xl/workbook.xml"], members["xl/_rels/workbook.xml.rels"])[sheet]


def page(sheet: str, edit: Callable[[Page], int | None]) -> Mutator:
    """One sheet, cell by cell; `edit` returns the row that it touched."""

    def mutate(content: bytes) -> tuple[bytes, int]:
        touched: list[int] = []

        def change(members: Parts) -> None:
            part = sheet_part(members, sheet)
            changed = Page(members[part], shared_strings(members["xl/sharedStrings.xml"]))
            before = changed.xml
            touched.append(edit(changed) or 0)
            assert changed.xml != before, f"nothing changed in {sheet}"
            members[part] = changed.xml.encode()

        spoilt, _ = parts(change)(content)
        return spoilt, touched[0]

    return mutate


def book(edit: Callable[[openpyxl.Workbook], None]) -> Mutator:
    """A workbook as openpyxl changes it and writes it anew."""

    def mutate(content: bytes) -> tuple[bytes, int]:
        workbook = openpyxl.load_workbook(io.BytesIO(content))
        edit(workbook)
        sink = io.BytesIO()
        workbook.save(sink)
        return sink.getvalue(), 0

    return mutate


def cell(sheet: str, header: str, value: Value, *, key: str = COUNTY, by: str = "行政区划代码") -> Mutator:
    """One cell of a sheet under a header set to a value, in the row of the county or of another key."""

    def edit(found: Page) -> int:
        row = found.row(key, by)
        found.put(row, found.column(header), value)
        return row

    return page(sheet, edit)


def header(sheet: str, text: str, other: str | None) -> Mutator:
    """A header's text replaced."""

    def edit(found: Page) -> None:
        column = found.column(text)
        row = next(row for row in range(1, 6) if found.text(row, column) == text)
        found.put(row, column, other)

    return page(sheet, edit)


def _decoded(content: bytes) -> str:
    return content.decode("gb18030")


def text(change: Callable[[str], str], encoding: str = "gb18030", errors: str = "strict") -> Mutator:
    """The export's text, written in an encoding."""
    return lambda content: (change(_decoded(content)).encode(encoding, errors), 0)


def split_lines(content: str) -> list[str]:
    """Physical lines of an export; the sample has no line break inside a field."""
    return content.removesuffix("\r\n").split("\r\n")


def lines(change: Callable[[list[str]], int | None]) -> Mutator:
    """The export's physical lines, the header first; `change` returns the line number that it touched."""

    def mutate(content: bytes) -> tuple[bytes, int]:
        found = split_lines(_decoded(content))
        line = change(found)
        return ("\r\n".join(found) + "\r\n").encode("gb18030"), line or 0

    return mutate


def counted(record: Record) -> bool:
    """Whether a contract counts: in force and sold by the county."""
    return record["合同状态"] == "已登记" and record["卖方行政区划代码"] == COUNTY


def records(change: Callable[[list[Record]], int | None]) -> Mutator:
    """The export's records; `change` returns the index of the one that it touched."""

    def mutate(content: bytes) -> tuple[bytes, int]:
        reader = csv.DictReader(io.StringIO(_decoded(content), newline=""))
        found = list(reader)
        index = change(found)
        sink = io.StringIO(newline="")
        writer = csv.DictWriter(sink, list(reader.fieldnames or ()), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(found)
        return sink.getvalue().encode("gb18030"), 0 if index is None else index + 2

    return mutate


def contract(**fields: str) -> Mutator:
    """The first contract that counts for the county, with other fields."""

    def change(found: list[Record]) -> int:
        index = next(index for index, record in enumerate(found) if counted(record))
        unknown = set(fields) - set(found[index])
        assert not unknown, unknown
        found[index].update(fields)
        return index

    return records(change)


def contract_field(name: str, change: Callable[[str], str]) -> Mutator:
    """One field of that contract, made from what stood there."""

    def edit(found: list[Record]) -> int:
        index = next(index for index, record in enumerate(found) if counted(record) and record[name])
        found[index][name] = change(found[index][name])
        return index

    return records(edit)


def contract_line(change: Callable[[str], str]) -> Mutator:
    """The physical line of that contract."""

    def edit(found: list[str]) -> int:
        index = next(index for index, line in enumerate(found) if re.search(f",{COUNTY},.*,已登记,", line))
        found[index] = change(found[index])
        return index + 1

    return lines(edit)
