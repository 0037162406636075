"""What an answer costs once a quarter is published, printed by `make bench`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import I315, PROJECT, Office, clean_environment

ROUNDS = 5


def until_the_last_line(command: list[str], cwd: Path) -> float:
    """Seconds from the start of a process to the last line that it prints."""
    started, last = time.perf_counter(), 0.0
    with subprocess.Popen(command, cwd=cwd, env=clean_environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in process.stdout:
            last = time.perf_counter() - started
    assert process.returncode == 0
    return last


def test_a_what_if_answers_at_most_1_second_after_python_has_started(tmp_path: Path) -> None:
    office = Office(PROJECT / "data_raw", tmp_path / "warehouse", tmp_path)
    assert office.run("2023Q3").returncode == 0
    question = [str(I315), "whatif", "2023Q3", "--warehouse", str(office.warehouse)]
    questions = {
        "a value set": [*question, "--set", "330108.HT_SHARE=88"],
        "a draft": [*question, "--ruleset", str(PROJECT / "dbt_project" / "rulesets" / "zj315-county" / "2024.1-draft.yml")],
        "the annual indicator left out": [*question, "--without", "RD_GDP"],
    }
    start = min(until_the_last_line([sys.executable, "-c", "print()"], tmp_path) for _ in range(ROUNDS))
    for name, command in questions.items():
        taken = min(until_the_last_line(command, tmp_path) for _ in range(ROUNDS)) - start
        print(f"\nwhat-if, {name}: {taken:.2f} s after Python has started ({start:.2f} s); at most 1")
        assert taken <= 1
