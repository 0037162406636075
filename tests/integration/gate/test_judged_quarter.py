"""A whole quarter from a clean landing, judged by the shipped suites."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from pipelines.errors import HeldByGate
from pipelines.gate import judge_all, load_suites, require_verdict
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.integration.gate.conftest import CleanWarehouse

TODAY = dt.date(2023, 11, 20)


@pytest.fixture
def copied(clean: CleanWarehouse, tmp_path: Path) -> tuple[Warehouse, Ledger]:
    warehouse = Warehouse(tmp_path / "warehouse")
    warehouse.root.mkdir()
    shutil.copy(clean.warehouse.database, warehouse.database)
    return warehouse, Ledger(f"sqlite:///{warehouse.root / 'ledger.sqlite'}")


def test_clean_quarters_are_ready_and_every_rule_of_the_quarter_was_evaluated(copied: tuple[Warehouse, Ledger]):
    verdicts = judge_all(["2023Q1", "2023Q2", "2023Q3"], *copied, "tester", today=TODAY)
    assert [verdict.outcome for verdict in verdicts] == ["ready"] * 3
    due = {e.rule for suite in load_suites() for e in suite.expectations if 3 in e.quarters}
    assert {finding.rule for finding in verdicts[2].findings if finding.passed} == due
    assert require_verdict("2023Q3", *copied, today=TODAY) == verdicts[2]


def test_every_check_of_a_model_has_a_rule_and_every_rule_a_check(clean: CleanWarehouse):
    rules = {(e.table, name) for suite in load_suites() for e in suite.expectations for name in dict(e.rows).get("check_name", ())}
    with clean.warehouse.connect() as connection:
        tables = sorted(suite.table for suite in load_suites() if suite.table.startswith("chk_"))
        built = {(table, name) for table in tables for (name,) in connection.execute(f"select distinct check_name from {table}").fetchall()}
    assert built == rules


def test_a_missing_feed_holds_the_quarter_by_name(copied: tuple[Warehouse, Ledger]):
    warehouse, ledger = copied
    with warehouse.connect(read_only=False) as connection:
        connection.execute(
            "update chk_deliveries set observed = 0, excess = 1 where check_name = 'delivered' and indicator = 'tax' and quarter = '2023Q3'"
        )
    (verdict,) = judge_all(["2023Q3"], warehouse, ledger, "tester", today=TODAY)
    assert [finding.rule for finding in verdict.findings if finding.holds] == ["DEL-001"]
    with pytest.raises(HeldByGate, match="DEL-001 tax"):
        require_verdict("2023Q3", warehouse, ledger, today=TODAY)
