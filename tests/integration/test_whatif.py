"""What-ifs on the sample's editions, as the command line answers them, against scoring the warehouse's own tables directly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.rulesets.in_memory import INPUTS, score_tables
from pipelines.rulesets.language import load_ruleset
from pipelines.rulesets.parameters import TABLES
from pipelines.rulesets.tables import flatten
from tests.conftest import I315, PROJECT, Office, clean_environment, in_use

QUARTER, BINJIANG, COUNTY = "2023Q3", "330108", "330102"
OFFICIAL = "zj315-county/2023.1"
DRAFT = PROJECT / "dbt_project" / "rulesets" / "zj315-county" / "2024.1-draft.yml"


def whatif(office: Office, *options: str, quarter: str = QUARTER) -> subprocess.CompletedProcess[str]:
    command = [str(I315), "whatif", quarter, "--warehouse", str(office.warehouse), *options]
    return subprocess.run(command, cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False)


def told(office: Office, *options: str, quarter: str = QUARTER) -> dict[str, Any]:
    finished = whatif(office, *options, "--json", quarter=quarter)
    assert finished.returncode == 0, finished.stderr
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def totals(answer: dict[str, Any], side: str = "whatif") -> dict[str, tuple[float, int]]:
    return {code: (county[side]["total"], county[side]["ranks"]["province"]) for code, county in answer["counties"].items()}


def warehouse_tables(office: Office) -> tuple[list[pa.Table], dict[str, pa.Table]]:
    """The scoring inputs and rules as dbt has them, every period and ruleset among them."""
    with duckdb.connect(str(office.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        inputs = [warehouse.table(name).to_arrow_table().select(schema.names).cast(schema) for name, schema in INPUTS.items()]
    return inputs, {name: pq.read_table(office.warehouse / "landing" / "rulesets" / f"{name}.parquet") for name in TABLES}


def scored(inputs: list[pa.Table], rules: dict[str, pa.Table], ruleset: str = OFFICIAL) -> dict[str, tuple[float, int]]:
    """Total and place in the province of every county in the quarter under one of the rulesets."""
    results = score_tables(*inputs, rules, wanted=("score_totals", "score_ranks"))
    totals, ranks = (
        [row for row in results[name].to_pylist() if (row["ruleset"], row["period"]) == (ruleset, QUARTER)]
        for name in ("score_totals", "score_ranks")
    )
    places = {row["unit"]: row["place"] for row in ranks if row["rank_id"] == "province"}
    return {row["unit"]: (row["total"], places[row["unit"]]) for row in totals}


def test_an_amended_value_moves_totals_and_places_as_a_run_on_an_amended_delivery_would(sample: Office) -> None:
    inputs, rules = warehouse_tables(sample)
    amended = {"HT_SHARE": 30.0, "IRD_GROWTH": 40.0, "TECH_TX": 500.0, "TECH_TX_GDP": None, "TECH_TX_GROWTH": None}
    cells = pq.read_table(sample.edition(QUARTER) / "indicators.parquet").to_pylist()
    known = {row["indicator"]: row for row in cells if (row["region_code"], row["period"]) == (COUNTY, QUARTER)}
    amended["TECH_TX_GDP"] = 100 * 500e8 / known["TECH_TX_GDP"]["denominator"]
    base = known["TECH_TX_GROWTH"]["denominator"]
    amended["TECH_TX_GROWTH"] = 100 * (500e8 - base) / base
    rows = [
        row | {"value": amended[row["indicator"]]}
        if (row["unit"], row["period"]) == (COUNTY, QUARTER) and row["indicator"] in amended
        else row
        for row in inputs[0].to_pylist()
    ]
    wanted = scored([pa.Table.from_pylist(rows, schema=inputs[0].schema), *inputs[1:]], rules)
    answer = told(
        sample, *(part for code in ("HT_SHARE", "IRD_GROWTH", "TECH_TX") for part in ("--set", f"{COUNTY}.{code}={amended[code]}"))
    )
    assert totals(answer) == wanted
    assert totals(answer, "official") == scored(inputs, rules)
    assert COUNTY in answer["shown"]


def test_a_draft_differs_from_the_official_ranking_exactly_as_it_scores_directly(sample: Office) -> None:
    inputs, _ = warehouse_tables(sample)
    draft = load_ruleset(DRAFT)
    key = {"ruleset": draft.name, "sha256": draft.sha256}
    draft.rows["rule_scenario"].append(key | {"scenario": "official", "valid_from": QUARTER, "valid_to": QUARTER})
    answer = told(sample, "--ruleset", str(DRAFT))
    assert totals(answer) == scored(inputs, flatten([draft]), draft.name)
    assert len(answer["shown"]) > 10
    assert "a draft" in answer["notes"][0]


def test_the_citys_rules_are_asked_by_their_family(sample: Office) -> None:
    answer = told(sample, "--family", "hz315-county", "--set", f"{BINJIANG}.HT_SHARE=30")
    assert answer["rulesets"]["official"].startswith("hz315-county/")
    assert len(answer["counties"]) == 13
    assert [move["indicator"] for move in answer["moves"] if move["county"] == BINJIANG] == ["HT_SHARE"]


def test_four_firms_of_the_new_catalogue_take_the_district_to_its_target_by_one_formula_only(
    sample: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    firms = unflagged_firms(sample)
    assert len(firms) == 4
    answer = told(sample, "--include", ",".join(firms))
    (county,) = answer["inclusions"]
    assert county["target"] == 88
    assert county["share_now"] < county["share_admitted"] < 88 <= county["share_reclassified"] == county["share_after"]
    assert county["needed_reclassified_yuan"] < county["value_added_yuan"] < county["needed_admitted_yuan"]
    assert county["needed_admitted_yuan"] == pytest.approx(county["needed_reclassified_yuan"] / 0.12)
    assert sum(firms.values()) * 1000 == county["value_added_yuan"]
    assert not any(code in json.dumps(answer) for code in firms)
    with capsys.disabled():
        print(f"\n滨江区 2023Q3, 4 firms: {county['share_now']:.2f} % → {county['share_reclassified']:.2f} % reclassified, ", end="")
        print(f"{county['share_admitted']:.2f} % newly admitted; target 88 % (synthetic)")


def unflagged_firms(office: Office) -> dict[str, int]:
    """Code and value added (千元) of 滨江区's firms of a catalogue class that are not flagged, read from the landed sheet."""
    from pipelines.sample.firms import HT_CLASSES

    manifest = json.loads((office.edition(QUARTER) / "manifest.json").read_bytes())
    (sha256,) = (each["sha256"] for each in manifest["deliveries"] if (each["quarter"], each["feed"]) == (QUARTER, "statistics"))
    sheet = pq.read_table(office.warehouse / "landing" / "statistics" / "enterprises" / f"quarter={QUARTER}" / f"{sha256[:16]}.parquet")
    return {
        row["uscc"]: int(row["ind_va_ytd"])
        for row in sheet.to_pylist()
        if (row["region_code"], row["is_ht"]) == (BINJIANG, "否") and row["industry_code"] in HT_CLASSES
    }


