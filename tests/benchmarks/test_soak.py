"""A soak: quarter after quarter, each delivered once and corrected twice, in one process that never ends.

Memory, open files, ledger and run history may grow with what was done and not faster, and the last run costs at most 1.2 times the
first of its kind: one contract corrected, in the same quarter of the year. A machine is not as fast after an hour as it was before, so that
both are run in turn at the end, the first one in the office as it was then. `BENCH_SOAK=8` takes fewer quarters.

Forty quarters from the first that rules score end in 2031. What that year will have is there from the start: the partitions up to then,
and rules that go on as the last ones, in further versions as an office would write them.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import re
import resource
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines import quarters
from pipelines.quarters import Quarter, span
from pipelines.rulesets import tables
from pipelines.rulesets.language import RELEASED, load_ruleset
from pipelines.settings import load_settings
from pipelines.workplace import Workplace
from tests.conftest import Office, deliveries

QUARTERS = span(Quarter(2022, 1), Quarter(2022, 1).plus(int(os.environ.get("BENCH_SOAK", "40")) - 1))
REVISIONS = 3
ROUNDS = 3
SLOWER = 1.2
SEED = 13
LAST_RULES, NEXT_RULES, FIRST_OF_NEXT_RULES = "2025.1", "2027.1", "2027Q1"
LEAVING_OUT = 3


@dataclass(frozen=True)
class Held:
    """What the process and the office's folders hold after a run: seconds of the run, bytes, open files."""

    seconds: float
    memory: int
    files: int
    ledger: int
    history: int


def correction(office: Office, quarter: Quarter, number: int) -> None:
    """A further export of the registry in which one contract's amounts are other ones."""
    folder = office.data_raw / str(quarter) / "contracts"
    newest = max(folder.iterdir(), key=lambda path: path.name)
    lines = newest.read_bytes().decode("gb18030").splitlines(keepends=True)
    fields = lines[number].split(",")
    fields[13] = fields[14] = f"{100 + number}.00"
    lines[number] = ",".join(fields)
    (folder / f"20991231-{number + 1}_更正_合成.csv").write_bytes("".join(lines).encode("gb18030"))


def in_the_last_year(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system have partitions and rules up to the last quarter of the soak."""
    monkeypatch.setattr(quarters, "QUARTERS_AHEAD", 4 * (QUARTERS[-1].year - dt.date.today().year + 1))
    shutil.copytree(tables.RULESETS, folder)
    with (folder / RELEASED).open("a", encoding="utf-8") as released:
        for path in sorted(folder.glob(f"*/{LAST_RULES}.yml")):
            rules = path.read_text(encoding="utf-8").replace(f"version: {LAST_RULES}", f"version: {NEXT_RULES}")
            rules = re.sub(r"supersedes: .*", f"supersedes: {LAST_RULES}", rules)
            rules = re.sub(r"valid: \{.*\}", f"valid: {{from: {FIRST_OF_NEXT_RULES}}}", rules)
            written = path.with_stem(NEXT_RULES)
            written.write_text(rules, encoding="utf-8")
            released.write(f"{load_ruleset(written).sha256}  {path.parent.name}/{NEXT_RULES}\n")
    monkeypatch.setattr(tables, "RULESETS", folder)


def held(office: Office, seconds: float) -> Held:
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    memory = resident * resource.getpagesize()
    history = sum(path.stat().st_size for path in (office.warehouse / "dagster_home").rglob("*") if path.is_file())
    ledger = (office.warehouse / "ledger.sqlite").stat().st_size
    return Held(seconds, memory, len(os.listdir("/proc/self/fd")), ledger, history)


def test_the_last_of_many_runs_costs_what_the_first_cost_and_nothing_grows_faster_than_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_last_year(tmp_path / "rulesets", monkeypatch)
    # The partitions are made as this is loaded.
    from pipelines.runs import run_quarters

    office = Office(deliveries(tmp_path / "drop", SEED, "2022Q1", str(QUARTERS[-1])), tmp_path / "warehouse", tmp_path)
    kept_back = tmp_path / "kept_back"
    (office.data_raw).rename(kept_back)
    office.data_raw.mkdir()
    (kept_back / "tax.sqlite").rename(office.data_raw / "tax.sqlite")
    tax = f"sqlite:///{office.data_raw / 'tax.sqlite'}"

    def run(there: Office, quarter: Quarter) -> float:
        started = time.monotonic()
        run_quarters(Workplace(load_settings(data_raw=there.data_raw, warehouse=there.warehouse, tax_url=tax)), [quarter])
        return time.monotonic() - started

    # The first quarters load what stays loaded.
    begin = min(LEAVING_OUT, len(QUARTERS) - 2)
    then = Office(tmp_path / "then" / "drop", tmp_path / "then" / "warehouse", tmp_path)
    after: list[list[Held]] = []
    for quarter in QUARTERS:
        (kept_back / str(quarter)).rename(office.data_raw / str(quarter))
        of_quarter = []
        for number in range(REVISIONS):
            if number:
                correction(office, quarter, number)
            of_quarter.append(held(office, run(office, quarter)))
        after.append(of_quarter)
        last = of_quarter[-1]
        seconds = ", ".join(f"{each.seconds:.1f}" for each in of_quarter)
        print(
            f"{quarter}: {seconds} s; {last.memory / 2**20:.0f} MiB, {last.files} open files, "
            f"ledger {last.ledger / 2**10:.0f} KiB, history {last.history / 2**20:.1f} MiB",
            flush=True,
        )
        if quarter == QUARTERS[begin]:
            shutil.copytree(office.data_raw, then.data_raw)
            shutil.copytree(office.warehouse, then.warehouse)
    taken: list[list[float]] = [[], []]
    for number in range(REVISIONS, REVISIONS + ROUNDS):
        for there, quarter, seconds_of in ((then, QUARTERS[begin], taken[0]), (office, QUARTERS[-1], taken[1])):
            correction(there, quarter, number)
            seconds_of.append(run(there, quarter))
    first, last_one = map(statistics.median, taken)
    print(
        f"soak: {len(after) * REVISIONS} runs, {len(after)} quarters; a correction's run as at the first {first:.1f} s, "
        f"at the last {last_one:.1f} s, ratio {last_one / first:.2f}"
    )
    files = {each.files for of_quarter in after[begin:] for each in of_quarter}
    assert max(files) - min(files) <= 4
    for what in ("memory", "ledger", "history"):
        sizes = [getattr(of_quarter[-1], what) for of_quarter in after]
        middle = (begin + len(sizes) - 1) // 2
        before, later = (sizes[middle] - sizes[begin]) / (middle - begin or 1), (sizes[-1] - sizes[middle]) / (len(sizes) - 1 - middle or 1)
        print(f"soak: {what} grows by {before / 2**10:.0f} KiB a quarter in the first half and {later / 2**10:.0f} in the second")
        assert later <= 1.5 * max(before, 2**20)
    assert last_one <= SLOWER * first
