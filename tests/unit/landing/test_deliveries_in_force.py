"""Which delivery counts: re-deliveries, rejects, repeated runs, and deliveries that left the drop folder."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from landing_deliveries import CONTRACT_ROW, Place, contracts_text

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.landing import export_in_force, parquet
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter

Q3, Q4 = Quarter(2023, 3), Quarter(2023, 4)


def csv_of(*names: str) -> bytes:
    return contracts_text(*(CONTRACT_ROW.replace("甲公司", name) for name in names)).encode("gb18030")


def landing_files(place: Place) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(place.warehouse.landing.rglob("*.parquet"))}


def test_the_newest_delivery_is_in_force_with_numbers_compared_as_numbers(place: Place) -> None:
    for name in ("20231012_a.csv", "20231012-2_a.csv", "20231012-10_a.csv", "20231011_z.csv"):
        place.drop("contracts", name).write_bytes(csv_of(name))
    (landed,) = place.land("contracts")
    assert (landed.delivery.file_name, landed.delivery.received_no, landed.is_new) == ("20231012-10_a.csv", 10, True)
    assert len(place.ledger.deliveries()) == 4
    assert len(landing_files(place)) == 4, "superseded deliveries stay landed for as-of reading"
    assert place.ledger.in_force(dt.date(2023, 10, 11))["2023Q3", "contracts"].file_name == "20231011_z.csv"


def test_the_same_run_twice_changes_no_file_and_records_nothing(place: Place, save_statistics: Callable[..., Path]) -> None:
    save_statistics()
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    first = [place.land(feed)[0] for feed in ("statistics", "contracts")]
    before, recorded = landing_files(place), len(place.ledger.entries())
    second = [place.land(feed)[0] for feed in ("statistics", "contracts")]
    assert [item.is_new for item in (*first, *second)] == [True, True, False, False]
    assert landing_files(place) == before
    assert len(place.ledger.entries()) == recorded


def test_two_warehouses_land_the_same_bytes(place: Place, tmp_path: Path, save_statistics: Callable[..., Path]) -> None:
    save_statistics()
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    other.data_raw = place.data_raw
    for where in (place, other):
        where.land("statistics")
        export_in_force(where.warehouse, where.ledger)
    contents = [[content for content, _ in landing_files(where).values()] for where in (place, other)]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 5 + 13 + 3 + 1, (
        "five sheets, an empty file for each of 13 tables and of 3 of what is published, and the deliveries in force"
    )


def test_the_same_bytes_under_another_name_are_a_receipt_without_a_new_landing(place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    place.land("contracts")
    before = landing_files(place)
    place.drop("contracts", "20231013_a.csv").write_bytes(csv_of("甲"))
    (landed,) = place.land("contracts")
    assert (landed.delivery.file_name, landed.rows) == ("20231013_a.csv", {"contracts": 1})
    assert landing_files(place) == before
    assert len(place.ledger.deliveries()) == 2


def test_a_rejected_newest_delivery_stops_the_run_and_its_predecessor_stays_in_force(place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    place.land("contracts")
    bad = place.drop("contracts", "20231013_b.csv")
    bad.write_bytes(b"")
    for _ in range(2):
        problem = place.reject("contracts")
        assert problem.file == "20231013_b.csv"
        assert "20231012_a.csv stays in force" in problem.next_step
        assert "take 2023Q3/contracts/20231013_b.csv out" in problem.next_step
        assert place.ledger.in_force()["2023Q3", "contracts"].file_name == "20231012_a.csv"
    assert len(place.ledger.deliveries()) == 2, "the same outcome is recorded once"
    bad.unlink()
    assert place.land("contracts")[0].delivery.file_name == "20231012_a.csv"


def test_a_correction_after_a_reject_comes_into_force(place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(b"")
    place.reject("contracts")
    place.drop("contracts", "20231012-2_a.csv").write_bytes(csv_of("甲"))
    assert place.land("contracts")[0].delivery.file_name == "20231012-2_a.csv"


def test_a_reject_does_not_keep_other_quarters_from_landing_and_all_are_told(place: Place) -> None:
    place.drop("contracts", "20231012_a.csv", Q3).write_bytes(b"")
    place.drop("contracts", "20240112_a.csv", Q4).write_bytes(csv_of("甲"))
    with pytest.raises(DeliveryRejected, match="unreadable"):
        place.land("contracts", Q3, Q4)
    assert list(place.ledger.in_force()) == [("2023Q4", "contracts")]
    place.drop("contracts", "20240113_b.csv", Q4).write_bytes(b"PK\x03\x04")
    with pytest.raises(DeliveryRejected, match=r"20231012_a\.csv.*20240113_b\.csv"):
        place.land("contracts", Q3, Q4)


def test_a_quarter_without_files_has_no_delivery_and_no_error(place: Place) -> None:
    assert place.land("contracts", Q3, Q4) == []


def test_a_delivery_whose_file_left_the_drop_folder_stays_in_force_and_lands_again_from_the_archive(place: Place) -> None:
    path = place.drop("contracts", "20231012_a.csv")
    path.write_bytes(csv_of("甲"))
    place.land("contracts")
    before = landing_files(place)
    path.unlink()
    for landed_file in before:
        landed_file.unlink()
    (landed,) = place.land("contracts")
    assert (landed.is_new, landed.rows) == (False, {"contracts": 1})
    assert [content for content, _ in landing_files(place).values()] == [content for content, _ in before.values()]


def test_a_new_parser_lands_again_without_a_new_ledger_entry(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    place.land("contracts")
    before, recorded = landing_files(place), len(place.ledger.entries())
    monkeypatch.setattr(parquet, "parser_fingerprint", lambda: "another")
    (landed,) = place.land("contracts")
    assert not landed.is_new
    assert landing_files(place) != before
    assert len(place.ledger.entries()) == recorded


def test_a_damaged_archive_is_an_error_and_never_read(place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    (landed,) = place.land("contracts")
    archived = place.warehouse.archive / landed.delivery.sha256[:2] / landed.delivery.sha256
    assert archived.stat().st_mode & 0o777 == 0o400
    os.chmod(archived, 0o644)
    archived.write_bytes(csv_of("乙"))
    for path in landing_files(place):
        path.unlink()
    with pytest.raises(InfrastructureError, match="archive damaged"):
        place.land("contracts")


@pytest.mark.parametrize("name", ["技术合同.csv", "2023-10-12_a.csv", "20231312_a.csv", "20231012-0_a.csv", "20231012a.csv", "20231012_a"])
def test_a_file_whose_name_says_no_day_is_kept_recorded_and_stops_the_run(name: str, place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    place.drop("contracts", name).write_bytes(csv_of("乙"))
    for _ in range(2):
        problem = place.reject("contracts")
        assert (problem.code, problem.file) == ("file_name", name)
    assert len(place.ledger.deliveries()) == 2
    assert place.ledger.in_force()["2023Q3", "contracts"].file_name == "20231012_a.csv"


@pytest.mark.parametrize("name", ["~$20231012_a.csv", ".20231012_b.csv", "20231012_b.csv.part", "Thumbs.db"])
def test_lock_hidden_and_partial_files_are_passed_over_with_a_note(name: str, place: Place) -> None:
    place.drop("contracts", "20231012_a.csv").write_bytes(csv_of("甲"))
    place.drop("contracts", name).write_bytes(b"x")
    (landed,) = place.land("contracts")
    assert any(note.startswith(name) for note in landed.notes)


def test_the_table_of_deliveries_in_force_is_sorted_and_the_ledger_knows_it_of_a_past_day(place: Place) -> None:
    place.drop("contracts", "20240112_a.csv", Q4).write_bytes(csv_of("甲"))
    place.drop("contracts", "20231012_a.csv", Q3).write_bytes(csv_of("甲"))
    place.drop("contracts", "20231013_a.csv", Q3).write_bytes(csv_of("乙"))
    place.land("contracts", Q4, Q3)

    ledger = Ledger(f"sqlite:///{place.warehouse.root / 'ledger.sqlite'}")
    export_in_force(place.warehouse, ledger)
    exported = duckdb.sql(f"select quarter, file_name from '{place.warehouse.landing / 'in_force.parquet'}'").fetchall()
    assert exported == [("2023Q3", "20231013_a.csv"), ("2023Q4", "20240112_a.csv")]
    known_then = ledger.in_force(dt.date(2023, 10, 12))
    assert [(quarter, delivery.file_name) for (quarter, _), delivery in known_then.items()] == [("2023Q3", "20231012_a.csv")]


def test_every_table_can_be_read_before_anything_is_delivered(place: Place) -> None:
    export_in_force(place.warehouse, place.ledger)
    empty = sorted(place.warehouse.landing.glob("*/*/quarter=none/contract.parquet"))
    assert len(empty) == 13
    assert [duckdb.sql(f"select count(*) from '{path}'").fetchall() for path in empty] == [[(0,)]] * 13
