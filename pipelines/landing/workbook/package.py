"""A workbook as a zip package: what it holds and whether it is safe to read, before any reader opens it.

Here: limits, encryption, DTDs, duplicate members, where each sheet lies, which styles are percentages.
Not here: rows (child.py), or which sheets a contract needs.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from pipelines.errors import DeliveryRejected, Problem
from pipelines.landing.workbook.cells import is_percent_format

MAX_ENTRIES = 10_000
MAX_UNPACKED = 1 << 30
# Sheets pack 1:10 to 1:50, deflate at most 1:1032; small bombs do no harm.
MAX_RATIO, RATIO_APPLIES_FROM = 200, 64 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BUILTIN_PERCENT = ("9", "10")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def refused(code: str, found: str, expected: str, next_step: str, *, sheet: str = "", place: str = "") -> DeliveryRejected:
    """Build the rejection of a workbook that is not fit to be read; the parent, which knows the file's name, fills it in."""
    return DeliveryRejected(Problem(code, "", found, expected, next_step, sheet=sheet, place=place))


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook: its name, its state (`visible`, `hidden`, `veryHidden`) and its part in the package."""

    name: str
    state: str
    part: str


def _unreadable(found: str, expected: str = "a whole .xlsx workbook") -> DeliveryRejected:
    return refused("unreadable", found, expected, "ask the office to save it again as .xlsx and to deliver it anew")


def what_it_is(head: bytes) -> str:
    """What a file really is by its first bytes, in a clerk's words."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if not head:
        return "an empty file of 0 bytes"
    if head.startswith(_OLE):
        return "an old .xls file or another OLE document"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (often a portal's error page)"
    if head.startswith(b"PK\x03\x04"):
        return "a zip package (a workbook or an archive)"
    if head.startswith(b"%PDF"):
        return "a PDF document"
    return "no zip package" if b"\x00" in head[:1024] else "a text file"


class Package:
    """An open workbook package that passed the first look."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            head = stream.read(4096)
        if head.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise refused("encrypted", "a workbook protected by a password", "a workbook without one", "ask for it without a password")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError, ValueError, OSError) as error:
            is_cut = head.startswith(b"PK\x03\x04")
            raise _unreadable("a workbook that is cut off or damaged" if is_cut else what_it_is(head)) from error
        self._check_entries()

    def _check_entries(self) -> None:
        entries = self._zip.infolist()
        names = [entry.filename for entry in entries]
        unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
        if len(entries) > MAX_ENTRIES:
            raise refused("too_large", f"{len(entries)} members", f"at most {MAX_ENTRIES}", "ask for a workbook with the data alone")
        if unpacked > MAX_UNPACKED or (unpacked > RATIO_APPLIES_FROM and unpacked > MAX_RATIO * packed):
            found = f"{unpacked} bytes unpacked from {packed}"
            raise refused("too_large", found, f"at most {MAX_UNPACKED} and {MAX_RATIO} to one", "ask for a workbook with the data alone")
        if any(entry.flag_bits & 1 for entry in entries):
            raise refused("encrypted", "encrypted members", "a workbook without a password", "ask for it without a password")
        twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if twice:
            raise _unreadable(f"member {twice[0]} twice", "every member once")
        if "xl/workbook.xml" not in names:
            raise _unreadable("a zip package without xl/workbook.xml")

    def read(self, part: str) -> bytes:
        """A part's bytes, checked against the package's checksum; XML with a DTD or in UTF-16 is refused."""
        try:
            content = self._zip.read(part)
        except KeyError as error:
            raise _unreadable(f"no member {part}, which the workbook names") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _unreadable(f"member {part} damaged") from error
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise _unreadable(f"a DTD in member {part}", "XML without one")
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _unreadable(f"member {part} in UTF-16", "XML in UTF-8")
        return content

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the order of the workbook."""
        targets = {
            relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            for relation in self._tree("xl/_rels/workbook.xml.rels").iterfind("{*}Relationship")
            if relation.get("Type", "").endswith("/worksheet")
        }
        return [
            SheetPart(sheet.get("name", ""), sheet.get("state", "visible"), targets[relation])
            for sheet in self._tree("xl/workbook.xml").iterfind(".//{*}sheets/{*}sheet")
            if (relation := sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)) in targets
        ]

    def percent_styles(self) -> set[int]:
        """The cell style numbers that show a value as a percentage."""
        if "xl/styles.xml" not in self._zip.namelist():
            return set()
        styles = self._tree("xl/styles.xml")
        formats = {item.get("numFmtId"): item.get("formatCode", "") for item in styles.iterfind("{*}numFmts/{*}numFmt")}
        percent = {number for number, code in formats.items() if is_percent_format(code)} | (set(_BUILTIN_PERCENT) - set(formats))
        return {index for index, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")) if style.get("numFmtId") in percent}

    def check_shared_strings(self) -> None:
        """Read the text part through once, so that a damaged or poisoned one is refused by name."""
        if "xl/sharedStrings.xml" in self._zip.namelist():
            self.read("xl/sharedStrings.xml")

    def _tree(self, part: str) -> Element:
        try:
            return ElementTree.fromstring(self.read(part))
        except ElementTree.ParseError as error:
            raise _unreadable(f"member {part} is no XML") from error
