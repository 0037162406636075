"""What `i315 trace` and `i315 impact` answer on the sample's editions: sums, rows as delivered, the record, and what was changed since."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import random
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.editions.lineage import NoLineage, part_path
from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.tracing.cell import DoesNotAddUp, trace_cell
from pipelines.tracing.documents import cell_csv, cell_document
from pipelines.tracing.impact import reach, select
from pipelines.tracing.landed import Landing
from pipelines.tracing.places import places, stars
from pipelines.tracing.published import Edition, NotAsPublished, open_edition
from pipelines.tracing.scores import RANK, STARS, TOTAL, leaves, score_again
from pipelines.warehouse import Warehouse
from tests.conftest import I315, Office, clean_environment, in_use
from tests.integration.trace.conftest import Editions

QUARTER, BINJIANG = "2023Q3", "330108"
PLAIN_NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")


def asked(office: Office, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(I315), *arguments, "--warehouse", str(office.warehouse)]
    return subprocess.run(command, cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_number_that_an_auditor_points_at_is_traced_to_contracts_that_add_up_to_it(sample: Office, editions: Editions) -> None:
    finished = asked(sample, "trace", QUARTER, BINJIANG, "TECH_TX", "--json")
    assert finished.returncode == 0, finished.stderr
    told: dict[str, Any] = json.loads(finished.stdout)
    (term,) = told["terms"]
    assert told["cell"]["value"] == 235.98
    assert sum(Decimal(row["amount"]) for row in term["shown"]) + Decimal(term["rest"]) == Decimal(term["total"]) == Decimal("23598000000")
    assert (len(term["shown"]), term["rest_rows"]) == (20, term["rows"] - 20)
    # 万元 as the registry writes it, yuan as it is counted
    assert all(Decimal(row["as_delivered"]) * 10_000 == Decimal(row["amount"]) for row in term["shown"])
    assert {row["cells"]["seller_region"] for row in term["shown"]} == {BINJIANG}
    (delivery,) = told["deliveries"]
    (manifest_entry,) = [e for e in editions.of[QUARTER].deliveries if (e["quarter"], e["feed"]) == (QUARTER, "contracts")]
    assert (delivery["sha256"], delivery["received"]) == (manifest_entry["sha256"], manifest_entry["received"])
    assert delivery["recorded_by"]
    assert [model["name"] for model in told["models"]][-1] == "ed_indicators"
    assert all("select" in model["sql"] for model in told["models"])


def test_the_page_for_people_says_what_it_adds_up_from_without_dagster_great_expectations_or_the_warehouse(
    sample: Office, tmp_path: Path
) -> None:
    heavy = "dagster", "great_expectations", "dbt", "pandas", "openpyxl"
    with in_use(sample, tmp_path) as office:
        arguments = ["trace", QUARTER, "滨江区", "TECH_TX_GDP", "--warehouse", str(office.warehouse)]
        code = (
            f"import sys; from pipelines.cli import app; app({arguments!r}, standalone_mode=False); "
            f"print('loaded:', sorted(set({heavy}) & set(sys.modules)))"
        )
        finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), check=True)
    page = finished.stdout
    for text in (
        "14.260180184187044 %",
        "技术交易额占GDP比重",
        "Technology transactions as a share of GDP",
        "100 × 23598000000 / 165481780000",
    ):
        assert text in page
    for text in ("line 8313", "地区生产总值!C9", "registered after the quarter", "quarantined", "stg_contracts__contracts.sql", "QUA-002"):
        assert text in page
    assert "906 rows add up to the published value" in page
    assert page.splitlines()[-1] == "loaded: []"


def test_the_csv_has_every_row_and_its_amounts_give_the_sum(editions: Editions) -> None:
    traced = trace_cell(editions.of[QUARTER], editions.ledger, "330100", "INC_JOBS", limit=None)
    rows = list(csv.DictReader(io.StringIO(cell_csv(traced))))
    counted = [row for row in rows if row["term"]]
    assert len(counted) == traced.rows
    assert sum(Decimal(row["amount"]) for row in counted) == Decimal(str(traced.published["value"]))
    assert {row["excluded_because"] for row in rows if not row["term"]} >= {"state 退出", "counted at another carrier of the county"}


def test_forty_cells_of_every_kind_add_up_by_the_command_itself(editions: Editions) -> None:
    chance = random.Random(315)
    cells = [(edition, key) for edition in editions.of.values() for key in edition.cells]
    by_indicator: dict[str, list[Any]] = {}
    for edition, key in chance.sample(cells, len(cells)):
        by_indicator.setdefault(key[1], []).append((edition, key))
    for edition, (region, indicator, period) in [found[0] for found in by_indicator.values()][:40]:
        traced = trace_cell(edition, editions.ledger, region, indicator, period, limit=3)
        is_withheld = edition.cells[region, indicator, period]["status"] == "withheld"
        assert json.loads(json.dumps(cell_document(traced)))["adds_up"] is (None if is_withheld else True)
        for term in traced.counted.values():
            assert sum((row.amount for row in term.shown), term.rest) == (term.total or 0)


def test_a_typed_amount_is_the_delivered_text_in_its_unit_for_every_column(editions: Editions) -> None:
    edition = editions.of[QUARTER]
    compared: dict[tuple[str, str], set[Decimal]] = {}
    with duckdb.connect() as connection:
        landing = Landing(edition.warehouse, edition.deliveries, connection)
        rows = connection.execute(
            "select source_table, source_column, delivery_id, source_row, amount from read_parquet(?) "
            "where excluded_because is null and source_column is not null "
            "qualify row_number() over (partition by source_table, source_column order by hash(source_row)) <= 30",
            [str(part_path(edition.warehouse, edition.lineage.parts[QUARTER]))],
        ).fetchall()
        landed = landing.rows({(delivery, table, row) for table, _, delivery, row, _ in rows})
    for table, column, delivery, row, amount in rows:
        text = landed[delivery, table, row].text(column)
        if PLAIN_NUMBER.fullmatch(text) and Decimal(text):
            compared.setdefault((table, column), set()).add(Decimal(amount) / Decimal(text))
    assert len(compared) >= 18
    assert all(len(units) == 1 and units <= {Decimal(10) ** power for power in (0, 3, 4, 8)} for units in compared.values())


def test_a_value_carried_from_an_earlier_quarter_is_traced_within_the_edition_that_carried_it(editions: Editions) -> None:
    edition = editions.of["2023Q2"]
    leaf = next(leaf for leaf in leaves(score_again(edition, editions.ledger, BINJIANG, None, TOTAL)) if leaf.indicator == "TECH_TX")
    assert leaf.command(edition, BINJIANG) == f"i315 trace 2023Q2 {BINJIANG} TECH_TX 001"
    carried = trace_cell(edition, editions.ledger, BINJIANG, "RD_GDP", "2022Q4")
    assert carried.published["value"] == editions.of["2022Q4"].cells[BINJIANG, "RD_GDP", "2022Q4"]["value"]


def test_totals_ranks_and_stars_of_every_county_follow_from_cells_lists_cut_offs_and_guards(editions: Editions) -> None:
    edition, checked = editions.of["2023Q4"], 0
    for family in ("zj315-county", "hz315-county"):
        for kind, taken_apart in ((RANK, places), (STARS, stars), (TOTAL, leaves)):
            first = score_again(edition, editions.ledger, BINJIANG, family, kind)
            nodes = [row for row in edition.table("scores").to_pylist() if row["ruleset"] == first.ruleset.name]
            for region in first.ranking:
                scored = dataclasses.replace(first, region=region, nodes=[row for row in nodes if row["region_code"] == region])
                assert taken_apart(scored)
                checked += 1
            assert all("rulesets/" in leaf.rule and leaf.indicator in leaf.rule_text for leaf in (leaves(first) if kind == TOTAL else []))
    assert checked == 3 * (90 + 13)


def test_what_a_traced_row_reached_holds_the_cell_that_it_was_traced_from(editions: Editions) -> None:
    with duckdb.connect() as connection:
        for quarter, region, indicator in (
            (QUARTER, BINJIANG, "TECH_TX_GROWTH"),
            ("2023Q2", "330100", "TAX_TECH"),
            ("2023Q4", "330106", "GKX"),
        ):
            edition = editions.of[quarter]
            traced = trace_cell(edition, editions.ledger, region, indicator)
            for term in traced.counted.values():
                for row in term.shown[:2]:
                    delivery = traced.landing.delivery(row.source_table, row.delivery_id)
                    selected = select(editions.ledger, delivery["sha256"][:16], row.source_table.split("/")[1], row.row)
                    reached = reach(selected, edition, connection)
                    assert (region, indicator) in {(cell.region, cell.indicator) for cell in reached.cells}
                    assert region in reached.totals.get("zj315-county/2023.1", [region])


def test_what_a_row_reached_includes_targets_and_the_change_of_rank_a_quarter_later(editions: Editions) -> None:
    at, later = (editions.of[each] for each in ("2023Q2", QUARTER))
    target = next(row for row in at.targets if row["indicator"] == "TECH_TX" and row["region_code"] == BINJIANG)
    row = trace_cell(at, editions.ledger, BINJIANG, "TECH_TX").counted["numerator"].shown[0]
    with duckdb.connect() as connection:
        (delivery,) = [each for each in at.deliveries if (each["quarter"], each["feed"]) == ("2023Q2", "contracts")]
        selected = select(editions.ledger, delivery["sha256"], "-", row.row)
        now, then = reach(selected, at, connection), reach(selected, later, connection)
    assert (BINJIANG, "TECH_TX", target["year"]) in now.completions
    assert now.moved_from == {}
    assert then.moved_from == now.totals


def test_a_carrier_reaches_the_cells_of_its_tenants_and_a_quarantined_row_none(editions: Editions) -> None:
    edition = editions.of[QUARTER]
    with duckdb.connect() as connection:
        (file,) = [each["file"] for each in edition.deliveries if (each["quarter"], each["feed"]) == (QUARTER, "incubators")]
        carrier = reach(select(editions.ledger, file, "carriers", 5), edition, connection)
        assert {cell.indicator for cell in carrier.cells} >= {"INC_FIRMS", "INC_JOBS"}
        path = str(part_path(edition.warehouse, edition.lineage.parts[QUARTER]))
        row, table, delivery = connection.execute(
            "select source_row, source_table, delivery_id from read_parquet(?) "
            "where role = 'quarantined' and source_table like 'contracts/%'",
            [path],
        ).fetchone()
        nothing = reach(select(editions.ledger, delivery, table.split("/")[1], row), edition, connection)
    assert (nothing.cells, nothing.totals, nothing.rows, len(nothing.excluded)) == ([], {}, 0, 1)


def test_lineage_manifest_table_or_findings_changed_since_are_named_instead_of_believed(sample: Office, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    for name in ("editions", "lineage", "findings", "landing", "scoring_inputs"):
        shutil.copytree(sample.warehouse / name, warehouse.root / name)
    shutil.copy(sample.warehouse / "ledger.sqlite", warehouse.root)
    ledger = Ledger(f"sqlite:///{warehouse.root / 'ledger.sqlite'}", is_reader=True)

    def traced() -> None:
        trace_cell(open_edition(warehouse, ledger, QUARTER, None), ledger, BINJIANG, "TECH_TX")

    edition = open_edition(warehouse, ledger, QUARTER, None)
    folder = warehouse.editions / QUARTER / "001"
    part = part_path(warehouse, edition.lineage.parts[QUARTER])
    findings = [warehouse.findings / f"{entry.payload['findings_sha256']}.json" for entry in ledger.entries("verdict", QUARTER)]
    for error, path in (
        *((NoLineage, part), (NotAsPublished, folder / "manifest.json"), (NotAsPublished, folder / "indicators.parquet")),
        (NotAsPublished, findings[-1]),
    ):
        content = path.read_bytes()
        for damaged in (content[:-1] + bytes([content[-1] ^ 1]), None):
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
            with pytest.raises(error, match="next: "):
                traced()
            path.write_bytes(content)
    traced()


def test_rows_that_do_not_give_the_published_value_are_an_error(editions: Editions) -> None:
    edition = dataclasses.replace(editions.of[QUARTER])
    edition.cells[BINJIANG, "TECH_TX", QUARTER]["value"] = 235.99
    with pytest.raises(DoesNotAddUp, match=r"found value 235\.98 from its traced rows; expected the published 235\.99"):
        trace_cell(edition, editions.ledger, BINJIANG, "TECH_TX")


def test_a_question_that_is_not_well_put_is_a_usage_error_that_names_what_there_is(editions: Editions) -> None:
    edition = editions.of[QUARTER]
    for error, question in (
        ("such as .*TECH_TX", lambda: trace_cell(edition, editions.ledger, BINJIANG, "TECH_XX")),
        ("region: found 'nowhere'", lambda: trace_cell(edition, editions.ledger, "nowhere", "TECH_TX")),
        ("RD_GDP of 2022, 2023Q3 in", lambda: trace_cell(edition, editions.ledger, BINJIANG, "RD_GDP", "2030")),
        ("found 001 of 2023Q3; expected 009", lambda: open_edition(edition.warehouse, editions.ledger, QUARTER, "009")),
        ("a county, for a city's rules", lambda: score_again(edition, editions.ledger, "330100", None, TOTAL)),
        ("no such delivery", lambda: select(editions.ledger, "no-such-file.csv", None, None)),
        ("expected one of .*规上工业", lambda: select(editions.ledger, _sha(edition, "statistics"), "投资表", 3)),
    ):
        with pytest.raises(UsageError, match=error):
            question()


def _sha(edition: Edition, feed: str) -> str:
    return next(each["sha256"] for each in edition.deliveries if (each["quarter"], each["feed"]) == (QUARTER, feed))


def test_a_number_behind_a_file_without_sheets_is_a_row_of_it_and_a_row_that_is_not_there_is_refused(sample: Office) -> None:
    (export,) = (sample.data_raw / QUARTER / "contracts").iterdir()
    (workbook,) = (sample.data_raw / QUARTER / "statistics").iterdir()
    answers = [
        json.loads(asked(sample, "impact", export.name, *row, "--json").stdout) for row in (["8313"], ["-", "8313"], ["contracts", "8313"])
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0] != json.loads(asked(sample, "impact", export.name, "--json").stdout)
    for arguments, words in (
        ([export.name, "999999"], "line: found 999999 in none of the 12220 rows"),
        ([export.name, "规上工业", "3"], "sheet: found '规上工业'"),
        ([workbook.name, "8313"], "sheet: found '8313'"),
        ([workbook.name, "规上工业", "8313"], "row: found 8313 in none of the 103 rows"),
    ):
        finished = asked(sample, "impact", *arguments)
        assert (finished.returncode, words in finished.stderr) == (2, True), finished.stderr


def test_a_survey_of_the_year_before_reaches_the_target_of_this_year(sample: Office) -> None:
    (workbook,) = (sample.data_raw / QUARTER / "statistics").iterdir()
    answer = json.loads(asked(sample, "impact", workbook.name, "全社会研发", "10", "--json").stdout)
    assert "RD_GDP" in json.dumps([edition["completions"] for edition in answer["editions"] if edition["quarter"] == QUARTER])


def test_a_term_shown_whole_leaves_nothing_and_one_cut_off_leaves_what_its_other_rows_add_up_to(sample: Office, editions: Editions) -> None:
    edition, ledger = editions.of[QUARTER], Ledger(f"sqlite:///{sample.warehouse / 'ledger.sqlite'}", is_reader=True)
    (whole,) = trace_cell(edition, ledger, BINJIANG, "TECH_TX", limit=None).counted.values()
    assert (len(whole.shown), whole.rest) == (whole.rows, 0)
    amounts = sorted((row.amount for row in whole.shown), reverse=True)
    for limit in (0, 1, 20, whole.rows - 1, whole.rows, whole.rows + 1):
        (cut,) = trace_cell(edition, ledger, BINJIANG, "TECH_TX", limit=limit).counted.values()
        assert cut.rest == sum(amounts[limit:]), limit
        assert [row.amount for row in cut.shown] == amounts[:limit]


def test_a_value_is_as_of_the_newest_delivery_in_it_and_a_programmes_as_of_its_own_day(sample: Office) -> None:
    """2023Q2: the registry delivered on 11 and 19 July, statistics on 24 July, the ledger on 12 July with its own days."""
    with (sample.edition("2023Q2") / "indicators.csv").open(encoding="utf-8-sig", newline="") as lines:
        of = {
            row["indicator"]: row["as_of"] for row in csv.DictReader(lines) if (row["region_code"], row["period"]) == (BINJIANG, "2023Q2")
        }
    assert of["TECH_TX"] == "2023-07-19"
    assert of["TECH_TX_GROWTH"] == "2023-07-19"
    assert of["GDP"] == "2023-07-24"
    assert of["TECH_TX_GDP"] == "2023-07-24"
    assert of["HNTE_VALID"] == "2023-06-30"
