"""No mutation of a ruleset or table gives a wrong total unsaid: it is refused by its place, or scored as the reference scores it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from test_reference import same

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reference"))
from mutated_files import Files, mutations, other, worked

from pipelines.errors import UsageError
from pipelines.rulesets.outside import ScoringFailed, score_files

PLACE = re.compile(
    r"(rules\.yml|(VALUES|UNITS|EVENTS)\.csv): (line \d+|byte \d+|found no (rows|unit))|VALUES\.csv: column period|--(events|units):"
)
EVERY = 4
"""Which mutations are tried here; all of them (1,800, two minutes) in tests/benchmarks/test_all_mutations.py."""


def outcome(folder: Path, files: Files) -> str:
    """`refused`, `failed` or `scored`, or what is wrong with it."""
    paths = {name: folder / f"{name.upper()}.csv" for name in ("values", "units", "events")}
    for name, path in paths.items():
        path.write_bytes(getattr(files, name))
    (folder / "rules.yml").write_text(files.rules, encoding="utf-8")
    try:
        score_files(paths["values"], folder / "rules.yml", folder / "out", paths["units"], paths["events"])
    except UsageError as refused:
        return "refused" if PLACE.search(str(refused)) else f"refused without a place: {refused}"
    except ScoringFailed as failed:
        return "failed" if files.period in str(failed) else f"failed without a place: {failed}"
    expected = files.plainly_scored()
    if expected.failed:
        return f"scored although the reference fails for {sorted(expected.failed)}"
    lines = (folder / "out" / "ranking.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    for line in lines[1:]:
        row = dict(zip(header, line.split(","), strict=True))
        if row["period"] != files.period:
            continue
        wanted = {"total_raw": expected.raw.get(row["unit"]), "total": expected.total.get(row["unit"])}
        wanted |= {f"rank_{name}": place for (unit, name), place in expected.rank.items() if unit == row["unit"]}
        wanted |= {f"stars_{name}": star for (unit, name), star in expected.star.items() if unit == row["unit"]}
        for column, value in wanted.items():
            if not same(float(row[column]) if row[column] else None, value):
                return f"{row['unit']} {column}: found {row[column]}, expected {value}"
    if {line.split(",")[0] for line in lines[1:]} != set(expected.units):
        return "other units than the reference's"
    return "scored"


@pytest.mark.parametrize("world", [worked, other])
def test_no_mutation_gives_a_wrong_total_unsaid(tmp_path: Path, world: Callable[[], Files]) -> None:
    check(tmp_path, world, EVERY)


def check(folder: Path, world: Callable[[], Files], every: int) -> None:
    """Try every n-th mutation; prints how many were refused, failed and scored as the reference does."""
    assert outcome(folder, world()) == "scored"
    tried = islice(mutations(world()), 0, None, every)
    found = {name: outcome(folder, files) for name, files in tried}
    counts = Counter(result if result in ("refused", "failed", "scored") else "wrong" for result in found.values())
    print(f"{len(found)} mutations of {world.__name__}: {dict(counts)}")
    wrong = [f"{name}: {result}" for name, result in found.items() if result not in ("refused", "failed", "scored")]
    assert not wrong, f"{len(wrong)} of {len(found)}:\n" + "\n".join(wrong[:40])
    assert len(found) >= 150
