"""What lies in a feed's folder and is no ordinary file is refused in words and never opened; names may be in any encoding."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from landing_deliveries import CONTRACT_HEADER, CONTRACT_ROW, Q3, Place

from pipelines.errors import DeliveryRejected, InfrastructureError, UsageError
from pipelines.landing import archive
from pipelines.landing.drop_folder import check_layout, name_of, scan
from pipelines.landing.files import land_files
from pipelines.ledger import Ledger
from pipelines.operation.arrivals import DropFolderWatch
from pipelines.receipts import issue_structure
from pipelines.receipts.keeping import receipt_files
from pipelines.settings import Settings
from pipelines.status import quarter_states

NAME = "20231012_合同.csv"
CONTENT = f"{CONTRACT_HEADER}\r\n{CONTRACT_ROW}\r\n".encode("gb18030")


def link_to_a_delivery(path: Path) -> None:
    elsewhere = path.parent.parent.parent.parent / "elsewhere.csv"
    elsewhere.write_bytes(CONTENT)
    path.symlink_to(elsewhere)


def link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.csv")


def bound_socket(path: Path) -> None:
    # The address of a socket is short.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind("s")
        Path("s").rename(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (link_to_a_delivery, "a symbolic link"),
    "a link to nothing": (link_to_nothing, "a symbolic link"),
    "a pipe": (os.mkfifo, "a named pipe"),
    "a socket": (bound_socket, "a socket"),
    "a folder": (os.mkdir, "a folder"),
    "a device that never ends": (device, "a device"),
}


@pytest.mark.parametrize(("make", "words"), KINDS.values(), ids=KINDS)
def test_what_is_no_file_is_refused_in_words_recorded_once_and_gets_a_receipt(
    place: Place, make: Callable[[Path], object], words: str
) -> None:
    try:
        make(place.drop("contracts", NAME))
    except PermissionError:
        pytest.skip("this user may not make devices")
    for _ in range(2):
        problem = place.reject("contracts")
        assert (problem.code, problem.file, problem.found) == ("not_a_file", NAME, words)
    (delivery,) = place.ledger.deliveries()
    assert (delivery.accepted, delivery.file_name) == (False, NAME)
    archive.verified(place.warehouse, delivery.sha256)
    issue_structure("contracts", [Q3], place.warehouse, place.ledger, "tester")
    page, workbook = receipt_files(place.warehouse, delivery)
    assert "报送的不是文件" in page.read_text(encoding="utf-8")
    assert workbook.exists()


def test_a_link_among_others_feeds_keeps_no_delivery_beside_it_from_landing(place: Place) -> None:
    link_to_a_delivery(place.drop("contracts", "20231011_旧.csv"))
    place.drop("contracts", NAME).write_bytes(CONTENT)
    place.reject("contracts")
    assert place.ledger.in_force()["2023Q3", "contracts"].file_name == NAME


def test_a_pipe_starts_one_run_of_the_sensor_and_none_once_it_is_recorded(place: Place) -> None:
    os.mkfifo(place.drop("contracts", NAME))
    watch = DropFolderWatch()
    (arrival,) = watch.look(place.data_raw, place.ledger, [Q3])
    assert arrival.feeds == ("contracts",)
    place.reject("contracts")
    assert watch.look(place.data_raw, place.ledger, [Q3]) == []


@pytest.mark.parametrize("linked", ["2023Q3", "2023Q3/contracts", "2023Q3/tax"])
def test_a_linked_folder_of_a_quarter_or_feed_is_refused_before_anything_in_it_is_read(place: Place, linked: str) -> None:
    real = place.root / "elsewhere"
    (real / "contracts").mkdir(parents=True)
    target = place.data_raw / linked
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(real)
    with pytest.raises(UsageError, match="no folder of its own") as refused:
        check_layout(place.data_raw, [Q3])
    assert linked in str(refused.value)


def test_the_drop_folder_itself_may_be_a_link(place: Place) -> None:
    place.drop("contracts", NAME).write_bytes(CONTENT)
    link = place.root / "link"
    link.symlink_to(place.data_raw)
    check_layout(link, [Q3])
    (landed,) = land_files("contracts", [Q3], link, place.warehouse, place.ledger, "tester")
    assert landed.delivery.file_name == NAME


def test_a_file_where_a_feeds_folder_should_be_is_refused(place: Place) -> None:
    place.drop("contracts", NAME)
    (place.data_raw / "2023Q3" / "ledger").write_bytes(b"")
    with pytest.raises(UsageError, match="no folder of its own"):
        check_layout(place.data_raw, [Q3])


ODD_NAMES = {
    "GBK from a Windows upload": ("20231012_技术合同登记明细.csv".encode("gbk"), "20231012_技术合同登记明细.csv"),
    "half of a character": ("20231012_技术".encode()[:-1] + b".csv", "20231012_技\\xe6\\x9c.csv"),
    "latin-1": (b"20231012_" + "reçu".encode("latin-1") + b".csv", ""),
    "a line break and an escape": (b"20231012_a\nb\x1b[31m.csv", "20231012_a\\nb\\x1b[31m.csv"),
    "as long as a disk takes": (b"20231012_" + "技".encode("gbk") * 121 + b".csv", f"20231012_{'技' * 121}.csv"),
}


@pytest.mark.parametrize(("raw", "expected"), ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_name_in_any_encoding_passes_ledger_landing_receipts_and_status(place: Place, raw: bytes, expected: str) -> None:
    folder = place.drop("contracts", "x").parent
    (folder / os.fsdecode(raw)).write_bytes(CONTENT)
    (landed,) = place.land("contracts")
    name = landed.delivery.file_name
    name.encode()
    assert name == (expected or name)
    (recorded,) = Ledger(f"sqlite:///{place.warehouse.root / 'ledger.sqlite'}").deliveries()
    assert recorded == landed.delivery
    assert {row["source_file"] for row in place.rows("contracts", "contracts")} == {name}
    issue_structure("contracts", [Q3], place.warehouse, place.ledger, "tester")
    assert all(path.exists() for path in receipt_files(place.warehouse, landed.delivery))
    state = next(
        each for each in quarter_states(Settings(data_raw=place.data_raw, warehouse=place.warehouse.root)) if each.quarter == "2023Q3"
    )
    assert (state.in_force["contracts"].file_name, state.waiting) == (name, [])
    place.ledger.verify()


def test_a_refused_file_is_named_in_any_encoding_too(place: Place) -> None:
    folder = place.drop("contracts", "x").parent
    (folder / os.fsdecode("合同.csv".encode("gbk"))).write_bytes(CONTENT)
    problem = place.reject("contracts")
    assert (problem.code, problem.file) == ("file_name", "合同.csv")


def test_a_name_that_is_utf_8_stays_as_it_is_and_a_full_width_space_is_no_fault() -> None:
    for name in ("20231012_技术　合同.csv", "20231012_😀.csv", "20231012_a\\xb5.csv"):
        assert name_of(Path(name)) == name


def test_a_file_of_no_bytes_is_refused_in_words(place: Place) -> None:
    for feed, name in (("contracts", NAME), ("ledger", "20231012_a.xlsx")):
        place.drop(feed, name).write_bytes(b"")
        assert place.reject(feed).code == "unreadable"


@pytest.fixture
def written_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let an office write on at a file while the archive is asked for its place, which is between two looks at it."""

    def write_on(path: Path) -> None:
        place_of = archive.place_of

        def meanwhile(*arguments: object) -> Path:
            with path.open("ab") as office:
                office.write(b"x")
            return place_of(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(archive, "place_of", meanwhile)

    return write_on


def test_a_file_that_changes_while_it_is_read_is_told_and_not_recorded(place: Place, written_on: Callable[[Path], None]) -> None:
    path = place.drop("contracts", NAME)
    path.write_bytes(CONTENT)
    written_on(path)
    with pytest.raises(InfrastructureError, match="changes while it is read"):
        place.land("contracts")
    assert place.ledger.deliveries() == []


def test_a_file_that_cannot_be_read_hides_no_rejection_of_another_quarter(place: Place, written_on: Callable[[Path], None]) -> None:
    place.drop("contracts", NAME).write_bytes(b"")
    path = place.drop("contracts", "20240112_b.csv", Q3.plus(1))
    path.write_bytes(CONTENT)
    written_on(path)
    with pytest.raises(InfrastructureError) as told:
        place.land("contracts", Q3, Q3.plus(1))
    assert [line.split(":")[0] for line in told.value.lines] == ["delivery not readable", "unreadable"]


def test_a_link_that_took_the_place_of_a_file_after_the_folder_was_listed_is_not_followed(place: Place) -> None:
    path = place.drop("contracts", NAME)
    path.write_bytes(CONTENT)
    (listed,) = scan(place.data_raw, Q3, "contracts").files
    path.unlink()
    link_to_a_delivery(path)
    with pytest.raises(archive.Unreadable, match="not readable"):
        archive.keep_file(place.warehouse, listed.path)


def test_several_rejections_are_told_line_by_line(place: Place) -> None:
    place.drop("contracts", NAME).write_bytes(b"")
    os.mkfifo(place.drop("contracts", "20240112_b.csv", Q3.plus(1)))
    with pytest.raises(DeliveryRejected) as told:
        place.land("contracts", Q3, Q3.plus(1))
    assert [line.split(":")[0] for line in told.value.lines] == ["unreadable", "not_a_file"]
