"""The child process that reads workbooks: one fork per workbook, limited in memory, time and file size.

Run as `python -m pipelines.landing.workbook.child`; reads one request per line (JSON: path, out, sheets) from standard input,
writes what it read to the file `out` (a line of JSON, then a stream of Arrow for each large sheet that it names), and the fork's exit
code and peak memory in KiB to standard output.
Not here: the contract, the parent's side.
"""

from __future__ import annotations

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
from pipelines.landing.workbook.cells import cell_text, is_percent_format
from pipelines.landing.workbook.package import Package, SheetPart, Styles, refused
from pipelines.landing.workbook.scan import SheetScan, scan
from pipelines.without import do_without

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY, FILE_SIZE = 2 << 30, 2 << 30
# A table of 300,000 firms packs to 15 MiB and takes a minute; what takes long and packs small was made to take long.
LEAST_SECONDS, SECONDS_PER_MIB, MOST_SECONDS = 6, 8, 240

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
    large = _LargeSheets(styles, shared, is_allowed=not package.has_days_from_1904())
    looked: dict[str, tuple[SheetPart, SheetScan]] = {}
    for sheet in present:
        name = keys.get(plain(sheet.name))
        if name is None or sheet.state != "visible":
            continue
        if name in looked:
            raise refused("sheet_duplicate", f"two sheets named {name}", "one", "ask the office which one counts", sheet=name, value=name)
        xml = package.read(sheet.part)
        looked[name] = sheet, large.read(sheet.name, xml) or scan(sheet.name, xml, styles)
    others = [(sheet.name, found.needs_record_reader) for sheet, found in looked.values() if sheet.name not in large.columns]
    fast, slow = ([name for name, is_slow in others if is_slow == asked] for asked in (False, True))
    # Opened even if all sheets are large: a workbook that this reader finds broken is refused, whoever reads its rows.
    rows = rows_by_fast_reader(path, fast) if fast or large.columns else {}
    rows |= rows_by_record_reader(path, slow)
    grids = {name: {"rows": rows.get(sheet.name), "merges": found.merges, "notes": found.notes} for name, (sheet, found) in looked.items()}
    answer = {"present": [(sheet.name, sheet.state) for sheet in present], "grids": grids, "notes": package.notes()}
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


def rows_by_record_reader(path: Path, sheets: list[str]) -> dict[str, Rows]:
    """All rows of these sheets from row 1 by openpyxl: keeps error cells and number formats."""
    if not sheets:
        return {}
    import openpyxl

    with path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, data_only=True)
    return {
        sheet: _without_blank_ends(
            [
                [cell_text(cell.value, is_percent=is_percent_format(cell.number_format or "")) for cell in row]
                for row in book[sheet].iter_rows(min_row=1, min_col=1)
            ]
        )
        for sheet in sheets
    }


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
        resource.setrlimit(kind, (limit, limit))
    # A second between the two, so that the signal of the first tells what it died of.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


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
            except BaseException:
                traceback.print_exc()
            finally:
                # The fork must never come back into the loop that serves the parent.
                os._exit(code)
        _, status, usage = os.wait4(fork, 0)
        print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
