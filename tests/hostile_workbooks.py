"""Workbooks made to kill whatever reads them, by code, small on disk.

Here: the bytes. Not here: what must become of them (integration/test_hostile_workbooks.py, benchmarks/test_hostile_workbooks.py).
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from pipelines.errors import Code, DeliveryRejected, Problem
from pipelines.feeds import FILE_FEEDS
from pipelines.landing.sheets import read_sheet
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.quarters import Quarter

SHEET = "台账"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}worksheet+xml"/></Types>'
)
_ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>指标编码</t></is></c></row>'
MIB = 1 << 20


def sheet_xml(rows: str = _ROWS, before: str = "", after: str = "") -> bytes:
    return f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>".encode()


def members(sheet: bytes = b"", **parts: bytes) -> dict[str, bytes]:
    """The members of a small workbook with one sheet; `workbook`, `rels`, `strings` and `styles` replace a part."""
    book = f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="{SHEET}" sheetId="1" r:id="r1"/></sheets></workbook>'
    kinds = {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml"), "r3": ("styles", "styles.xml")}
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    relations = "".join(f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, (kind, target) in kinds.items())
    return {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": f"<Relationships {_RELATIONS}>{root}</Relationships>".encode(),
        "xl/workbook.xml": parts.get("workbook", book.encode()),
        "xl/_rels/workbook.xml.rels": parts.get("rels", f"<Relationships {_RELATIONS}>{relations}</Relationships>".encode()),
        "xl/worksheets/sheet1.xml": sheet or sheet_xml(),
        "xl/sharedStrings.xml": parts.get("strings", f"<sst {_MAIN}/>".encode()),
        "xl/styles.xml": parts.get("styles", f"<styleSheet {_MAIN}/>".encode()),
    }


def package(content: dict[str, bytes], *more: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, member in (*content.items(), *more):
            target.writestr(name, member)
    return sink.getvalue()


def workbook(sheet: bytes = b"", **parts: bytes) -> bytes:
    return package(members(sheet, **parts))


def flat_bomb() -> bytes:
    return package(members(), ("xl/media/image1.bin", bytes(128 * MIB)))


def bomb_in_the_sheet() -> bytes:
    return workbook(sheet_xml().replace(b"<sheetData>", b"<sheetData>" + b" " * (100 * MIB)))


def nested_bomb() -> bytes:
    """Zips in zips, as a file that names itself a workbook."""
    inner = package({"zeros": bytes(16 * MIB)})
    for _ in range(4):
        inner = package({f"{number}.zip": inner for number in range(10)})
    return inner


def overlapping(copies: int) -> bytes:
    """One packed megabyte that so many members of the directory share."""
    whole = package(members(), ("bomb", bytes(MIB)))
    start = whole.rindex(b"PK\x05\x06")
    directory = struct.unpack("<I", whole[start + 16 : start + 20])[0]
    entry = whole[whole.rindex(b"PK\x01\x02", 0, start) : start]
    more = b"".join(entry[:-4] + f"{number:04}".encode() for number in range(copies))
    count = struct.unpack("<H", whole[start + 10 : start + 12])[0] + copies
    ending = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, start - directory + len(more), directory, 0)
    return whole[:start] + more + ending


def lying_size() -> bytes:
    """A member that unpacks to a hundred times what its directory entry says."""
    content = workbook(sheet_xml(after=" " * MIB))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    return content[: at + 24] + struct.pack("<I", 10_000) + content[at + 28 :]


def absurd_size() -> bytes:
    content = workbook()
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    return content[: at + 24] + struct.pack("<I", 0xFFFFFFF0) + content[at + 28 :]


def unknown_method() -> bytes:
    content = bytearray(workbook())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    content[at + 10 : at + 12] = struct.pack("<H", 99)
    return bytes(content)


def encrypted_members() -> bytes:
    content = bytearray(workbook())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    content[at + 8] |= 1
    return bytes(content)


def billion_laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    return workbook(sheet_xml(_ROWS.replace("指标编码", "&m;")).replace(b"<worksheet", f"<!DOCTYPE x [{entities}]><worksheet".encode(), 1))


def external_entity() -> bytes:
    dtd = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    book = members()["xl/workbook.xml"].replace(SHEET.encode(), b"&e;")
    return workbook(workbook=dtd + book)


def external_entity_in_utf_16() -> bytes:
    """Where a search for the bytes of `<!DOCTYPE` finds nothing."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet_xml().decode()
    return workbook(text.encode("utf-16-le"))


