"""Status answers from files and the ledger alone, and says what arrived since."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.delivery import Delivery
from pipelines.gate.judged import deliveries_sha256
from pipelines.ledger import Ledger
from pipelines.settings import Settings
from pipelines.status import quarter_states, with_tax_database
from tests.conftest import I315, clean_environment

TABLES = {
    "dj_nsrxx": "djxh bigint primary key, nsrsbh text, nsrmc text, xzqh_dm text, hy_dm text, djrq date, nsrzt_dm text, xgrq timestamp",
    "sb_zzs": "sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, xse numeric, ynse numeric, ms_jsxse numeric,"
    " sbrq timestamp",
    "sb_yfjjkc": "sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, sblx_dm text, xmsl int, yffy_gj numeric,"
    " jjkc_je numeric, sbrq timestamp",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for feed, name in [("contracts", "20231012_a.csv"), ("contracts", "20231020_b.csv"), ("ledger", "20231013_c.xlsx")]:
        folder = tmp_path / "drop" / "2023Q3" / feed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    found = Settings(data_raw=tmp_path / "drop", warehouse=tmp_path / "warehouse")
    found.warehouse.mkdir()
    ledger = Ledger(found.ledger_database_url)

    def record(feed: str, name: str, *, accepted: bool, rows: dict[str, int]) -> None:
        day = dt.date(2023, 10, int(name[6:8]))
        problem = None if accepted else {"code": "unreadable"}
        ledger.record_delivery(Delivery("2023Q3", feed, name.ljust(64, "0"), name, day, 1, 1, accepted, rows, problem), "tester")

    record("contracts", "20231012_a.csv", accepted=True, rows={"contracts": 5})
    record("contracts", "20231020_b.csv", accepted=False, rows={})
    record("tax", "20231015_tax.json", accepted=True, rows={"dj_nsrxx": 1, "sb_zzs": 1, "sb_yfjjkc": 0})
    return found


def test_status_names_what_is_in_force_rejected_waiting_and_missing(settings: Settings) -> None:
    (state,) = quarter_states(settings)
    assert {feed: delivery.file_name for feed, delivery in state.in_force.items()} == {
        "contracts": "20231012_a.csv",
        "tax": "20231015_tax.json",
    }
    assert list(state.rejected) == ["contracts"]
    assert state.waiting == ["ledger"]
    assert state.missing == ["statistics", "incubators", "ledger"]


def test_a_correction_filed_after_landing_is_counted(settings: Settings) -> None:
    path = settings.data_raw / "tax.sqlite"
    with sqlite3.connect(path) as database:
        for table, columns in TABLES.items():
            database.execute(f"create table {table} ({columns})")
        for number, filed_on in [(1, "2023-10-10"), (2, "2023-11-10")]:
            database.execute("insert into sb_zzs values (?, 1, '2023-07-01', '2023-09-30', 1, 1, 1, ?)", (number, filed_on))
    (state,) = with_tax_database(quarter_states(settings), f"sqlite:///{path}")
    assert state.filed_since == 1


def test_a_delivery_landed_after_the_edition_is_told_until_a_verdict_has_looked_at_it(settings: Settings) -> None:
    ledger = Ledger(settings.ledger_database_url)
    folder = settings.warehouse / "editions" / "2023Q4" / "001"
    folder.mkdir(parents=True)
    known = [{"quarter": d.quarter, "feed": d.feed, "sha256": d.sha256} for d in ledger.in_force().values()]
    (folder / "manifest.json").write_text(json.dumps({"deliveries": known}), encoding="utf-8")
    pointer = {"2023Q4": {"edition": "001", "path": "2023Q4/001", "manifest_sha256": "0" * 64}}
    (folder.parent.parent / "latest.json").write_text(json.dumps(pointer), encoding="utf-8")
    assert [state.unpublished for state in quarter_states(settings)] == [[], []]
    late = Delivery("2023Q3", "contracts", "f" * 64, "20231101_late.csv", dt.date(2023, 11, 1), 1, 1, accepted=True, rows={})
    ledger.record_delivery(late, "tester")
    assert [state.unpublished for state in quarter_states(settings)] == [[], ["2023Q3 contracts"]]
    now = deliveries_sha256((*place, delivery.delivery_id) for place, delivery in ledger.in_force().items())
    for outcome, on in (("held", now), ("ready", "0" * 64)):
        ledger.append("verdict", quarter="2023Q4", subject="s", payload={"outcome": outcome, "deliveries_sha256": on}, actor="tester")
        assert quarter_states(settings)[1].unpublished == ["2023Q3 contracts"]
    ledger.append("verdict", quarter="2023Q4", subject="s", payload={"outcome": "ready", "deliveries_sha256": now}, actor="tester")
    assert quarter_states(settings)[1].unpublished == []
    later = Delivery("2023Q3", "ledger", "e" * 64, "20231102_later.xlsx", dt.date(2023, 11, 2), 1, 1, accepted=True, rows={})
    ledger.record_delivery(later, "tester")
    ledger.append("verdict", quarter="2023Q4", subject="s", payload={"outcome": "held", "deliveries_sha256": "1" * 64}, actor="tester")
    assert quarter_states(settings)[1].unpublished == ["2023Q3 ledger"], "what changed nothing is no less published for being held since"


def test_a_look_at_the_status_makes_nothing(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"warehouse": tmp_path / "nowhere"})
    assert [state.waiting for state in quarter_states(elsewhere)] == [["contracts", "ledger"]]
    assert not (tmp_path / "nowhere").exists()


def test_status_shows_every_column_in_a_narrow_terminal(settings: Settings) -> None:
    command = [str(I315), "status", "--data-raw", str(settings.data_raw)]
    environment = clean_environment() | {"COLUMNS": "60"}
    shown = subprocess.run(
        [*command, "--warehouse", str(settings.warehouse)], env=environment, capture_output=True, text=True, check=True
    ).stdout
    heading, _, first, *_ = shown.splitlines()
    assert heading.split() == [
        "quarter",
        "statistics",
        "contracts",
        "incubators",
        "ledger",
        "tax",
        "verdict",
        "release",
        "edition",
        "not",
        "yet",
        "published",
    ]
    assert first.split()[0] == "2023Q3"
    assert "newest rejected: unreadable" in shown


def test_status_for_machines_is_one_json_document(settings: Settings) -> None:
    command = [str(I315), "status", "--json", "--data-raw", str(settings.data_raw), "--warehouse", str(settings.warehouse)]
    shown = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True).stdout
    (state,) = json.loads(shown)
    assert state["quarter"] == "2023Q3"
    assert state["in_force"]["contracts"]["received_on"] == "2023-10-12"
    assert state["rejected"]["contracts"]["problem"] == {"code": "unreadable"}
    assert (state["waiting"], state["missing"]) == (["ledger"], ["statistics", "incubators", "ledger"])


def test_status_imports_neither_dagster_nor_great_expectations_nor_duckdb() -> None:
    code = "import sys, pipelines.cli, pipelines.status; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"dagster", "great_expectations", "duckdb", "pandas"}.isdisjoint(loaded)