def test_the_annual_indicator_is_shown_with_and_without(sample: Office) -> None:
    without = told(sample, "--without", "RD_GDP", "--region", BINJIANG, quarter="2023Q4")
    assert any(move["indicator"] == "RD_GDP" and move["points_after"] is None for move in without["moves"])
    with_it = told(sample, "--set", f"{BINJIANG}.RD_GDP=9.52")
    opened = [move for move in with_it["moves"] if move["indicator"] == "RD_GDP"]
    assert len(opened) == 90
    assert all(move["points_before"] is None and move["points_after"] is not None for move in opened)


def test_a_running_quarter_does_not_stop_an_answer_because_the_warehouse_file_is_never_opened(sample: Office, tmp_path: Path) -> None:
    with in_use(sample, tmp_path) as office:
        assert whatif(office, "--region", BINJIANG).returncode == 0


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--set", "330108.RD=1"),
        ("--include", "12"),
        ("--without", "HT_VA"),
        ("--edition", "009", "--region", BINJIANG),
        ("--ruleset", "no.yml"),
    ],
)
def test_a_question_that_is_not_well_put_is_one_line_and_exit_code_2(sample: Office, options: tuple[str, ...]) -> None:
    finished = whatif(sample, *options)
    assert (finished.returncode, finished.stdout, len(finished.stderr.splitlines())) == (2, "", 1)


def test_an_answer_imports_neither_dagster_nor_great_expectations(sample: Office) -> None:
    heavy = "dagster", "great_expectations", "dbt", "pandas", "sqlalchemy"
    asked = ["whatif", QUARTER, "--region", BINJIANG, "--without", "TECH_TX", "--warehouse", str(sample.warehouse)]
    code = (
        f"import sys; from pipelines.cli import app; app({asked!r}, standalone_mode=False); "
        f"print('loaded:', sorted(set({heavy}) & set(sys.modules)))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), check=True, cwd=Path.cwd()
    )
    assert finished.stdout.splitlines()[-1] == "loaded: []"
