"""How many faults put into the gate's code its unit tests find (`make bench`): killed mutants / all mutants, survivors by name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.conftest import PROJECT, clean_environment

MUTMUT = Path(sys.executable).parent / "mutmut"
NEEDED = 0.90
COPIED = ("docs", "pipelines", "tests", "expectations", "dbt_project/models", "pyproject.toml")
FOUND = ("killed", "timeout")

#: Survivors that no test can find, because nobody can tell them from the code: (function, what the changed line holds, why).
EQUIVALENT: tuple[tuple[str, str, str], ...] = (
    ("_person", '"XXXX".join', "names joined by another text are equal when they were equal before"),
    ("_keep", "ledger.entries(None, verdict.quarter)]", "no other kind of entry has a waiver's fields"),
    ("to_json", "ensure_ascii=None", "None is as false as False"),
    ("suites_sha256", 'else b"XXXX"', "stands for a file that is not there; nobody writes it into one"),
    ("_hash", "fetchmany(10001)", "rows are hashed one by one, however many are fetched at once"),
    ("evaluate", 'XXwarehouseXX"', "a name inside Great Expectations that comes out nowhere"),
    ("evaluate", '"WAREHOUSE"', "a name inside Great Expectations that comes out nowhere"),
    ("evaluate", 'XXjudgedXX"', "a name inside Great Expectations that comes out nowhere"),
    ("evaluate", '"JUDGED"', "a name inside Great Expectations that comes out nowhere"),
    ("evaluate", 'XXrowsXX"', "a name inside Great Expectations that comes out nowhere"),
    ("evaluate", '"ROWS"', "a name inside Great Expectations that comes out nowhere"),
)


def mutmut(folder: Path, *arguments: str) -> str:
    done = subprocess.run([str(MUTMUT), *arguments], cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def changed_line(folder: Path, mutant: str) -> str:
    """The first line that the mutant puts in, or takes out."""
    lines = mutmut(folder, "show", mutant).splitlines()
    changed = [line for line in lines if re.match(r"[+-](?![+-])", line)]
    return next((line for line in changed if line.startswith("+")), changed[0]).strip("+- ")


def why_equivalent(mutant: str, line: str) -> str:
    return next((why for function, holds, why in EQUIVALENT if f".x_{function}__mutmut" in mutant and holds in line), "")


def test_the_gates_own_tests_find_nine_of_ten_faults_put_into_it(tmp_path: Path):
    for name in COPIED:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / name, tmp_path / name)
    mutmut(tmp_path, "run", "--max-children", str(os.cpu_count() or 1))
    states = dict(re.findall(r"^\s+(\S+): (.+)$", mutmut(tmp_path, "results", "--all", "true"), re.MULTILINE))
    counts = Counter(states.values())
    left = {mutant: changed_line(tmp_path, mutant) for mutant, state in states.items() if state not in FOUND}
    found = sum(counts[state] for state in FOUND)
    score = found / len(states)
    print(f"\nmutants of pipelines/gate: {found} killed / {len(states)} total = {score:.1%} ({dict(counts)})")
    for mutant, line in left.items():
        why = why_equivalent(mutant, line)
        print(f"  {states[mutant]}: {mutant}: {line[:150]}{f'  [equivalent: {why}]' if why else ''}")
    assert score >= NEEDED
