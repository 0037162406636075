"""The command line in a process that has its imports behind it.

Here: `i315 …` as the fork of a process in which Dagster, dbt's integration and Great Expectations are loaded, so that a call starts at
once instead of after seconds of importing. Arguments, environment, folder, streams and exit code are those of any other call.
Not here: the installed script. The offices that all tests share are made with it (conftest.py), and so is whatever is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import Office, clean_environment

PATIENCE = 600  # seconds; a run takes some 40 on a quiet core
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["pipelines.cli", "pipelines.runs", "pipelines.transform.assets", "great_expectations"])


def i315(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the command line from a folder, with more in the environment if given, and return what it printed and its exit code."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # as the gate sets it before it imports Great Expectations
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _PROCESSES.Process(target=_call, args=(arguments, cwd, clean_environment() | environment, streams))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"i315 {' '.join(arguments)} did not end within {PATIENCE} seconds")
        stdout, stderr = (stream.read_text(encoding="utf-8") for stream in streams)
    return subprocess.CompletedProcess(["i315", *arguments], process.exitcode, stdout, stderr)


def run(office: Office, quarters: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of an office with further options and settings."""
    return i315(*office.command(quarters)[1:], *more, cwd=office.cwd, **environment)


def _call(arguments: tuple[str, ...], cwd: Path, environment: dict[str, str], streams: list[Path]) -> None:
    for descriptor, stream in zip((1, 2), streams, strict=True):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT), descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["i315", *arguments]
    from pipelines.cli import app

    app()
