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


@pytest.mark.parametrize(("how", "is_taken_apart"), [("run_and_leave(main)", False), ("main()", True)])
def test_nothing_is_taken_apart(how: str, is_taken_apart: bool) -> None:
    ends = "import os; sys.kept = type('Kept', (), {'__del__': lambda self, write=os.write: write(1, b'taken apart')})()"
    program = PROGRAM.format(ends=ends).replace("run_and_leave(main)", how)
    left = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ("taken apart" in left.stdout) == is_taken_apart
