"""The tax feed on a real PostgreSQL (Debian's package, started here on loopback) equals the feed on SQLite, byte for byte."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.landing import Landed, land_tax
from pipelines.landing.tax_extract import snapshot
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse
from tests import postgresql
from tests.postgresql import PASSWORD

QUARTERS = [Quarter(2023, 2), Quarter(2023, 3)]
DDL = {
    "dj_nsrxx": "djxh bigint primary key, nsrsbh varchar(20), nsrmc varchar(200), xzqh_dm char(6), hy_dm char(4), djrq date,"
    " nsrzt_dm char(2), xgrq timestamp",
    "sb_zzs": "sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, xse numeric(18,2), ynse numeric(18,2),"
    " ms_jsxse numeric(18,2), sbrq timestamp",
    "sb_yfjjkc": "sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, sblx_dm char(2), xmsl int, yffy_gj numeric(18,2),"
    " jjkc_je numeric(18,2), sbrq timestamp",
}

pytestmark = postgresql.NEEDED


def rows(firms: int = 150) -> dict[str, list[tuple[object, ...]]]:
    """Taxpayers and returns with every kind of value that the contract knows, shuffled."""
    dice = random.Random(315)
    tables: dict[str, list[tuple[object, ...]]] = {name: [] for name in DDL}
    for firm in range(1, firms + 1):
        industry = dice.choice(["3562", "392", None])
        changed = f"2023-01-02 03:04:{firm % 60:02}.{dice.randrange(10**6):06}"
        tables["dj_nsrxx"].append((firm, f"91330108{firm:010}", f"𠮷公司 {firm}", "330108", industry, "2011-02-03", "03", changed))
        for number, (first, last) in enumerate([("2023-04-01", "2023-06-30"), ("2023-07-01", "2023-09-30")]):
            amounts = [f"{dice.randrange(10 ** dice.randrange(3, 15)) / 100:.2f}" for _ in range(2)]
            key = firm * 10 + number
            tables["sb_zzs"].append((key, firm, first, last, *amounts, None if firm % 3 else "-0.10", "2023-10-12 09:30:00"))
            tables["sb_yfjjkc"].append((key, firm, "2023-01-01", last, "YJ", firm % 7, *amounts, "2023-10-13 10:00:00"))
    for table in tables.values():
        dice.shuffle(table)
    return tables


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A fresh server's URL."""
    with postgresql.server("tax") as url:
        yield url


@pytest.fixture
def database(server: str) -> str:
    """The server with the tax office's tables freshly filled."""
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        for name, table in rows().items():
            connection.exec_driver_sql(f"drop table if exists {name}")
            connection.exec_driver_sql(f"create table {name} ({DDL[name]})")
            places = ", ".join(["%s"] * len(table[0]))
            connection.exec_driver_sql(f"insert into {name} values ({places})", table)
    engine.dispose()
    return server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    connection = sqlite3.connect(tmp_path / "tax.sqlite")
    with connection:
        for name, table in rows().items():
            connection.execute(f"create table {name} ({DDL[name]})")
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(table[0]))})", table)
    connection.close()
    return f"sqlite:///{tmp_path / 'tax.sqlite'}"


def land(root: Path, url: str) -> tuple[list[Landed], dict[str, bytes]]:
    warehouse = Warehouse(root)
    root.mkdir(exist_ok=True)
    landed = land_tax(QUARTERS, url, warehouse, Ledger(f"sqlite:///{root / 'ledger.sqlite'}"), "tester")
    return landed, {str(path.relative_to(root)): path.read_bytes() for path in sorted(warehouse.landing.rglob("*.parquet"))}


def test_postgresql_and_sqlite_land_the_same_bytes(database: str, sqlite_url: str, tmp_path: Path) -> None:
    on_postgresql, postgresql_bytes = land(tmp_path / "a", database)
    on_sqlite, sqlite_bytes = land(tmp_path / "b", sqlite_url)
    assert [item.rows for item in on_postgresql] == [{"dj_nsrxx": 150, "sb_zzs": 150, "sb_yfjjkc": 150}] * 2
    assert [item.delivery.sha256 for item in on_postgresql] == [item.delivery.sha256 for item in on_sqlite]
    assert len(postgresql_bytes) == 6
    assert postgresql_bytes == sqlite_bytes


