"""A backup holds the record as of one moment, is never spoilt by a lost or damaged original, and goes back into an empty place only."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.backup.copying import BackedUp, back_up
from pipelines.backup.inventory import INVENTORY, read_inventory
from pipelines.backup.restoring import restore
from pipelines.delivery import Delivery
from pipelines.editions.record import every_edition, verify_in_place
from pipelines.errors import Failure, InfrastructureError, LedgerBroken, UsageError
from pipelines.landing.archive import keep_bytes, place_of, sha256_of
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.small_warehouse import QUARTER, SmallWarehouse, small_warehouse

RECORD = ("archive", "editions", "findings", "lineage", "scoring_inputs")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """A quarter published twice, its first edition withdrawn by nobody."""
    made = small_warehouse(tmp_path_factory.mktemp("published"))
    made.judge()
    made.publish()
    made.sql("update ed_indicators set value = value + 1 where indicator = 'TECH_TX'")
    made.deliver("contracts", b"second csv", dt.date(2023, 11, 2))
    made.judge()
    made.publish()
    return made


@pytest.fixture
def small(published: SmallWarehouse, tmp_path: Path) -> SmallWarehouse:
    """The same in a folder of the test's own."""
    shutil.copytree(published.folder, tmp_path / "office")
    root = tmp_path / "office" / "warehouse"
    return SmallWarehouse(tmp_path / "office", Warehouse(root), Ledger(f"sqlite:///{root / 'ledger.sqlite'}"))


def reader(warehouse: Warehouse) -> Ledger:
    return Ledger(f"sqlite:///{warehouse.root / 'ledger.sqlite'}", is_reader=True)


