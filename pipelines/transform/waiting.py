"""A dbt that waits for its call: its imports, seconds of a core, are done beside the first steps of a run and not after them.

Here: starting it, and what it does (`python -m pipelines.transform.waiting DOOR RUN WAREHOUSE`, the last one for whoever looks at
processes): it becomes the dbt of the one call that `hand_over.py` brings, with that call's arguments, environment, folder and open files,
the lock of the warehouse among them.
Not here: who calls (dbt_of_a_run), what dbt is asked to do (project.py).
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.leaving import run_and_leave
from pipelines.settings import PROJECT

#: What a build imports once it is under way: its task, the adapter, and what the adapter's tables are made of in models in Python.
_IMPORTED_LATER = ("dbt.task.build", "dbt.adapters.duckdb", "pandas", "pyarrow")
_MOST_FILES = 64
_CREDENTIALS = struct.Struct("iII")  # process, user, group


@contextlib.contextmanager
def dbt_in_waiting(warehouse: Path) -> Iterator[None]:
    """Inside, a dbt waits for the first call of `dbt_of_a_run`; later ones start their own. It ends with the body, called or not."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(b"")  # the kernel names it, and no file is left behind
        door.listen()
        name = door.getsockname()[1:].decode()
        # Killed by the kernel when this run dies, so that no orphan writes on. Its lines come at once, as dagster-dbt has them (-u).
        command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-u", "-m", __name__, str(door.fileno()), str(os.getpid())]
        # In a group of its own: what a terminal interrupts is whoever hands over, who passes it on once.
        process = subprocess.Popen(
            [*command, str(warehouse)],
            cwd=PROJECT,
            pass_fds=[door.fileno()],
            process_group=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    os.environ["RUN_DBT_WAITING"] = name
    try:
        yield
    finally:
        del os.environ["RUN_DBT_WAITING"]
        process.kill()
        process.wait()


def _main(door: int, run: int) -> None:
    """Wait for the call, answer it with the number of this process, and be dbt; the last word is the code that it ended with."""
    if os.getppid() != run:
        return  # it died before the kernel was asked to tell
    from dbt.cli.main import cli

    for module in _IMPORTED_LATER:
        importlib.import_module(module)
    line, call = _call(door)
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    line.sendall(f"{os.getpid()}\n".encode())
    # What is passed on is meant for dbt, also where the run began with interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = ["dbt", *call["arguments"]]
    code: object = 1
    try:
        cli(prog_name="dbt")
    except SystemExit as ended:
        code = ended.code or 0
        raise
    finally:
        line.sendall(f"{code}\n".encode())


def _call(door: int) -> tuple[socket.socket, dict[str, Any]]:
    """The line to the first caller of the same user, and what it asks for; its standard streams are those of this process from now on."""
    with socket.socket(fileno=door) as listening:
        while True:
            line, _ = listening.accept()
            credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            if _CREDENTIALS.unpack(credentials)[1] == os.getuid():
                break
            line.close()
    told, files, _, _ = socket.recv_fds(line, 1 << 16, _MOST_FILES)
    with line.makefile("rb") as more:
        call = json.loads(told if told.endswith(b"\n") else told + more.readline())
    for number, file in zip(call["files"], files, strict=True):
        if number <= 2:  # the others stay open under any number, and what is locked by them stays locked
            os.dup2(file, number)
    return line, call


def _end_with(line: socket.socket) -> None:
    """Whoever kills the caller means dbt."""
    with contextlib.suppress(ConnectionError):  # it may have left an answer unread
        line.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    run_and_leave(functools.partial(_main, int(sys.argv[1]), int(sys.argv[2])))
