"""The parent's side of reading workbooks: starts the child process, asks, and names its death.

Here: process handling. Not here: what is in a workbook (child.py) or what must be in it (the contract check).
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipelines.errors import DeliveryRejected, Problem
from pipelines.settings import PROJECT

WAIT_SECONDS = 300
CHILD = ("-m", "pipelines.landing.workbook.child")


@dataclass(frozen=True)
class Grid:
    """A sheet as text: `rows[i]` is sheet row i + 1; `merges` are (top, left, bottom, right) counted from 1.

    Merged ranges are those near the top and those over several rows.
    """

    rows: list[list[str | None]]
    merges: list[tuple[int, int, int, int]]
    notes: list[str]


@dataclass(frozen=True)
class Workbook:
    """The sheets that were asked for and found visible, the names and states of all sheets, and notes on the workbook."""

    present: list[tuple[str, str]]
    grids: dict[str, Grid]
    notes: list[str]


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
        """The wanted sheets of a workbook; `DeliveryRejected` if it is unfit to be read or the child dies of it."""
        os.truncate(self._answer, 0)
        request = {"path": str(path.resolve()), "out": f"/dev/fd/{self._answer}", "sheets": list(sheets)}
        ending = self._ask(json.dumps(request))
        if ending != "0":
            found = f"the reading process ended with {_ending_in_words(ending)}"
            next_step = "look at the file in Excel, save it anew, and ask the office to deliver that"
            expected = "a workbook that can be read within the limits"
            raise DeliveryRejected(Problem("reader_died", file_name, found, expected, next_step, value=ending))
        os.lseek(self._answer, 0, os.SEEK_SET)
        with open(self._answer, encoding="utf-8", errors="surrogatepass", closefd=False) as written:
            answer = json.load(written)
        if "problem" in answer:
            raise DeliveryRejected(Problem(**answer["problem"] | {"file": file_name}))
        grids = {
            name: Grid(grid["rows"], [(top, left, bottom, right) for top, left, bottom, right in grid["merges"]], grid["notes"])
            for name, grid in answer["grids"].items()
        }
        return Workbook([(name, state) for name, state in answer["present"]], grids, answer["notes"])

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


def _ending_in_words(ending: str) -> str:
    if ending.startswith("-"):
        return f"signal {signal.Signals(int(ending[1:])).name}"
    return {"timeout": f"no answer in {WAIT_SECONDS} s", "gone": "no answer"}.get(ending, f"exit code {ending}")