def test_reading_an_unchanged_server_again_makes_no_new_delivery(database: str, tmp_path: Path) -> None:
    land(tmp_path / "a", database)
    again, _ = land(tmp_path / "a", database)
    assert [item.is_new for item in again] == [False, False]


def test_the_tables_are_of_one_moment_and_nothing_can_be_written(database: str) -> None:
    """What another session commits after the first read is not seen; a write in the read transaction is refused."""
    engine = sa.create_engine(database)
    count = sa.text("select count(*) from sb_zzs")
    with snapshot(database) as source:
        before = source.connection.execute(count).scalar()
        with engine.begin() as other:
            other.execute(sa.text("delete from sb_zzs"))
        assert source.connection.execute(count).scalar() == before == 300
    with pytest.raises(InfrastructureError, match="read-only transaction"), snapshot(database) as source:
        source.connection.execute(sa.text("delete from dj_nsrxx"))
    engine.dispose()


def test_a_zoned_timestamp_lands_as_beijing_time(database: str, tmp_path: Path) -> None:
    _, plain = land(tmp_path / "a", database)
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("set local time zone 'Asia/Shanghai'"))
        connection.execute(sa.text("alter table sb_zzs alter column sbrq type timestamptz"))
    engine.dispose()
    _, zoned = land(tmp_path / "b", database)
    assert zoned == plain


def test_a_wrong_password_is_an_error_that_does_not_show_it(database: str, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="password authentication failed") as caught:
        land(tmp_path / "a", database.replace(PASSWORD, "falsch-und-geheim"))
    assert "falsch" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_table_that_may_not_be_read_is_an_error(database: str, tmp_path: Path) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop role if exists reader")
        connection.exec_driver_sql("create role reader login password 'reader'")
    engine.dispose()
    with pytest.raises(InfrastructureError, match="permission denied"):
        land(tmp_path / "a", database.replace(f"tax:{PASSWORD}", "reader:reader"))


def test_a_wider_numeric_with_a_third_decimal_is_refused(database: str, tmp_path: Path) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table sb_zzs alter column xse type numeric(20,4)")
        connection.exec_driver_sql("update sb_zzs set xse = 1.005 where sbxh = 11")
    engine.dispose()
    with pytest.raises(DeliveryRejected) as caught:
        land(tmp_path / "a", database)
    assert (caught.value.problem.code, caught.value.problem.place) == ("value_unfit", "sbxh 11 column xse")


def test_an_amount_that_became_a_float_is_refused_before_anything_is_read(database: str, tmp_path: Path) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table sb_zzs alter column xse type double precision")
    engine.dispose()
    with pytest.raises(DeliveryRejected) as caught:
        land(tmp_path / "a", database)
    problem = caught.value.problem
    assert (problem.code, problem.sheet, problem.place, problem.value) == ("column_type", "sb_zzs", "column xse", "DOUBLE PRECISION")


def test_a_reading_account_that_may_write_is_told_of_and_one_that_may_not_is_not(database: str, tmp_path: Path) -> None:
    landed, _ = land(tmp_path / "a", database)
    assert landed[0].notes == ("the reading account may write to dj_nsrxx, sb_zzs, sb_yfjjkc: have the right taken away",)
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop role if exists onlooker")
        connection.exec_driver_sql("create role onlooker login password 'onlooker'")
        connection.exec_driver_sql(f"grant select on {', '.join(DDL)} to onlooker")
    landed, _ = land(tmp_path / "b", database.replace(f"tax:{PASSWORD}", "onlooker:onlooker"))
    with engine.begin() as connection:
        connection.exec_driver_sql("drop owned by onlooker")
    engine.dispose()
    assert landed[0].notes == ()


def test_a_lock_or_a_forgotten_session_cannot_hold_the_reading_for_ever(database: str) -> None:
    with snapshot(database) as source:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        limits = {name: source.connection.execute(sa.text(f"show {name}")).scalar() for name in names}
    assert limits == {"statement_timeout": "30min", "lock_timeout": "1min", "idle_in_transaction_session_timeout": "30min"}
