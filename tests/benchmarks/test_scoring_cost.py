"""What scoring, robustness and what-if cost, printed by `make bench`; each figure is taken in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from made_scoring import Made

from pipelines.quarters import Quarter
from pipelines.rulesets.tables import flatten
from pipelines.transform.project import DBT_EXECUTABLE, DBT_PROJECT, build_arguments, dbt_environment, run_environment
from tests.conftest import PROJECT, clean_environment

DRAWS = """
import resource, sys, time
from made_scoring import Made
from pipelines.robustness.draws import settings_of
from pipelines.robustness.measures import robustness
from pipelines.robustness.scored import TABLES_READ, read_scored, rules_of, slices_of
from pipelines.rulesets.in_memory import score_tables
from pipelines.rulesets.tables import flatten
made = Made(90, 20, 1)
rules = flatten([made.ruleset])
tables = score_tables(made.values, made.groups, made.events, rules, wanted=TABLES_READ)
started = time.perf_counter()
scored = read_scored(slices_of(tables, "official")["made/1", "2023Q4"], rules_of(rules, "made/1"), "2023Q4")
found = robustness(scored, settings_of(scored.rules["rule_robustness"]))
seconds = time.perf_counter() - started
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found.summary.rank_mc_error.max())
"""

OUTSIDE = """
import csv, pathlib, resource, subprocess, sys, tempfile
from made_scoring import Made
folder = pathlib.Path(tempfile.mkdtemp())
made = Made(5000, 60, 8)
with (folder / "VALUES.csv").open("w", encoding="utf-8", newline="") as lines:
    names = ("unit", "period", "indicator", "value")
    csv.writer(lines).writerows([names, *zip(*(made.values[name].to_pylist() for name in names))])
groups = {row["unit"]: row["group_value"] for row in made.groups.to_pylist() if row["group_name"] == "class"}
(folder / "UNITS.csv").write_text("unit,class\\n" + "".join(f"{unit},{group}\\n" for unit, group in groups.items()), encoding="utf-8")
(folder / "rules.yml").write_text(made.ruleset.canonical, encoding="utf-8")
command = [str(pathlib.Path(sys.executable).with_name("i315")), "score", "VALUES.csv", "--ruleset", "rules.yml", "--units", "UNITS.csv"]
subprocess.run([*command, "--out", "out"], cwd=folder, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print()
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def python(code: str) -> list[float]:
    """The numbers that a Python process of its own prints last."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n{code}"]
    finished = subprocess.run(command, env=clean_environment(), cwd=PROJECT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    return [float(word) for word in finished.stdout.split("\n")[-2].split()]


def test_ten_thousand_draws_of_90_units_and_20_indicators_take_at_most_2_seconds_and_500_mb() -> None:
    seconds, megabytes, error = min(python(DRAWS) for _ in range(3))
    print(f"\n90 × 20 × 10,000 draws with all outputs: {seconds:.2f} s (at most 2), {megabytes:.0f} MB (at most 500)")
    print(f"Monte Carlo error of a mean place: at most {error:.3f}")
    assert seconds <= 2
    assert megabytes <= 500


def test_5000_units_60_indicators_and_8_periods_go_through_files_in_at_most_40_seconds_of_processor_and_3_gb() -> None:
    seconds, megabytes = python(OUTSIDE)
    print(f"\n5,000 × 60 × 8 through i315 score: {seconds:.1f} s of processor (at most 40), {megabytes:.0f} MB (at most 3,000)")
    assert seconds <= 40
    assert megabytes <= 3000


def test_scoring_40_quarters_of_90_counties_and_40_indicators_takes_at_most_3_seconds_inside_dbt(tmp_path: Path) -> None:
    made = Made(90, 40, 40)
    rules = tmp_path / "landing" / "rulesets"
    rules.mkdir(parents=True)
    for name, content in flatten([made.ruleset]).items():
        pq.write_table(content, rules / f"{name}.parquet")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        for name in ("values", "groups", "events"):
            warehouse.register("made", getattr(made, name))
            warehouse.execute(f"create table int_scoring_{name} as select * from made")
            warehouse.unregister("made")
    target = str(tmp_path / "target")
    command = [str(DBT_EXECUTABLE), "run", "--select", "path:models/scoring,score_*", "--target-path", target, "--log-path", target]
    command += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    command += build_arguments(is_whole=True)[1:]
    environment = clean_environment() | dbt_environment(tmp_path, 2) | run_environment([Quarter(2023, 4)], tmp_path / "landing")
    seconds = []
    for _ in range(3):
        finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout[-2000:]
        results = json.loads((tmp_path / "target" / "run_results.json").read_bytes())["results"]
        seconds.append(sum(result["execution_time"] for result in results))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as warehouse:
        (totals,) = warehouse.execute("select count(*) from score_totals where total is not null").fetchall()[0]
    assert totals == 40 * 90
    print(f"\nscoring 40 quarters × 90 counties × 40 indicators: {min(seconds):.2f} s in {len(results)} models of dbt (at most 3)")
    assert min(seconds) <= 3
