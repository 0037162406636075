"""A process that leaves at once leaves as any other: exit code, what it said, what was registered for its end."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
from pipelines.leaving import run_and_leave
def main():
    atexit.register(print, "registered later")
    print("said", end=" ")
    {ends}
run_and_leave(main)
"""


@pytest.mark.parametrize(
    ("ends", "code"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('why')", 1), ("raise ValueError('why')", 1)],
)
def test_exit_code_output_and_registered_functions_are_as_ever(ends: str, code: int) -> None:
    left = subprocess.run([sys.executable, "-c", PROGRAM.format(ends=ends)], capture_output=True, text=True, check=False)
    assert left.returncode == code
    assert left.stdout == "said registered later\n"
    assert ("why" in left.stderr) == ("why" in ends)


def test_nothing_is_taken_apart() -> None:
    ends = "sys.kept = type('Kept', (), {'__del__': lambda self: print('taken apart')})()"
    left = subprocess.run([sys.executable, "-c", PROGRAM.format(ends=ends)], capture_output=True, text=True, check=False)
    assert "taken apart" not in left.stdout
