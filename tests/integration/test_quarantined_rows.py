"""Deliveries of which single rows are wrong: the row is listed for its office and not counted, and the gate decides on the rest.

Through the real command line. Not here: deliveries that are rejected whole (test_bad_input.py).
"""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipelines.ledger import Ledger
from tests import warm
from tests.conftest import Office
from tests.integration.broken_deliveries import Contracts, copied, edited_workbook, row_of
from tests.oracle import compare_edition

QUARTER, COUNTY = "2023Q1", "330108"
COLUMNS = ["quarter", "feed", "file", "sheet", "row", "field", "reason", "found", "expected", "next_step"]
NOT_A_DIVISION, NOT_AN_AMOUNT = "339999", "=约五万元整"


@pytest.fixture
def office(small: Office, tmp_path: Path) -> Office:
    """A copy of the small office with 2023Q1 published, to be spoilt."""
    return copied(small, tmp_path)


def quarantined(office: Office, file: str) -> dict[tuple[str, int], dict[str, str]]:
    """Rows of a file in its quarter's quarantine list by sheet and row; the list must be whole and the operator's alone."""
    path = office.warehouse / "quarantine" / f"{QUARTER}.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == COLUMNS
    assert all(row["quarter"] == QUARTER and row["reason"] and row["expected"] and row["next_step"] for row in rows)
    return {(row["sheet"], int(row["row"])): row for row in rows if row["file"] == file}


def findings(edition: Path) -> dict[str, dict[str, str]]:
    with (edition / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        return {row["rule"]: row for row in csv.DictReader(handle)}


def value(edition: Path, region: str, indicator: str) -> float:
    with (edition / "indicators.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = {(row["region_code"], row["indicator"], row["period"]): row["value"] for row in csv.DictReader(handle)}
    return float(rows[region, indicator, QUARTER])


def test_single_wrong_contracts_are_listed_and_not_counted_and_the_rest_is_published_with_a_warning(office: Office) -> None:
    """The registry's contracts are single events among hundreds: one typing error in them must not hold back 90 counties.

    Two wrong rows of some 390 are under the share (1 %) from which the gate takes the export itself for broken.
    """
    export = Contracts(office, QUARTER)
    counted = [
        index for index, record in enumerate(export.records) if (record["合同状态"], record["卖方行政区划代码"]) == ("已登记", COUNTY)
    ]
    misplaced, miswritten = counted[:2]
    export.records[misplaced]["卖方行政区划代码"] = NOT_A_DIVISION
    export.records[miswritten]["技术交易额(万元)"] = NOT_AN_AMOUNT
    delivered = export.deliver()
    before = value(office.edition(QUARTER), COUNTY, "TECH_N")

    finished = warm.run(office, QUARTER)

    assert finished.returncode == 0, finished.stderr
    listed = quarantined(office, delivered.name)
    shown = {key: (row["feed"], row["field"], row["reason"].split()[0], row["found"]) for key, row in listed.items()}
    assert shown["", export.lines[misplaced]] == ("contracts", "seller_region", "unknown_division", NOT_A_DIVISION)
    assert shown["", export.lines[miswritten]] == ("contracts", "tech_amount", "not_a_number", f"'{NOT_AN_AMOUNT}")
    assert "县(市、区)" in listed["", export.lines[misplaced]]["expected"]
    assert str(office.warehouse / "quarantine" / f"{QUARTER}.csv") in finished.stdout

    published = office.edition(QUARTER, "002")
    assert json.loads((office.warehouse / "editions" / "latest.json").read_bytes())[QUARTER]["edition"] == "002"
    assert value(published, COUNTY, "TECH_N") == before - 2
    assert compare_edition(published, office.data_raw, f"sqlite:///{office.data_raw / 'tax.sqlite'}", QUARTER) == []
    warning = findings(published)["QUA-002"]
    assert (warning["severity"], warning["passed"]) == ("warning", "false")
    leaks = [path.name for path in published.iterdir() if NOT_AN_AMOUNT.encode() in path.read_bytes()]
    assert leaks == [], "what stood in a contract is the operator's to see"


def test_text_in_a_countys_gdp_holds_publication(office: Office) -> None:
    """Without the county's row there is no GDP for it, and ratios and ranks of all the others would shift: nothing is published."""
    before = {path: path.read_bytes() for path in (office.warehouse / "editions").rglob("*") if path.is_file()}
    rows: list[int] = []

    def edit(book: Workbook) -> None:
        sheet = book["地区生产总值"]
        rows.append(row_of(sheet, COUNTY))
        sheet.cell(rows[0], 3).value = "待核"

    delivered = edited_workbook(office, QUARTER, "statistics", edit)

    finished = warm.run(office, QUARTER)

    assert finished.returncode == 10, finished.stdout + finished.stderr
    (line,) = finished.stderr.splitlines()
    assert "held by the gate" in line
    assert "nothing published" in line
    assert "STA-001" in line
    assert f"{COUNTY}/" in line
    listed = quarantined(office, delivered.name)["地区生产总值", rows[0]]
    assert (listed["feed"], listed["field"], listed["found"]) == ("statistics", "gdp_ytd", "待核")
    assert listed["reason"].startswith("not_a_number")

    after = {path: path.read_bytes() for path in (office.warehouse / "editions").rglob("*") if path.is_file()}
    assert after == before
    ledger = Ledger(f"sqlite:///{office.warehouse / 'ledger.sqlite'}")
    assert ledger.entries("verdict", QUARTER)[-1].payload["outcome"] == "held"
    assert len(ledger.entries("publication", QUARTER)) == 1
    assert ledger.in_force()[QUARTER, "statistics"].file_name == delivered.name, "the delivery itself keeps its contract"
