"""The child process that reads workbooks: one fork per workbook, limited in memory, time and file size.

Run as `python -m pipelines.landing.workbook.child`; reads one request per line (JSON: path, out, sheets) from standard input,
writes what it read to the file `out`, and the fork's exit code and peak memory in KiB to standard output.
Not here: the contract, the parent's side.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

import python_calamine as calamine

from pipelines.errors import DeliveryRejected
from pipelines.feeds.contract import plain
from pipelines.landing.workbook.cells import cell_text, is_percent_format
from pipelines.landing.workbook.package import Package, SheetPart, refused
from pipelines.landing.workbook.scan import SheetScan, scan

MEMORY, FILE_SIZE = 2 << 30, 2 << 30
# A table of 300,000 firms packs to 15 MiB and takes a minute; what takes long and packs small was made to take long.
LEAST_SECONDS, SECONDS_PER_MIB, MOST_SECONDS = 6, 8, 240

Rows = list[list[str | None]]


def read_workbook(path: Path, wanted: list[str]) -> dict[str, Any]:
    """The wanted visible sheets as rows of text, and which sheets there are.

    A sheet is wanted if its name equals one of `wanted` but for spaces and full-width forms.
    """
    package = Package(path)
    package.check_shared_strings()
    styles = package.styles()
    keys = {plain(name): name for name in wanted}
    present = package.sheets()
    looked: dict[str, tuple[SheetPart, SheetScan]] = {}
    for sheet in present:
        name = keys.get(plain(sheet.name))
        if name is None or sheet.state != "visible":
            continue
        if name in looked:
            raise refused("sheet_duplicate", f"two sheets named {name}", "one", "ask the office which one counts", sheet=name, value=name)
        looked[name] = sheet, scan(sheet.name, package.read(sheet.part), styles)
    fast = [sheet.name for sheet, found in looked.values() if not found.needs_record_reader]
    slow = [sheet.name for sheet, found in looked.values() if found.needs_record_reader]
    rows = rows_by_fast_reader(path, fast) | rows_by_record_reader(path, slow)
    grids = {name: {"rows": rows[sheet.name], "merges": found.merges, "notes": found.notes} for name, (sheet, found) in looked.items()}
    return {"present": [(sheet.name, sheet.state) for sheet in present], "grids": grids, "notes": package.notes()}


def rows_by_fast_reader(path: Path, sheets: list[str]) -> dict[str, Rows]:
    """All rows of these sheets from row 1 by calamine: fast, right for sheets without error cells and percentages."""
    if not sheets:
        return {}
    rows: dict[str, Rows] = {}
    # As a stream: the archive's names have no extension to guess the format by.
    with path.open("rb") as stream:
        try:
            with calamine.load_workbook(stream) as book:
                for sheet in sheets:
                    values = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                    rows[sheet] = _without_blank_ends(
                        [[value or None if type(value) is str else cell_text(value) for value in row] for row in values]
                    )
        except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
            found = f"broken content ({error})"
            raise refused("unreadable", found, "a whole .xlsx workbook", "ask the office to save it again") from error
    return rows


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
    try:
        answer = read_workbook(path, request["sheets"])
    except DeliveryRejected as rejection:
        answer = {"problem": vars(rejection.problem)}
    Path(request["out"]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")
    return 0


def main() -> None:
    """Serve requests until standard input ends."""
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