def many_sheets() -> bytes:
    sheets = "".join(f'<sheet name="{number}" sheetId="{number}" r:id="r1"/>' for number in range(1, 100_001))
    return workbook(workbook=f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'.encode())


def many_members() -> bytes:
    return package(members(), *((f"xl/x{number}", b"") for number in range(100_000)))


def deep_workbook() -> bytes:
    depth = 200_000
    return workbook(workbook=b"<a>" * depth + b"</a>" * depth)


def deep_rich_text() -> bytes:
    depth = 2_000_000
    strings = f"<sst {_MAIN}><si>".encode() + b"<r>" * depth + b"<t>x</t>" + b"</r>" * depth + b"</si></sst>"
    return workbook(sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), strings=strings)


def huge_string_many_times() -> bytes:
    """One text of 20 MiB to which 2,000 cells point."""
    strings = f"<sst {_MAIN}><si><t>".encode() + b"ab" * (10 * MIB) + b"</t></si></sst>"
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2001))
    return workbook(sheet_xml(rows), strings=strings)


def string_out_of_range() -> bytes:
    return workbook(sheet_xml('<row r="1"><c r="A1" t="s"><v>4294967290</v></c></row>'))


def many_merges() -> bytes:
    merges = "".join(f'<mergeCell ref="A{row}:B{row + 1}"/>' for row in range(1, 1_000_001, 2)) * 2
    return workbook(sheet_xml(after=f"<mergeCells>{merges}</mergeCells>"))


def many_styles() -> bytes:
    return workbook(styles=f"<styleSheet {_MAIN}><cellXfs>".encode() + b'<xf numFmtId="9"/>' * 3_000_000 + b"</cellXfs></styleSheet>")


def nameless_cells() -> bytes:
    """Cells without a reference: their places are where one has got to by counting."""
    return workbook(sheet_xml('<row r="1">' + "<c/>" * 12_000_000 + "</row>"))


def unclosed_tags() -> bytes:
    """Each of them makes a search for its end run to the end of the sheet."""
    return workbook(sheet_xml("<row>" + "<c r=" * 4_000_000))