def backed_up(small: SmallWarehouse, folder: Path, *, is_all_read: bool = False) -> BackedUp:
    return back_up(small.warehouse, reader(small.warehouse), folder, is_all_read=is_all_read)


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Path -> content and mode of every file of the record below a folder."""
    found = (path for name in RECORD for path in (root / name).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in found}


def restored(folder: Path, root: Path) -> Warehouse:
    done = restore(folder, Warehouse(root), f"sqlite:///{root / 'ledger.sqlite'}")
    assert (done.faults, done.lacking) == ([], [])
    return Warehouse(root)


def test_what_was_restored_is_the_record_byte_for_byte_and_verifies(small: SmallWarehouse, tmp_path: Path) -> None:
    done = backed_up(small, tmp_path / "backup")
    assert (done.faults, done.lines) == ([], reader(small.warehouse).end()[0])
    back = restored(tmp_path / "backup", tmp_path / "new")
    missing = {path for path in files(small.warehouse.root).keys() - files(back.root).keys() if path != "lineage/known.json"}
    assert missing == set()
    assert files(back.root).items() <= files(small.warehouse.root).items()
    assert len(every_edition(back)) == 2
    assert verify_in_place(back, reader(back), every_edition(back)) == []
    assert reader(back).lines() == reader(small.warehouse).lines()


def test_internal_files_stay_their_owners_alone_in_the_backup_too(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    for root in (tmp_path / "backup", restored(tmp_path / "backup", tmp_path / "new").root):
        for name in ("lineage", "scoring_inputs"):
            assert stat.S_IMODE((root / name).stat().st_mode) == 0o700
            assert {stat.S_IMODE(path.stat().st_mode) for path in (root / name).rglob("*.parquet")} == {0o600}


def test_only_what_is_new_is_copied_and_lines_since_do_not_bring_files_of_their_own(small: SmallWarehouse, tmp_path: Path) -> None:
    first = backed_up(small, tmp_path / "backup")
    again = backed_up(small, tmp_path / "backup")
    assert (first.copied, again.copied, again.files) == (first.files, 0, first.files)
    small.deliver("contracts", b"third csv", dt.date(2023, 11, 3))
    (small.warehouse.archive / "ab").mkdir(exist_ok=True)
    (small.warehouse.archive / "ab" / ("ab" * 32)).write_bytes(b"kept, and not recorded yet")
    later = backed_up(small, tmp_path / "backup")
    assert (later.copied, later.lines) == (1, first.lines + 1)
    assert len(list((tmp_path / "backup" / "ledger").iterdir())) == 1


def test_a_lost_or_damaged_original_is_told_and_leaves_the_copy_alone(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    shutil.rmtree(small.warehouse.editions / QUARTER / "001")
    assert backed_up(small, tmp_path / "backup").faults == []
    restored(tmp_path / "backup", tmp_path / "new")
    board = small.warehouse.editions / QUARTER / "002" / "board.html"
    board.write_bytes(b"other")
    into_another = backed_up(small, tmp_path / "another")
    assert [fault.split(": ")[0] for fault in into_another.faults] == [
        str(small.warehouse.editions / QUARTER / "001" / "manifest.json"),
        str(board),
    ]


def test_damage_of_the_backup_is_mended_by_a_check_and_found_by_a_restore(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    (damaged, *_) = sorted(path for path in (tmp_path / "backup" / "archive").rglob("*") if path.is_file())
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[::-1])
    with pytest.raises(InfrastructureError, match=f"backup damaged: .*{damaged.name}"):
        restore(tmp_path / "backup", Warehouse(tmp_path / "new"), f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite'}")
    assert not (tmp_path / "new" / "ledger.sqlite").exists()
    assert backed_up(small, tmp_path / "backup").copied == 0
    assert backed_up(small, tmp_path / "backup", is_all_read=True).copied == 1
    restored(tmp_path / "backup", tmp_path / "another")


def test_a_lost_older_or_other_ledger_never_replaces_the_one_in_the_backup(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    before = (tmp_path / "backup" / INVENTORY).read_bytes()
    older = Ledger(f"sqlite:///{tmp_path / 'older.sqlite'}")
    with pytest.raises(Failure, match=r"knows ledger line \d+ .*no such line"):
        back_up(small.warehouse, older, tmp_path / "backup")
    with sa.create_engine(f"sqlite:///{small.warehouse.root / 'ledger.sqlite'}").begin() as connection:
        connection.execute(sa.text("update ledger set actor = 'x' where seq = 1"))
    with pytest.raises(LedgerBroken, match="ledger line 1"):
        backed_up(small, tmp_path / "backup")
    with pytest.raises(UsageError, match="nothing to back up"):
        back_up(Warehouse(tmp_path / "nowhere"), reader(Warehouse(tmp_path / "nowhere")), tmp_path / "backup")
    with pytest.raises(UsageError, match="inside the warehouse"):
        back_up(small.warehouse, older, small.warehouse.root / "backup")
    assert (tmp_path / "backup" / INVENTORY).read_bytes() == before


def test_nothing_is_restored_over_what_is_there(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    here = small.warehouse
    with pytest.raises(UsageError, match=r"expected an empty folder to restore into"):
        restore(tmp_path / "backup", here, f"sqlite:///{here.root / 'ledger.sqlite'}")
    with pytest.raises(UsageError, match=r"ledger: found lines in it"):
        restore(tmp_path / "backup", Warehouse(tmp_path / "new"), f"sqlite:///{here.root / 'ledger.sqlite'}")
    with pytest.raises(UsageError, match="found no backup"):
        restore(tmp_path, Warehouse(tmp_path / "new"), f"sqlite:///{tmp_path / 'new.sqlite'}")


def test_an_edition_that_the_backup_lost_is_left_out_whole_and_told(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    lost = f"editions/{QUARTER}/001/ranking.csv"
    (tmp_path / "backup" / lost).unlink()
    root = tmp_path / "new"
    done = restore(tmp_path / "backup", Warehouse(root), f"sqlite:///{root / 'ledger.sqlite'}")
    assert (done.lacking, done.editions) == ([lost], 1)
    assert not (root / "editions" / QUARTER / "001").exists()


def test_lines_changed_in_the_backup_are_refused(small: SmallWarehouse, tmp_path: Path) -> None:
    backed_up(small, tmp_path / "backup")
    inventory = read_inventory(tmp_path / "backup")
    assert inventory is not None
    lines = tmp_path / "backup" / inventory.ledger
    lines.write_text(lines.read_text(encoding="utf-8").replace("tester", "nobody"), encoding="utf-8")
    address = f"sqlite:///{tmp_path / 'new.sqlite'}"
    with pytest.raises(InfrastructureError, match="backup damaged"):
        restore(tmp_path / "backup", Warehouse(tmp_path / "new"), address)
    told = json.loads((tmp_path / "backup" / INVENTORY).read_bytes())
    (tmp_path / "backup" / INVENTORY).write_text(json.dumps(told | {"ledger_sha256": sha256_of(lines)}))
    with pytest.raises(LedgerBroken, match=r"backup .*ledger line 1"):
        restore(tmp_path / "backup", Warehouse(tmp_path / "new"), address)


def test_a_refused_delivery_is_part_of_the_record_and_comes_back(small: SmallWarehouse, tmp_path: Path) -> None:
    """Its office may ask for years why it was refused."""
    sha256 = keep_bytes(small.warehouse, b"refused")
    problem = {"code": "unreadable", "file": "20231103_x.csv", "found": "x", "expected": "y", "next_step": "z"}
    refused = Delivery(QUARTER, "contracts", sha256, "20231103_x.csv", dt.date(2023, 11, 3), 1, 7, accepted=False, rows={}, problem=problem)
    small.ledger.record_delivery(refused, "tester")
    assert backed_up(small, tmp_path / "backup").faults == []
    place = Warehouse(tmp_path / "elsewhere")
    restore(tmp_path / "backup", place, f"sqlite:///{tmp_path / 'elsewhere' / 'ledger.sqlite'}")
    assert place_of(place, sha256).read_bytes() == b"refused"
