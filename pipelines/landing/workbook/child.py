"""The child process that reads workbooks: one fork per workbook, limited in memory, time and file size.

Run as `python -m pipelines.landing.workbook.child`; reads one request per line (JSON: path, out, sheets) from standard input,
writes what it read to the file `out` (a line of JSON, then a stream of Arrow for each large sheet that it names), and the fork's exit
code and peak memory in KiB to standard output.
Not here: the contract, the parent's side.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import python_calamine as calamine

from pipelines.errors import DeliveryRejected
from pipelines.feeds.contract import plain
from pipelines.landing.workbook.cells import cell_text, is_percent_format, number_text, percent_text
from pipelines.landing.workbook.limits import FILE_SIZE, LEAST_SECONDS, MEMORY, MOST_SECONDS, OUT_OF_MEMORY, OUT_OF_ROOM, SECONDS_PER_MIB
from pipelines.landing.workbook.number_formats import shown_otherwise
from pipelines.landing.workbook.package import Package, SheetPart, Styles, refused
from pipelines.landing.workbook.scan import Calculation, SheetScan, has_marked_runs, scan
from pipelines.without import do_without

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 5

#: XML of a sheet from which reading it at once saves more than it takes to load what that needs.
LARGE = 4 << 20

Rows = list[list[str | None]]


def read_workbook(path: Path, wanted: list[str]) -> tuple[dict[str, Any], list[list[pa.Array]]]:
    """The wanted visible sheets as rows of text, and which sheets there are; the columns of sheets whose rows are None.

    A sheet is wanted if its name equals one of `wanted` but for spaces and full-width forms.
    """
    package = Package(path)
    shared = package.shared_strings()
    styles = package.styles()
    keys = {plain(name): name for name in wanted}
    present = package.sheets()
    is_from_1904 = package.has_days_from_1904()
    large = _LargeSheets(styles, shared, is_allowed=not is_from_1904)
    calculation = Calculation(package.is_calculated_on_load(), package.has_order_of_calculation())
    has_marked_texts = has_marked_runs(shared)
    looked: dict[str, tuple[SheetPart, SheetScan]] = {}
    for sheet in present:
        name = keys.get(plain(sheet.name))
        if name is None or sheet.state != "visible":
            continue
        if name in looked:
            raise refused("sheet_duplicate", f"two sheets named {name}", "one", "ask the office which one counts", sheet=name, value=name)
        xml = package.read(sheet.part)
        found = large.read(sheet.name, xml) or scan(sheet.name, xml, styles, calculation, has_marked_texts=has_marked_texts)
        looked[name] = sheet, found
    others = [(sheet.name, found.needs_record_reader) for sheet, found in looked.values() if sheet.name not in large.columns]
    fast, slow = ([name for name, is_slow in others if is_slow == asked] for asked in (False, True))
    # Opened even if all sheets are large: a workbook that this reader finds broken is refused, whoever reads its rows.
    rows = rows_by_fast_reader(path, fast) if fast or large.columns else {}
    of_records, more_notes = rows_by_record_reader(path, slow)
    rows |= of_records
    grids = {
        name: {
            "rows": rows.get(sheet.name),
            "merges": found.merges,
            "hidden": found.hidden,
            "notes": [*found.notes, *more_notes.get(sheet.name, [])],
        }
        for name, (sheet, found) in looked.items()
    }
    is_read = {"present": [(sheet.name, sheet.state) for sheet in present], "grids": grids}
    answer = is_read | {"notes": package.notes(), "is_from_1904": is_from_1904}
    return answer, list(large.columns.values())


class _LargeSheets:
    """The large sheets of a workbook that can be read at once; `columns` are those of them that were."""

    def __init__(self, styles: Styles, shared: bytes, *, is_allowed: bool) -> None:
        self._styles, self._shared, self._is_allowed = styles, shared, is_allowed
        self._texts: pa.Array | None = None
        self.columns: dict[str, list[pa.Array]] = {}

    def read(self, sheet: str, xml: bytes) -> SheetScan | None:
        """Read a sheet's columns and look through what is around its rows; None if that is for the other readers."""
        if len(xml) < LARGE or not self._is_allowed:
            return None
        from pipelines.landing.workbook.at_once import columns_at_once, sheet_parts
        from pipelines.landing.workbook.tags import NotUsual, shared_texts

        try:
            body, around = sheet_parts(xml)
            found = scan(sheet, around, self._styles)
            if found.needs_record_reader:
                return None
            if self._texts is None and self._shared:
                self._texts = shared_texts(self._shared)
            self.columns[sheet] = columns_at_once(xml, body, self._styles, self._texts)
        except NotUsual:
            return None
        return found


def rows_by_fast_reader(path: Path, sheets: list[str]) -> dict[str, Rows]:
    """All rows of these sheets from row 1 by calamine: fast, right for sheets without error cells and percentages."""
    rows: dict[str, Rows] = {}
    with _opened(path) as book:
        for sheet in sheets:
            values = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            rows[sheet] = _without_blank_ends(
                [[value or None if type(value) is str else cell_text(value) for value in row] for row in values]
            )
    return rows