def cell(reference: str, row: str = "1") -> Callable[[], bytes]:
    return lambda: workbook(sheet_xml(f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'))


def truncated_stream() -> bytes:
    """The packed bytes of the sheet cut, and the directory as if nothing had happened."""
    content = members(sheet_xml(_ROWS + " " * 4096))
    sink = io.BytesIO()
    packed = zlib.compress(content["xl/worksheets/sheet1.xml"])[2:-4]
    with zipfile.ZipFile(sink, "w") as target:
        for name, member in content.items():
            target.writestr(name, packed[:-9] if "sheet1" in name else member)
        entry = target.getinfo("xl/worksheets/sheet1.xml")
        entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(content["xl/worksheets/sheet1.xml"])
    return sink.getvalue()


def flipped_bit() -> bytes:
    content = bytearray(workbook())
    at = content.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml") + 20
    content[at] ^= 8
    return bytes(content)


def relation(target: str) -> bytes:
    rels = f'<Relationships {_RELATIONS}><Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="{target}"/></Relationships>'
    return workbook(rels=rels.encode())


def cyclic_relations() -> bytes:
    """The sheet's relation leads back to the workbook."""
    return relation("workbook.xml")


#: What each is made by, and the code of the error that it must end in.
HOSTILE: dict[str, tuple[Callable[[], bytes], Code]] = {
    "a flat bomb": (flat_bomb, "too_large"),
    "a bomb in the sheet": (bomb_in_the_sheet, "too_large"),
    "a nested bomb": (nested_bomb, "unreadable"),
    "an overlapping bomb": (lambda: overlapping(5000), "too_large"),
    "overlapping members": (lambda: overlapping(3), "unsafe_package"),
    "a size that lies": (lying_size, "unreadable"),
    "an absurd size": (absurd_size, "too_large"),
    "an unknown method of packing": (unknown_method, "unreadable"),
    "encrypted members": (encrypted_members, "encrypted"),
    "an encrypted document": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "a member twice": (lambda: package(members(), ("xl/worksheets/sheet1.xml", sheet_xml())), "unsafe_package"),
    "a member that leads out": (lambda: package(members(), ("../../../etc/cron.d/evil", b"x")), "unsafe_package"),
    "a billion laughs": (billion_laughs, "unsafe_package"),
    "an external entity": (external_entity, "unsafe_package"),
    "an external entity in UTF-16": (external_entity_in_utf_16, "unreadable"),
    "100,000 sheets": (many_sheets, "too_large"),
    "100,000 members": (many_members, "too_large"),
    "a workbook nested 200,000 deep": (deep_workbook, "sheet_missing"),
    "a rich text nested 2,000,000 deep": (deep_rich_text, "column_missing"),
    "a text of 20 MiB in 2,000 cells": (huge_string_many_times, "reader_died"),
    "a text that is not there": (string_out_of_range, "unreadable"),
    "1,000,000 merged ranges": (many_merges, "too_large"),
    "3,000,000 styles": (many_styles, "too_large"),
    "12,000,000 cells without a place": (nameless_cells, "reader_died"),
    "4,000,000 tags without an end": (unclosed_tags, "reader_died"),
    "a far cell": (cell("XFD1048576", "1048576"), "far_cell"),
    "a row number below zero": (cell("A-5", "-5"), "unreadable"),
    "a row number beyond counting": (cell("A99999999999999999999", "99999999999999999999"), "unreadable"),
    "a column name of 60 letters": (cell("A" * 60 + "1"), "unreadable"),
    "a reference of 30 MiB": (cell("A" * (30 * MIB)), "unreadable"),
    "a cut stream": (truncated_stream, "unreadable"),
    "a flipped bit": (flipped_bit, "unreadable"),
    "relations in a circle": (cyclic_relations, "column_missing"),
    "a sheet that is not there": (lambda: relation("worksheets/none.xml"), "unreadable"),
    "a sheet outside the package": (lambda: relation("../../../../etc/passwd"), "unreadable"),
}
#: Those that a limit ends: seconds each, for the bench.
SLOW = ("a text of 20 MiB in 2,000 cells", "12,000,000 cells without a place", "4,000,000 tags without an end")


def met(reader: WorkbookReader, folder: Path, content: bytes) -> Problem | None:
    """Read a workbook as the ledger's, and hold its sheet against the contract; the problem that it ends in."""
    path = folder / "hostile"
    path.write_bytes(content)
    entries = FILE_FEEDS["ledger"].tables[0]
    try:
        read_sheet(reader.read(path, "20230413_台账.xlsx", [SHEET]), entries, Quarter(2023, 1), "20230413_台账.xlsx")
    except DeliveryRejected as rejected:
        return rejected.problem
    return None


def sound() -> bytes:
    """A workbook that the same reader must read afterwards."""
    names = "".join(f"<c t='inlineStr'><is><t>{field.header}</t></is></c>" for field in FILE_FEEDS["ledger"].tables[0].fields)
    return workbook(sheet_xml(f"<row>{names}</row><row><c><v>1</v></c></row>"))
