"""The tax feed on SQLite: what is extracted, when an extract is a new delivery, and what is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_deliveries import Place

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.feeds import TAX_TABLES
from pipelines.landing import tax_extract, tax_part
from pipelines.quarters import Quarter

Q2, Q3, Q4 = Quarter(2023, 2), Quarter(2023, 3), Quarter(2023, 4)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def landing_bytes(place: Place) -> dict[str, bytes]:
    return {
        str(path.relative_to(place.warehouse.landing)): path.read_bytes() for path in sorted(place.warehouse.landing.rglob("*.parquet"))
    }


def test_a_quarter_gets_all_taxpayers_and_the_returns_whose_period_ends_in_it(place: Place, tax_sqlite: Path) -> None:
    q2, q3 = place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert q2.rows == {"dj_nsrxx": 2, "sb_zzs": 1, "sb_yfjjkc": 0}
    assert q3.rows == {"dj_nsrxx": 2, "sb_zzs": 1, "sb_yfjjkc": 1}
    (vat,) = place.rows("tax", "sb_zzs", q3.delivery.delivery_id)
    assert (vat["sbxh"], vat["skssq_z"], vat["xse"]) == (11, dt.date(2023, 9, 30), Decimal("1234567890123.45"))
    assert (vat["ynse"], vat["ms_jsxse"], vat["sbrq"]) == (Decimal("0.10"), None, dt.datetime(2023, 10, 12, 9, 30))
    assert (vat["source_file"], vat["source_sheet"], vat["source_row"]) == ("tax_2023Q3.json", "sb_zzs", 11)
    register = place.rows("tax", "dj_nsrxx", q3.delivery.delivery_id)
    assert [(row["djxh"], row["hy_dm"], row["xgrq"].microsecond) for row in register] == [(1, "392", 250000), (2, "3562", 0)]


def test_the_extract_is_the_delivery_and_is_archived_in_parts(place: Place, tax_sqlite: Path) -> None:
    (landed,) = place.land_tax(url_of(tax_sqlite))
    delivery = landed.delivery
    today = dt.datetime.now(dt.UTC).date()
    assert (delivery.received_on, delivery.received_no, delivery.file_name) == (today, 1, f"{today:%Y%m%d}_tax_2023Q3.json")
    index = (place.warehouse.archive / delivery.sha256[:2] / delivery.sha256).read_bytes()
    assert hashlib.sha256(index).hexdigest() == delivery.sha256
    assert {name: part["rows"] for name, part in json.loads(index)["tables"].items()} == delivery.rows
    for part in json.loads(index)["tables"].values():
        archived = (place.warehouse.archive / part["sha256"][:2] / part["sha256"]).read_bytes()
        assert hashlib.sha256(archived).hexdigest() == part["sha256"]


def test_reading_an_unchanged_database_again_makes_no_new_delivery(place: Place, tax_sqlite: Path) -> None:
    first = place.land_tax(url_of(tax_sqlite), Q2, Q3)
    before = landing_bytes(place)
    second = place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert [item.is_new for item in (*first, *second)] == [True, True, False, False]
    assert landing_bytes(place) == before
    assert len(place.ledger.deliveries()) == 2


def test_a_correction_for_one_quarter_makes_a_new_delivery_of_that_quarter_alone(place: Place, tax_sqlite: Path) -> None:
    place.land_tax(url_of(tax_sqlite), Q2, Q3)
    execute(tax_sqlite, "insert into sb_zzs values (13, 2, '2023-04-01', '2023-06-30', 300, 0, 0, '2023-11-01 09:30:00')")
    q2, q3 = place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert (q2.is_new, q2.delivery.received_no, q2.rows["sb_zzs"]) == (True, 2, 2)
    assert not q3.is_new


def test_a_quarter_before_the_asked_ones_is_extracted_once_and_then_left_as_it_is(place: Place, tax_sqlite: Path) -> None:
    history = [Q2.plus(-1), Q2, Q3]
    first = place.land_tax(url_of(tax_sqlite), Q3, history=history)
    assert [(item.delivery.quarter, item.is_new) for item in first] == [(str(Q2), True), (str(Q3), True)]
    execute(tax_sqlite, "insert into sb_zzs values (13, 2, '2023-04-01', '2023-06-30', 300, 0, 0, '2023-11-01 09:30:00')")
    second = place.land_tax(url_of(tax_sqlite), Q3, history=history)
    assert [(item.delivery.quarter, item.is_new) for item in second] == [(str(Q2), False), (str(Q3), False)]
    assert place.land_tax(url_of(tax_sqlite), Q2)[0].is_new


def test_landing_can_be_rebuilt_from_the_archive_alone(place: Place, tax_sqlite: Path) -> None:
    place.land_tax(url_of(tax_sqlite))
    before = landing_bytes(place)
    execute(tax_sqlite, "insert into sb_zzs values (13, 2, '2023-07-01', '2023-09-30', 300, 0, 0, '2023-11-01 09:30:00')")
    shutil.rmtree(place.warehouse.landing)
    (landed,) = place.land_tax(url_of(tax_sqlite))
    assert landed.is_new
    assert {name: content for name, content in landing_bytes(place).items() if name in before} == before


def test_a_day_stored_with_a_time_is_the_same_day(place: Place, tax_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    first = place.land_tax(url_of(tax_sqlite))
    execute(tax_sqlite, "update sb_zzs set skssq_z = skssq_z || ' 00:00:00'")
    second = other.land_tax(url_of(tax_sqlite))
    assert first[0].delivery.sha256 == second[0].delivery.sha256


def test_rows_are_streamed_in_chunks(place: Place, tax_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (tax_extract, tax_part):
        monkeypatch.setattr(module, "ROW_GROUP", 1)
    (landed,) = place.land_tax(url_of(tax_sqlite))
    index = json.loads((place.warehouse.archive / landed.delivery.sha256[:2] / landed.delivery.sha256).read_bytes())
    sha256 = index["tables"]["dj_nsrxx"]["sha256"]
    assert pq.read_metadata(place.warehouse.archive / sha256[:2] / sha256).num_row_groups == 2


def test_amounts_land_as_decimals_of_two_places(place: Place, tax_sqlite: Path) -> None:
    place.land_tax(url_of(tax_sqlite))
    (path,) = (place.warehouse.landing / "tax" / "sb_yfjjkc").rglob("*.parquet")
    assert pq.ParquetFile(path).schema_arrow.field("yffy_gj").type == pa.decimal128(18, 2)


def test_a_quarter_without_returns_has_no_delivery(place: Place, tax_sqlite: Path) -> None:
    assert place.land_tax(url_of(tax_sqlite), Q4) == []
    assert place.ledger.deliveries() == []


REFUSED = {
    "a missing table": (("drop table sb_yfjjkc",), "table_missing", "sb_yfjjkc", "dj_nsrxx, sb_zzs"),
    "a missing column": (("alter table sb_zzs rename column ms_jsxse to msxse",), "column_missing", "sb_zzs", "msxse"),
    "no taxpayers": (("delete from dj_nsrxx",), "body_empty", "dj_nsrxx", "no row"),
    "no period's end anywhere": (("update sb_zzs set skssq_z = null, skssq_q = null, sbrq = null",), "value_unfit", "sb_zzs", "2 rows"),
    "a key that is no number": (
        (
            "create table t as select 'A' || sbxh as sbxh, djxh, skssq_q, skssq_z, xse, ynse, ms_jsxse, sbrq from sb_zzs",
            "drop table sb_zzs",
            "alter table t rename to sb_zzs",
        ),
        "key_duplicate",
        "sb_zzs",
        "no whole number",
    ),
    "a key twice": (
        (
            "create table t as select * from sb_zzs",
            "insert into t select * from sb_zzs",
            "drop table sb_zzs",
            "alter table t rename to sb_zzs",
        ),
        "key_duplicate",
        "sb_zzs",
        "key 11 twice",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_database_that_breaks_the_contract_is_refused_by_name_and_recorded_once(fault: str, place: Place, tax_sqlite: Path) -> None:
    statements, code, table, found = REFUSED[fault]
    execute(tax_sqlite, *statements)
    for _ in range(2):
        with pytest.raises(DeliveryRejected) as caught:
            place.land_tax(url_of(tax_sqlite))
        assert (caught.value.problem.code, caught.value.problem.sheet) == (code, table)
        assert found in caught.value.problem.found
    (recorded,) = place.ledger.deliveries()
    assert not recorded.accepted
    assert not list(place.warehouse.landing.rglob("*.parquet"))


UNFIT = {
    "text in an amount": ("sb_zzs", "xse = '约三万'", "not_a_number:xse", '{"xse": "约三万"}'),
    "three decimals": ("sb_zzs", "xse = 1.005", "value_unfit:xse", '{"xse": "1.005"}'),
    "a date that is none": ("dj_nsrxx", "djrq = '2023-02-30'", "not_a_date:djrq", '{"djrq": "2023-02-30"}'),
    "bytes that are no text": ("dj_nsrxx", "nsrmc = cast(x'b9ab' as text)", "mojibake:nsrmc", None),
    "half a taxpayer's number": ("sb_zzs", "djxh = 1.5", "value_unfit:djxh", '{"djxh": "1.5"}'),
    "two faults": ("sb_zzs", "xse = 'x', sbrq = 'infinity'", "not_a_number:xse", '{"xse": "x", "sbrq": "infinity"}'),
}


@pytest.mark.parametrize("fault", UNFIT)
def test_a_value_that_does_not_fit_is_landed_without_it_and_with_what_was_given(fault: str, place: Place, tax_sqlite: Path) -> None:
    table, change, unfit, given = UNFIT[fault]
    key = "djxh = 1" if table == "dj_nsrxx" else "sbxh = 11"
    execute(tax_sqlite, f"update {table} set {change} where {key}")
    (landed,) = place.land_tax(url_of(tax_sqlite))
    rows = place.rows("tax", table, landed.delivery.delivery_id)
    (row,) = (each for each in rows if each["unfit"])
    assert (row["unfit"], row["coercions"]) == (unfit, 0)
    assert row[unfit.split(":")[1]] is None
    assert given is None or row["given"] == given


SPELLINGS = [
    "2023-9-30",
    "20230930",
    20230930,
    "2023/9/30",
    "2023.9.30",
    "2023年9月30日",
    "２０２３－０９－３０",
    "　2023-09-30 ",
    "2023-09-30 23:59:59",
    "2023-09-30T16:30+09:00",
]


@pytest.mark.parametrize("form", SPELLINGS)
def test_a_legal_spelling_of_a_period_end_is_read_and_noted(form: str | int, place: Place, tax_sqlite: Path) -> None:
    value = f"'{form}'" if isinstance(form, str) else str(form)
    execute(tax_sqlite, f"update sb_zzs set skssq_z = {value} where sbxh = 11")
    (landed,) = place.land_tax(url_of(tax_sqlite))
    (row,) = place.rows("tax", "sb_zzs", landed.delivery.delivery_id)
    assert (row["sbxh"], row["skssq_z"], row["unfit"], row["coercions"]) == (11, dt.date(2023, 9, 30), None, 1)
    assert json.loads(row["given"]) == {"skssq_z": str(form)}


NO_END = [None, "", "infinity", "季末", "30/09/2023", "2023-09-31", 45199, "0044-03-15 BC", "2203-09-30", "12011-09-30"]


@pytest.mark.parametrize("end", NO_END)
def test_a_row_without_a_period_end_is_in_the_quarter_that_it_was_filed_after(
    end: str | int | None, place: Place, tax_sqlite: Path
) -> None:
    execute(tax_sqlite, f"update sb_yfjjkc set skssq_z = {'null' if end is None else repr(end)}")
    q2, q3 = place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert (q2.rows["sb_yfjjkc"], q3.rows["sb_yfjjkc"]) == (0, 1)
    assert account(place)["sb_yfjjkc"] == {"rows": 1, "ends": {}, "placed": {"2023Q3": 1}, "unplaced": 0}


def account(place: Place) -> dict[str, Any]:
    (found,) = place.ledger.entries("account")
    return found.payload


def test_a_row_that_nothing_places_is_in_every_extract_and_is_no_extract_alone(place: Place, tax_sqlite: Path) -> None:
    execute(tax_sqlite, "insert into sb_zzs values (13, 2, null, null, 300, 0, 0, null)")
    q2, q3 = place.land_tax(url_of(tax_sqlite), Q2, Q3, Q4)
    assert (q2.rows["sb_zzs"], q3.rows["sb_zzs"]) == (2, 2)
    assert account(place)["sb_zzs"] == {"rows": 3, "ends": {"2023Q2": 1, "2023Q3": 1}, "placed": {}, "unplaced": 1}
    assert [item.is_new for item in place.land_tax(url_of(tax_sqlite), Q2, Q3)] == [False, False]


def test_the_account_of_a_table_adds_up_and_is_recorded_when_it_changes(place: Place, tax_sqlite: Path) -> None:
    for _ in range(2):
        place.land_tax(url_of(tax_sqlite))
    assert account(place) == {
        "sb_zzs": {"rows": 2, "ends": {"2023Q2": 1, "2023Q3": 1}, "placed": {}, "unplaced": 0},
        "sb_yfjjkc": {"rows": 1, "ends": {"2023Q3": 1}, "placed": {}, "unplaced": 0},
    }
    execute(tax_sqlite, "delete from sb_zzs where sbxh = 12")
    place.land_tax(url_of(tax_sqlite))
    assert len(place.ledger.entries("account")) == 2


def test_notes_of_a_late_chunk_stand_beside_its_rows(place: Place, tax_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tax_part, "ROW_GROUP", 1)
    execute(tax_sqlite, "update dj_nsrxx set djrq = '2012/5/6' where djxh = 2")
    (landed,) = place.land_tax(url_of(tax_sqlite))
    rows = place.rows("tax", "dj_nsrxx", landed.delivery.delivery_id)
    assert [(row["djxh"], row["coercions"], row["given"]) for row in rows] == [(1, 0, None), (2, 1, '{"djrq": "2012/5/6"}')]


@pytest.mark.parametrize(("storage", "first"), [("text", 0), ("blob", 0), ("real", 1), ("integer", 1)])
def test_the_storage_of_a_column_makes_no_difference(storage: str, first: int, place: Place, tax_sqlite: Path, tmp_path: Path) -> None:
    """Numbers keep no zeros in front, so that codes of the register are text."""
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    (clean,) = place.land_tax(url_of(tax_sqlite))
    for table in TAX_TABLES[first:]:
        names = [column.name for column in table.columns]
        execute(
            tax_sqlite,
            f"alter table {table.name} rename to kept",
            f"create table {table.name} ({', '.join(f'{name} {storage}' for name in names)})",
            f"insert into {table.name} select {', '.join(names)} from kept",
            "drop table kept",
        )
    (changed,) = other.land_tax(url_of(tax_sqlite))
    assert changed.delivery.sha256 == clean.delivery.sha256


def test_an_emptied_database_is_refused_and_the_extract_before_stays_in_force(place: Place, tax_sqlite: Path) -> None:
    (before,) = place.land_tax(url_of(tax_sqlite))
    execute(tax_sqlite, "delete from sb_zzs", "delete from sb_yfjjkc")
    with pytest.raises(DeliveryRejected, match="stays in force"):
        place.land_tax(url_of(tax_sqlite))
    assert place.ledger.in_force()["2023Q3", "tax"] == before.delivery


def test_a_missing_database_is_an_error_and_is_never_made(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"tax database unreachable.*next: check"):
        place.land_tax(url_of(tmp_path / "none.sqlite"))
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("url", ["postgresql://u:geheim@127.0.0.1:1/d", "postgresql://u:geheim@no.such.host.invalid/d?password=geheim"])
def test_an_unreachable_server_is_an_error_that_tells_no_password(url: str, place: Place) -> None:
    with pytest.raises(InfrastructureError) as caught:
        place.land_tax(url)
    assert "geheim" not in str(caught.value)
    assert "unreachable" in str(caught.value)


@pytest.mark.parametrize("url", ["", "tax.sqlite", "nosuchdb://u:geheim@host/d"])
def test_a_url_that_cannot_be_used_is_an_error_that_tells_no_password(url: str, place: Place) -> None:
    with pytest.raises(InfrastructureError, match="SQLAlchemy URL") as caught:
        place.land_tax(url)
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_no_database_is_an_error(place: Place, tmp_path: Path) -> None:
    (tmp_path / "tax.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(InfrastructureError, match="tax database unreachable"):
        place.land_tax(url_of(tmp_path / "tax.sqlite"))


def test_a_fault_in_one_quarter_does_not_keep_the_others_from_landing(place: Place, tax_sqlite: Path) -> None:
    place.land_tax(url_of(tax_sqlite), Q2)
    execute(tax_sqlite, "delete from sb_zzs where sbxh = 12")
    with pytest.raises(DeliveryRejected, match="no row for 2023Q2"):
        place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert list(place.ledger.in_force()) == [("2023Q2", "tax"), ("2023Q3", "tax")]
