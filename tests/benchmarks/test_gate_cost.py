"""What the gate costs at `i315 sample --scale 100`: some 300,000 firms and 2 million contracts a year.

A year's last quarter and the one before it, which it is compared with; without the year before them the gate holds the quarter, having
judged everything. Its cost is that of the check models in dbt and of the step that judges their rows.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tests.conftest import Office, clean_environment, deliveries

SCALE, BEFORE, QUARTER = 100, "2023Q3", "2023Q4"
PUBLISHED_OR_HELD = (0, 10)
LINE = re.compile(r"\s*([\d.]+) s  (\S+)")


def peak_gib(pid: int) -> float:
    """The most memory that a process has had so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 2**20


def test_the_gate_takes_at_most_a_quarter_of_a_run_and_adds_at_most_2_gib(tmp_path: Path) -> None:
    drop = deliveries(tmp_path / "drop", 315, BEFORE, QUARTER, scale=SCALE)
    office = Office(drop, tmp_path / "warehouse", tmp_path)
    run = subprocess.Popen(
        office.command(QUARTER), cwd=office.cwd, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    ended: dict[str, float] = {}
    peaks: dict[str, float] = {}
    for line in run.stdout:
        if told := LINE.match(line):
            ended[told[2]] = float(told[1])
            peaks[told[2]] = peak_gib(run.pid)
    assert run.wait() in PUBLISHED_OR_HELD, run.stderr.read()
    results = json.loads((office.warehouse / "dbt" / "run_results.json").read_bytes())["results"]
    built = {each["unique_id"].split(".")[-1]: each["execution_time"] for each in results if each["unique_id"].startswith("model.")}
    checks = sum(seconds for model, seconds in built.items() if model.startswith("chk_"))
    judging = ended["gate"] - max(seconds for stage, seconds in ended.items() if seconds < ended["gate"])
    total, added = max(ended.values()), peaks["gate"] - peaks["transform"]
    share = (checks + judging) / total
    stages = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in ended.items())
    print(
        f"\ngate at scale {SCALE}: check models {checks:.1f} s and judging {judging:.1f} s of {total:.1f} s, {share:.1%} (at most 25 %); "
    )
    print(f"memory added {added:.2f} GiB (at most 2); stages ended at: {stages} s")
    slowest = sorted(built.items(), key=lambda item: -item[1])[:6]
    print("slowest models: " + ", ".join(f"{model} {seconds:.1f} s" for model, seconds in slowest))
    assert share <= 0.25
    assert added <= 2