@contextmanager
def _opened(path: Path) -> Iterator[calamine.CalamineWorkbook]:
    # As a stream: the archive's names have no extension to guess the format by.
    with path.open("rb") as stream:
        try:
            with calamine.load_workbook(stream) as book:
                yield book
        except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
            found = f"broken content ({error})"
            raise refused("unreadable", found, "a whole .xlsx workbook", "ask the office to save it again") from error


def rows_by_record_reader(path: Path, sheets: list[str]) -> tuple[dict[str, Rows], dict[str, list[str]]]:
    """All rows of these sheets from row 1 by openpyxl, and notes: keeps error cells, number formats and runs of text."""
    if not sheets:
        return {}, {}
    import openpyxl

    with path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, data_only=True, rich_text=True)
    rows: dict[str, Rows] = {}
    notes: dict[str, list[str]] = {}
    for sheet in sheets:
        reader = _RecordReader()
        rows[sheet] = _without_blank_ends([[reader.text(cell) for cell in row] for row in book[sheet].iter_rows(min_row=1, min_col=1)])
        notes[sheet] = [f"sheet {sheet}: {note}" for note in reader.notes()]
    return rows, notes


class _RecordReader:
    """The texts of cells as a person reads them: what is struck out is no value, what is set high or low is a mark."""

    def __init__(self) -> None:
        self._struck: list[str] = []
        self._marks: list[str] = []

    def notes(self) -> list[str]:
        """Where something was left out."""
        counted = ((self._struck, "struck out, which is no value"), (self._marks, "with a mark set high or low, which is no part of them"))
        return [
            f"{len(cells)} cells {what}: {', '.join(cells[:_SHOWN])}{' …' if len(cells) > _SHOWN else ''}"
            for cells, what in counted
            if cells
        ]

    def text(self, cell: Any) -> str | None:
        """A cell's text; a number that its format shows as another one is no number any more, and says both."""
        value, code = cell.value, cell.number_format or ""
        if value is None:
            return None
        if cell.font is not None and cell.font.strike:
            self._struck.append(cell.coordinate)
            return None
        if isinstance(value, list):
            value = self._unmarked(cell, value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and is_percent_format(code):
            # A share of the whole or more may be a percentage whose cell was brushed over with the format.
            shown = percent_text(value) if abs(value) >= 1 else None
        else:
            shown = shown_otherwise(code, value) if is_number else None
        if shown is not None:
            return f"{number_text(value)} 〔格式 {code} 显示为 {shown}〕"
        return cell_text(value, is_percent=is_percent_format(code))

    def _unmarked(self, cell: Any, runs: list[Any]) -> str | None:
        kept, is_struck, is_marked = "", False, False
        for run in runs:
            font = getattr(run, "font", None)
            if font is not None and font.strike:
                is_struck = True
            elif font is not None and font.vertAlign in ("superscript", "subscript"):
                is_marked = True
            else:
                kept += run if isinstance(run, str) else run.text
        self._struck += [cell.coordinate] if is_struck else []
        self._marks += [cell.coordinate] if is_marked else []
        return (kept.strip() if is_struck or is_marked else kept) or None


def _without_blank_ends(rows: Rows) -> Rows:
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _limit(size: int) -> None:
    seconds = min(MOST_SECONDS, LEAST_SECONDS + SECONDS_PER_MIB * (size >> 20))
    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE_SIZE), (resource.RLIMIT_CORE, 0)):
        limit = _within_inherited(kind, limit)
        resource.setrlimit(kind, (limit, limit))
    # A second between the two, so that the signal of the first tells what it died of.
    seconds = _within_inherited(resource.RLIMIT_CPU, seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, _within_inherited(resource.RLIMIT_CPU, seconds + 1)))


def _within_inherited(kind: int, limit: int) -> int:
    inherited = resource.getrlimit(kind)[1]
    return limit if inherited == resource.RLIM_INFINITY else min(limit, inherited)


def _serve(request: dict[str, Any]) -> int:
    path = Path(request["path"])
    _limit(path.stat().st_size)
    large: list[list[pa.Array]] = []
    try:
        answer, large = read_workbook(path, request["sheets"])
    except DeliveryRejected as rejection:
        answer = {"problem": vars(rejection.problem)}
    with Path(request["out"]).open("wb") as out:
        out.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        for columns in large:
            from pyarrow import ipc, record_batch

            batch = record_batch(columns, [str(number) for number in range(len(columns))])
            with ipc.new_stream(out, batch.schema) as sink:
                sink.write_batch(batch)
    return 0


def main() -> None:
    """Serve requests until standard input ends."""
    do_without("pandas")  # pyarrow imports it where it is installed, which takes longer than most workbooks
    for line in sys.stdin:
        fork = os.fork()
        if fork == 0:
            code = 1
            try:
                code = _serve(json.loads(line))
            except MemoryError:
                code = OUT_OF_MEMORY
            except OSError as error:
                code = OUT_OF_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO) else code
                traceback.print_exc()
            except BaseException:
                traceback.print_exc()
            finally:
                # The fork must never come back into the loop that serves the parent.
                os._exit(code)
        _, status, usage = os.wait4(fork, 0)
        print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
