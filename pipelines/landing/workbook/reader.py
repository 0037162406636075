"""The parent's side of reading workbooks: starts the child process, asks, and names its death.

Here: process handling. Not here: what is in a workbook (child.py) or what must be in it (the contract check).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from pipelines.errors import DeliveryRejected, InfrastructureError, Problem
from pipelines.landing.workbook.limits import FILE_SIZE, MEMORY, MOST_SECONDS, OUT_OF_MEMORY, OUT_OF_ROOM
from pipelines.settings import PROJECT

WAIT_SECONDS = 300
CHILD = ("-m", "pipelines.landing.workbook.child")


Row = list[str | None]
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Grid:
    """A sheet as text: columns from A on, as long as its last row that holds anything; `merges` are (top, left, bottom, right) from 1.

    Merged ranges are those near the top and those over several rows; `hidden` are the numbers of rows that nobody sees.
    """

    columns: list[pa.Array]
    merges: list[tuple[int, int, int, int]]
    notes: list[str]
    hidden: frozenset[int] = frozenset()

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[Row]:
        """The rows from `start` on (row 1 of the sheet is 0), each without blank cells at its end."""
        stop = self.height if stop is None else min(stop, self.height)
        for first in range(start, stop, _ROWS_AT_ONCE):
            part = [column.slice(first, min(_ROWS_AT_ONCE, stop - first)).to_pylist() for column in self.columns]
            for cells in zip(*part, strict=True):
                row = list(cells)
                while row and row[-1] is None:
                    row.pop()
                yield row

    def cell(self, row: int, column: int) -> str | None:
        """One cell, both counted from 0; None outside."""
        text: str | None = self.columns[column][row].as_py() if column < len(self.columns) and row < self.height else None
        return text


@dataclass(frozen=True)
class Workbook:
    """The sheets that were asked for and found visible, the names and states of all sheets, and notes on the workbook."""

    present: list[tuple[str, str]]
    grids: dict[str, Grid]
    notes: list[str]
    is_from_1904: bool = False


class WorkbookReader:
    """Reads workbooks in one child process, which is started by the first of them and ends with the block."""

    def __init__(self, program: Sequence[str] = CHILD) -> None:
        self._program = [sys.executable, *program]
        self._child: subprocess.Popen[str] | None = None
        #: Peak memory of the last workbook's reading in KiB; 0 if it ended without saying.
        self.peak_kib = 0
        self._answer, name = tempfile.mkstemp(prefix="i315-workbook-")
        # Without a name: no killed run leaves what stood in a workbook behind.
        os.unlink(name)

    def __enter__(self) -> WorkbookReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()
        os.close(self._answer)

    def read(self, path: Path, file_name: str, sheets: Sequence[str]) -> Workbook:
        """The wanted sheets of a workbook; `DeliveryRejected` if it is unfit to be read or the child dies of it.

        `InfrastructureError` if the child dies of this machine: killed, or by a limit that is lower than our own.
        """
        os.truncate(self._answer, 0)
        request = {"path": str(path.resolve()), "out": f"/dev/fd/{self._answer}", "sheets": list(sheets)}
        ending = self._ask(json.dumps(request))
        if fault := _fault_of_the_machine(ending):
            raise InfrastructureError(
                f"workbook reader: {file_name}: found that it ended {fault}; expected {MEMORY >> 30} GiB of memory and "
                f"{FILE_SIZE >> 30} GiB of scratch for it; next: free memory and disk, or raise the limits (ulimit -a), then run again"
            )
        if ending != "0":
            found = f"the reading process ended with {_ending_in_words(ending)}"
            next_step = "look at the file in Excel, save it anew, and ask the office to deliver that"
            expected = "a workbook that can be read within the limits"
            raise DeliveryRejected(Problem("reader_died", file_name, found, expected, next_step, value=ending))
        os.lseek(self._answer, 0, os.SEEK_SET)
        with open(self._answer, "rb", closefd=False) as written:
            answer = json.loads(written.readline().decode("utf-8", "surrogatepass"))
            if "problem" in answer:
                raise DeliveryRejected(Problem(**answer["problem"] | {"file": file_name}))
            grids = {
                name: Grid(
                    _columns_of_rows(grid["rows"]) if grid["rows"] is not None else _columns_of_stream(written),
                    [(top, left, bottom, right) for top, left, bottom, right in grid["merges"]],
                    grid["notes"],
                    frozenset(grid["hidden"]),
                )
                for name, grid in answer["grids"].items()
            }
        return Workbook([(name, state) for name, state in answer["present"]], grids, answer["notes"], answer["is_from_1904"])

    def _ask(self, request: str) -> str:
        if self._child is None:
            self._child = subprocess.Popen(
                self._program,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=PROJECT,
                start_new_session=True,
                pass_fds=(self._answer,),
            )
        child = self._child
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the child process was started without pipes")
        try:
            child.stdin.write(request + "\n")
            child.stdin.flush()
        except BrokenPipeError:
            self._stop()
            return "gone"
        ready, _, _ = select.select([child.stdout], [], [], WAIT_SECONDS)
        ending, _, peak = (child.stdout.readline().strip() if ready else "timeout").partition(" ")
        self.peak_kib = int(peak or 0)
        if not ending or ending == "timeout":
            self._stop()
        return ending or "gone"

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        # Its forks are in the same process group, and one of them may be what hangs.
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def _columns_of_rows(rows: list[Row]) -> list[pa.Array]:
    return [pa.array(column, pa.string()) for column in zip_longest(*rows)]


def _columns_of_stream(written: Any) -> list[pa.Array]:
    with ipc.open_stream(written) as stream:
        (batch,) = stream
    columns: list[pa.Array] = batch.columns
    return columns


def _fault_of_the_machine(ending: str) -> str:
    """What of the machine ended the reader, in words; empty if it was the workbook, by our own limits."""

    def is_lower(kind: int, ours: int) -> bool:
        inherited = resource.getrlimit(kind)[1]
        return inherited != resource.RLIM_INFINITY and inherited < ours

    if ending == "gone":
        return "before it read anything"
    if ending == str(-signal.SIGKILL):
        return "killed by the system, as when memory runs out"
    if ending == str(OUT_OF_ROOM):
        return "without room to write what it read"
    limits = {
        str(OUT_OF_MEMORY): (resource.RLIMIT_AS, MEMORY),
        str(-signal.SIGXFSZ): (resource.RLIMIT_FSIZE, FILE_SIZE),
        str(-signal.SIGXCPU): (resource.RLIMIT_CPU, MOST_SECONDS),
    }
    return "by a limit of this machine" if ending in limits and is_lower(*limits[ending]) else ""


def _ending_in_words(ending: str) -> str:
    if ending.startswith("-"):
        return f"signal {signal.Signals(int(ending[1:])).name}"
    return {"timeout": f"no answer in {WAIT_SECONDS} s", "gone": "no answer"}.get(ending, f"exit code {ending}")
