"""Judged data: what is read of a quarter, and the hash over exactly that."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import InfrastructureError
from pipelines.gate.judged import data_sha256, read, tables_of
from pipelines.gate.suites import Suite
from pipelines.warehouse import Warehouse
from tests.unit.gate.conftest import QUARTER, expectation

SUITES = [Suite(table, ("region_code",), (expectation(),)) for table in ("chk_sums", "ed_ranking")]
PUBLISHED = ("ed_indicators", "ed_ranking", "ed_scores", "ed_targets")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path)
    run(made, *(f"create table {table} (quarter varchar, region_code varchar, value double)" for table in ("chk_sums", *PUBLISHED)))
    run(made, *(f"insert into {table} values ('{QUARTER}', '330108', 1), ('2023Q2', '330108', 2)" for table in ("chk_sums", *PUBLISHED)))
    return made


def run(warehouse: Warehouse, *statements: str) -> None:
    with warehouse.connect(read_only=False) as connection:
        for statement in statements:
            connection.execute(statement)


def sha256(warehouse: Warehouse, quarter: str = QUARTER) -> str:
    return data_sha256(quarter, warehouse, SUITES)


def test_a_verdict_is_about_judged_and_published_tables():
    assert tables_of(SUITES) == ["chk_sums", *PUBLISHED]


def test_the_quarters_rows_of_each_judged_table_are_read_with_the_hash_of_all(warehouse: Warehouse):
    data = read(QUARTER, warehouse, SUITES)
    assert sorted(data.frames) == ["chk_sums", "ed_ranking"]
    assert [frame.to_dict("records") for frame in data.frames.values()] == [
        [{"quarter": QUARTER, "region_code": "330108", "value": 1.0}]
    ] * 2
    assert data.sha256 == sha256(warehouse)
    assert data.missing == ()


def test_rows_are_read_in_one_order(warehouse: Warehouse):
    run(warehouse, f"insert into chk_sums values ('{QUARTER}', '330102', 1), ('{QUARTER}', '330101', 1)")
    assert list(read(QUARTER, warehouse, SUITES).frames["chk_sums"]["region_code"]) == ["330101", "330102", "330108"]


def test_tables_that_do_not_exist_are_named_in_order(warehouse: Warehouse):
    run(warehouse, "drop table ed_targets", "drop table chk_sums", "create schema other", "create table other.chk_sums as select 1")
    data = read(QUARTER, warehouse, SUITES)
    assert data.missing == ("chk_sums", "ed_targets")
    assert sorted(data.frames) == ["ed_ranking"]


@pytest.mark.parametrize("table", ["chk_sums", *PUBLISHED])
@pytest.mark.parametrize(
    "change",
    [
        "update {} set value = value + 1e-15 where quarter = '2023Q3'",
        "update {} set value = null where quarter = '2023Q3'",
        "insert into {} select * from {} where quarter = '2023Q3'",
        "delete from {}",
        "drop table {}",
        "alter table {} add column note varchar",
        "alter table {} rename value to amount",
        "alter table {} alter value type decimal(18, 2)",
    ],
)
def test_any_change_to_the_quarter_changes_the_hash(warehouse: Warehouse, table: str, change: str):
    before = sha256(warehouse)
    run(warehouse, change.replace("{}", table))
    assert sha256(warehouse) != before


def test_rows_that_move_to_another_table_change_the_hash(warehouse: Warehouse):
    before = sha256(warehouse)
    run(
        warehouse,
        "alter table ed_scores rename to passing",
        "alter table ed_ranking rename to ed_scores",
        "alter table passing rename to ed_ranking",
    )
    run(warehouse, "update ed_scores set value = 1")
    assert sha256(warehouse) == before
    run(warehouse, "drop table ed_scores")
    without_scores = sha256(warehouse)
    run(warehouse, "alter table ed_ranking rename to ed_scores")
    assert sha256(warehouse) != without_scores


def test_other_quarters_other_tables_and_stored_order_change_nothing(warehouse: Warehouse):
    run(warehouse, f"insert into chk_sums values ('{QUARTER}', '330101', 1)")
    before = sha256(warehouse)
    run(warehouse, "delete from chk_sums", f"insert into chk_sums values ('{QUARTER}', '330101', 1), ('{QUARTER}', '330108', 1)")
    run(warehouse, "create table chk_other as select 1", "insert into ed_scores values ('2023Q1', '330108', 9)")
    assert sha256(warehouse) == before


def test_quarters_of_the_same_rows_differ(warehouse: Warehouse):
    run(warehouse, *(f"delete from {table}" for table in ("chk_sums", *PUBLISHED)))
    assert sha256(warehouse, "2023Q2") != sha256(warehouse, "2023Q3")


def test_tables_of_more_rows_than_are_fetched_at_once_are_hashed_whole(warehouse: Warehouse):
    run(warehouse, f"insert into chk_sums select '{QUARTER}', '33', i from range(25000) each(i)")
    before = sha256(warehouse)
    run(warehouse, "update chk_sums set value = -1 where value = 24999")
    moved = sha256(warehouse)
    run(warehouse, "update chk_sums set value = 24998.5 where value = 24998")
    assert len({before, moved, sha256(warehouse)}) == 3


@pytest.mark.parametrize("ask", [read, data_sha256])
def test_without_a_warehouse_there_is_nothing_to_judge(tmp_path: Path, ask):
    with pytest.raises(InfrastructureError, match=r"warehouse\.duckdb: found no warehouse; expected a computed one; next: run the quarter"):
        ask(QUARTER, Warehouse(tmp_path), SUITES)
    assert not list(tmp_path.iterdir())
