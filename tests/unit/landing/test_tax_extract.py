"""The tax feed on SQLite: what is extracted, when an extract is a new delivery, and what is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_deliveries import Place

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.landing import tax_extract
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
    monkeypatch.setattr(tax_extract, "ROW_GROUP", 1)
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
    "text in an amount": (("update sb_zzs set xse = '约三万'",), "value_unfit", "sb_zzs", "字字字"),
    "three decimals": (("update sb_zzs set xse = 1.005",), "value_unfit", "sb_zzs", "9.999"),
    "a date that is none": (("update dj_nsrxx set djrq = '2023-02-30'",), "value_unfit", "dj_nsrxx", "9999-99-99"),
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


def test_a_value_that_does_not_fit_is_named_by_its_row_and_column(place: Place, tax_sqlite: Path) -> None:
    execute(tax_sqlite, "update sb_yfjjkc set jjkc_je = 'x'")
    with pytest.raises(DeliveryRejected) as caught:
        place.land_tax(url_of(tax_sqlite))
    assert caught.value.problem.place == "sbxh 21 column jjkc_je"


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
    execute(tax_sqlite, "update sb_zzs set xse = 'x' where sbxh = 12")
    with pytest.raises(DeliveryRejected, match="sbxh 12 column xse"):
        place.land_tax(url_of(tax_sqlite), Q2, Q3)
    assert list(place.ledger.in_force()) == [("2023Q3", "tax")]
