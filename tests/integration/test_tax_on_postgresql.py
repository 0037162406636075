"""The tax feed on a real PostgreSQL (Debian's package, started here on loopback) equals the feed on SQLite, byte for byte."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
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
        connection.exec_driver_sql("drop schema public cascade")
        connection.exec_driver_sql("create schema public")
        connection.exec_driver_sql("grant usage on schema public to public")
        connection.exec_driver_sql("alter role tax reset datestyle")
        for name, table in rows().items():
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


def change(database: str, *statements: str) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def notes_of(root: Path, table: str) -> dict[int, tuple[str | None, dict[str, str]]]:
    """What is noted of cells, by key: the first that is unfit, and the cells as they were given."""
    rows = [row for path in sorted((root / "landing" / "tax" / table).rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    return {row["source_row"]: (row["unfit"], json.loads(row["given"])) for row in rows if row["given"]}


UNREADABLE = {
    "period end infinity": ("sb_zzs", "skssq_z = 'infinity'", "not_a_date:skssq_z", "infinity"),
    "period end of 12011": ("sb_zzs", "skssq_z = '12011-09-30'", "not_a_date:skssq_z", "12011-09-30"),
    "period start of 44 BC": ("sb_zzs", "skssq_q = '0044-03-15 BC'", "not_a_date:skssq_q", "0044-03-15 BC"),
    "filed at -infinity": ("sb_zzs", "sbrq = '-infinity'", "not_a_date:sbrq", "-infinity"),
    "filed in the year 12011": ("sb_zzs", "sbrq = '12011-10-12 09:30:00'", "not_a_date:sbrq", "12011-10-12 09:30:00"),
    "registered on infinity": ("dj_nsrxx", "djrq = 'infinity'", "not_a_date:djrq", "infinity"),
    "changed at 44 BC": ("dj_nsrxx", "xgrq = '0044-03-15 12:00:00 BC'", "not_a_date:xgrq", "0044-03-15 12:00:00 BC"),
    "NaN for an amount": ("sb_zzs", "xse = 'NaN'", "not_a_number:xse", "NaN"),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_value_that_the_driver_cannot_read_is_kept_aside_by_table_key_and_column(fault: str, database: str, tmp_path: Path) -> None:
    table, setting, unfit, given = UNREADABLE[fault]
    key = "djxh = 11" if table == "dj_nsrxx" else "sbxh = 11"
    change(database, f"update {table} set {setting} where {key}")
    landed, _ = land(tmp_path / "a", database)
    assert [item.rows for item in landed] == [{"dj_nsrxx": 150, "sb_zzs": 150, "sb_yfjjkc": 150}] * 2
    assert notes_of(tmp_path / "a", table) == {11: (unfit, {unfit.split(":")[1]: given})}


def test_a_row_without_a_period_end_lands_in_the_quarter_of_its_start(database: str, tmp_path: Path) -> None:
    change(database, "update sb_zzs set skssq_z = null where sbxh = 11")
    landed, _ = land(tmp_path / "a", database)
    assert [item.rows["sb_zzs"] for item in landed] == [150, 150]


FORMS = {
    "a period end declared varchar": ("alter table sb_zzs alter column skssq_z type varchar(10)",),
    "moments declared as text": ("alter table sb_zzs alter column sbrq type text",),
    "a wider numeric": ("alter table sb_zzs alter column xse type numeric(30,6)",),
    "a numeric without bounds": ("alter table sb_zzs alter column xse type numeric",),
    "amounts as text": ("alter table sb_zzs alter column xse type text",),
    "a key declared numeric": ("alter table sb_zzs alter column sbxh type numeric(20,0)",),
    "small integers": ("alter table sb_yfjjkc alter column xmsl type smallint",),
    "codes padded by char(n)": ("alter table dj_nsrxx alter column xzqh_dm type char(12)",),
    "a domain over numeric": (
        "create domain amount as numeric(18,2)",
        "create domain amount_of_tax as amount check (value > -1e15)",
        "alter table sb_zzs alter column xse type amount_of_tax",
    ),
    "domains over days and moments": (
        "create domain day as date",
        "create domain moment as timestamp",
        "alter table sb_zzs alter column skssq_z type day, alter column sbrq type moment",
    ),
    "days declared timestamptz": (
        "set local time zone 'Asia/Shanghai'",
        "alter table sb_zzs alter column skssq_z type timestamptz",
    ),
    "another style of dates": ("alter role tax set datestyle = 'German, DMY'",),
    "a view": ("alter table sb_zzs rename to kept", "create view sb_zzs as select * from kept"),
    "a materialised view": ("alter table sb_zzs rename to kept", "create materialized view sb_zzs as select * from kept"),
    "a partitioned table": (
        "alter table sb_zzs rename to kept",
        "create table sb_zzs (like kept) partition by range (skssq_z)",
        "create table sb_zzs_all partition of sb_zzs default",
        "insert into sb_zzs select * from kept",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_in_another_form_that_holds_the_same_lands_the_same(form: str, database: str, tmp_path: Path) -> None:
    _, plain = land(tmp_path / "a", database)
    change(database, *FORMS[form])
    _, other = land(tmp_path / "b", database)
    assert other == plain


REFUSED = {
    "an amount": ("sb_zzs", "xse", "double precision using 1"),
    "a key of text": ("sb_zzs", "sbxh", "varchar(20)"),
    "a number of projects": ("sb_yfjjkc", "xmsl", "real using 1"),
    "a moment without its time": ("sb_zzs", "sbrq", "date"),
    "a day": ("sb_zzs", "skssq_z", "interval using null"),
    "a code that is a number": ("dj_nsrxx", "nsrsbh", "numeric using 1"),
    "a name that is bytes": ("dj_nsrxx", "nsrmc", "bytea using null"),
    "a domain over a float": ("sb_zzs", "ynse", "rough using 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_declared_type_that_cannot_hold_the_values_is_refused_by_its_column(what: str, database: str, tmp_path: Path) -> None:
    table, column, declared = REFUSED[what]
    change(database, "create domain rough as real", f"alter table {table} alter column {column} type {declared}")
    with pytest.raises(DeliveryRejected) as caught:
        land(tmp_path / "a", database)
    problem = caught.value.problem
    assert (problem.code, problem.sheet, problem.place) == ("column_type", table, f"column {column}")


def test_a_third_decimal_in_a_wider_numeric_is_kept_aside(database: str, tmp_path: Path) -> None:
    change(database, "alter table sb_zzs alter column xse type numeric(20,4)", "update sb_zzs set xse = 1.005 where sbxh = 11")
    land(tmp_path / "a", database)
    assert notes_of(tmp_path / "a", "sb_zzs") == {11: ("value_unfit:xse", {"xse": "1.0050"})}


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
