"""A workbook as a zip package: what it holds and whether it is safe to read, before any reader opens it.

Here: limits, encryption, DTDs, duplicate members, where each sheet lies, which styles mean something, what a person should know.
Not here: rows (child.py), or which sheets a contract needs.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from pipelines.errors import Code, DeliveryRejected, Problem
from pipelines.landing.workbook.cells import is_percent_format
from pipelines.landing.workbook.kinds import IN_CHINESE, OLE, what_it_is

MAX_ENTRIES = 10_000
MAX_SHEETS = 1_000
# Excel itself admits 65,490 cell formats; what has more was made to be looked up for ever.
MAX_STYLES = 65_490
MAX_UNPACKED = 1 << 30
# The parts that are read as a tree: sheet names, relations and styles of a workbook of any size are far below.
MAX_TREE = 16 << 20
# Sheets pack 1:10 to 1:50, deflate at most 1:1032; small bombs do no harm.
MAX_RATIO, RATIO_APPLIES_FROM = 200, 64 << 20
_BUILTIN_PERCENT = ("9", "10")
_BUILTIN_PLAIN, _BUILTIN_DAY = ("0", "1", "2", "3", "4", "49"), ("14",)
_PLAIN, _DAY = re.compile(r"General|@|[#0][#0,]*(?:\.0+)?"), re.compile(r"yyyy([-/.])mm?\1dd?")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_DATA_ALONE = "ask for a workbook with the data alone"
_SHOWN = 5


def refused(
    code: Code, found: str, expected: str, next_step: str, *, sheet: str = "", place: str = "", value: str = ""
) -> DeliveryRejected:
    """Build the rejection of a workbook that is not fit to be read; the parent, which knows the file's name, fills it in."""
    return DeliveryRejected(Problem(code, "", found, expected, next_step, sheet=sheet, place=place, value=value))


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook: its name, its state (`visible`, `hidden`, `veryHidden`) and its part in the package."""

    name: str
    state: str
    part: str


@dataclass(frozen=True)
class Styles:
    """The cell style numbers that mean something: those shown as a percentage, and those struck through.

    `plain` and `days` are those that surely show a number as it is, or as a day, and are not struck through; `odd` are all others that are
    no percentage: what they show has to be looked at.
    """

    percent: frozenset[int]
    struck: frozenset[int]
    plain: frozenset[int] = frozenset({0})
    days: frozenset[int] = frozenset()
    odd: frozenset[int] = frozenset()


def _unreadable(found: str, expected: str = "a whole .xlsx workbook", value: str = "") -> DeliveryRejected:
    return refused("unreadable", found, expected, "ask the office to save it again as .xlsx and to deliver it anew", value=value)


def _unsafe(found: str, expected: str, value: str) -> DeliveryRejected:
    return refused("unsafe_package", found, expected, "ask the office to save it in Excel as a new .xlsx workbook", value=value)


#: What `zipfile` raises for bytes that are no sound package, beside its own error: offsets before the start or beyond what a file can have
#: (OSError, ValueError, OverflowError), a stream that ends early or does not inflate, an unknown version or compression. Each is the
#: delivery's fault; the archived file itself was opened and read before.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, NotImplementedError)


class Package:
    """An open workbook package that passed the first look."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            head = stream.read(4096)
        if head.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise refused("encrypted", "a workbook protected by a password", "a workbook without one", "ask for it without a password")
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            if head.startswith(b"PK\x03\x04"):
                raise _unreadable("a workbook that is cut off or damaged", value="被截断或损坏的工作簿") from error
            raise _unreadable(what_it_is(head), value=IN_CHINESE[what_it_is(head)]) from error
        self._names = frozenset(self._zip.namelist())
        self._check_entries()

    def _check_entries(self) -> None:
        entries = self._zip.infolist()
        unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
        if len(entries) > MAX_ENTRIES:
            raise refused("too_large", f"{len(entries)} members", f"at most {MAX_ENTRIES}", _DATA_ALONE, value=str(len(entries)))
        bombs = [entry for entry in entries if RATIO_APPLIES_FROM < entry.file_size > MAX_RATIO * entry.compress_size]
        if bombs or unpacked > MAX_UNPACKED or RATIO_APPLIES_FROM < unpacked > MAX_RATIO * packed:
            found = f"{unpacked} bytes unpacked from {packed}"
            raise refused("too_large", found, f"at most {MAX_UNPACKED} and {MAX_RATIO} to one", _DATA_ALONE, value=f"{packed} → {unpacked}")
        if any(entry.flag_bits & 1 for entry in entries):
            raise refused("encrypted", "encrypted members", "a workbook without a password", "ask for it without a password")
        twice = sorted(name for name, count in Counter(entry.filename for entry in entries).items() if count > 1)
        if twice:
            raise _unsafe(f"member {twice[0]} twice", "every member once", twice[0])
        for name in self._names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":":
                raise _unsafe(f"a member whose name leads out of the package, {name!r}", "names inside the package", name)
        self._check_overlaps(entries)
        if "xl/workbook.xml" not in self._names:
            shown = ", ".join(_name_as_written(entry) for entry in entries[:_SHOWN]) or "nothing"
            raise _unreadable(f"a zip package without xl/workbook.xml, holding {shown}", value=shown)

    def _check_overlaps(self, entries: list[zipfile.ZipInfo]) -> None:
        """Members that share their bytes unpack to far more than the file holds, and no program writes them."""
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise _unsafe(f"member {entry.filename} lying inside another", "members one after the other", entry.filename)
            end = entry.header_offset + 30 + len(entry.filename) + entry.compress_size

    def read(self, part: str) -> bytes:
        """A part's bytes, checked against the package's checksum; XML with a DTD or in UTF-16 is refused."""
        try:
            content = self._zip.read(part)
        except KeyError as error:
            raise _unreadable(f"no member {part}, which the workbook names", value=part) from error
        except BROKEN as error:
            raise _unreadable(f"member {part} damaged", value=part) from error
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise _unsafe(f"a DTD in member {part}", "XML without one", part)
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
            raise _unreadable(f"member {part} in UTF-16", "XML in UTF-8", part)
        return content

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the order of the workbook."""
        targets = {
            relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            for relation in self._tree("xl/_rels/workbook.xml.rels").iterfind("{*}Relationship")
            if relation.get("Type", "").endswith("/worksheet")
        }
        named = list(self._tree("xl/workbook.xml").iterfind(".//{*}sheets/{*}sheet"))
        if len(named) > MAX_SHEETS:
            raise refused("too_large", f"{len(named)} sheets", f"at most {MAX_SHEETS}", _DATA_ALONE, value=str(len(named)))
        return [
            SheetPart(sheet.get("name", ""), sheet.get("state", "visible"), targets[relation])
            for sheet in named
            if (relation := sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)) in targets
        ]

    def styles(self) -> Styles:
        """Which cell styles show percentages and which strike their text through."""
        if "xl/styles.xml" not in self._names:
            return Styles(frozenset(), frozenset())
        tree = self._tree("xl/styles.xml")
        cell_styles = list(tree.iterfind("{*}cellXfs/{*}xf"))
        if len(cell_styles) > MAX_STYLES:
            raise refused("too_large", f"{len(cell_styles)} cell styles", f"at most {MAX_STYLES}", _DATA_ALONE, value=str(len(cell_styles)))
        formats = {item.get("numFmtId"): item.get("formatCode", "") for item in tree.iterfind("{*}numFmts/{*}numFmt")}
        percent = {number for number, code in formats.items() if is_percent_format(code)} | (set(_BUILTIN_PERCENT) - set(formats))
        fonts = {str(index) for index, font in enumerate(tree.iterfind("{*}fonts/{*}font")) if _is_on(font.find("{*}strike"))}
        struck = frozenset(index for index, style in enumerate(cell_styles) if style.get("fontId") in fonts)
        shown = [style.get("numFmtId") or "" for style in cell_styles]
        plain, days = (
            frozenset(i for i, number in enumerate(shown) if (form.fullmatch(formats[number]) if number in formats else number in builtin))
            for form, builtin in ((_PLAIN, _BUILTIN_PLAIN), (_DAY, _BUILTIN_DAY))
        )
        percentages = frozenset(i for i, number in enumerate(shown) if number in percent)
        odd = frozenset(range(len(shown))) - plain - days - percentages
        return Styles(percentages, struck, plain - struck, days - struck, odd)

    def has_days_from_1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        return any(_is_set(item.get("date1904")) for item in self._tree("xl/workbook.xml").iterfind("{*}workbookPr"))

    def is_calculated_on_load(self) -> bool:
        """Whether the workbook asks the program that opens it to calculate all formulas: its writer has calculated none."""
        return any(_is_set(item.get("fullCalcOnLoad")) for item in self._tree("xl/workbook.xml").iterfind("{*}calcPr"))

    def has_order_of_calculation(self) -> bool:
        """Whether the workbook keeps the order in which a program has calculated its formulas, as Excel writes it."""
        return "xl/calcChain.xml" in self._names

    def notes(self) -> list[str]:
        """What the workbook brings beside its cells and what a person who trusts them should know."""
        notes = []
        if any(name.endswith("vbaProject.bin") for name in self._names):
            notes.append("macros in the workbook, never run")
        if linked := self._linked():
            notes.append(f"links to other files, whose stored values are read: {', '.join(linked[:_SHOWN])}")
        if "xl/connections.xml" in self._names:
            notes.append("data connections in the workbook, never refreshed")
        if any(name.startswith(("xl/embeddings/", "xl/activeX/")) for name in self._names):
            notes.append("embedded objects in the workbook, not read")
        if commented := sum(name.startswith(("xl/comments", "xl/threadedComments/")) for name in self._names):
            notes.append(f"comments on cells, not read: look at {commented} sheets")
        if self.has_days_from_1904():
            notes.append("days counted from 1904: dates are read so, bare day numbers are kept aside")
        return notes

    def _linked(self) -> list[str]:
        parts = sorted(name for name in self._names if name.startswith("xl/externalLinks/_rels/"))
        return [relation.get("Target", "") for part in parts[:_SHOWN] for relation in self._tree(part)]

    def shared_strings(self) -> bytes:
        """The text part, read through so that a damaged or poisoned one is refused by name; empty if there is none."""
        return self.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in self._names else b""

    def _tree(self, part: str) -> Element:
        content = self.read(part)
        if len(content) > MAX_TREE:
            found = f"member {part} of {len(content)} bytes"
            raise refused("too_large", found, f"at most {MAX_TREE} bytes", _DATA_ALONE, value=f"{part} {len(content)}")
        try:
            return ElementTree.fromstring(content)
        except (ElementTree.ParseError, LookupError, ValueError) as error:
            raise _unreadable(f"member {part} is no XML", value=part) from error


def _is_set(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _is_on(element: Element | None) -> bool:
    return element is not None and element.get("val", "1") not in ("0", "false")


def _name_as_written(entry: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag it is in the writer's own code page, which in these offices is GB18030."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename
