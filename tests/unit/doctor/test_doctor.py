"""Each check of the doctor against a sound and a broken state: what it says, and that it always says what to do."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from pipelines.backup.copying import back_up
from pipelines.doctor import clocks, databases, installation, keys, locks, places, record, services
from pipelines.doctor.answer import Answer
from pipelines.durable import beside
from pipelines.editions.code import Code
from pipelines.ledger import Ledger
from pipelines.processes import PROCESS_TAG, process_identity
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.small_warehouse import QUARTER, small_warehouse
from tests.tampering import changed

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
GB = 1_000_000_000


def states(answers: list[Answer]) -> list[str]:
    assert all(bool(answer.next_step) == (answer.state != "ok") for answer in answers)
    return [answer.state for answer in answers]


def state(answer: Answer) -> str:
    return states([answer])[0]


@pytest.mark.parametrize(("version", "wanted"), [((3, 11), "ok"), ((3, 10), "fail"), ((3, 14), "warn")])
def test_another_python_is_told(version: tuple[int, int], wanted: str) -> None:
    assert state(installation.python_version(version)) == wanted


def test_an_environment_of_a_python_that_only_root_may_start_is_told() -> None:
    python = Path(sys.executable)
    assert state(installation.interpreter(python, lambda file: file == python.resolve())) == "ok"
    assert state(installation.interpreter(python, lambda file: False)) == "fail"


def test_packages_other_than_the_locks_are_named() -> None:
    lock = "# comment\ngql[requests]==4.0.0 \\\n    --hash=sha256:ab\nrich==14.0.0 ; sys_platform == 'linux' \\\n    --hash=sha256:cd\n"
    assert state(installation.packages(lock, {"gql": "4.0.0", "rich": "14.0.0"}.__getitem__)) == "ok"
    told = installation.packages(lock, lambda name: "4.0.0" if name == "gql" else "")
    assert (told.state, told.found) == ("fail", "rich missing (expected 14.0.0)")
    assert state(installation.packages("", lambda name: "")) == "fail"


def test_missing_tools_and_a_changed_checkout_are_told() -> None:
    assert states(installation.tools(lambda name: None if name == "setpriv" else name)) == ["fail"]
    assert [
        state(installation.code(Code("1", commit, changed)))
        for commit, changed in (("a" * 40, False), ("a" * 40, True), ("unknown", False))
    ] == [
        "ok",
        "warn",
        "warn",
    ]


def test_a_drop_folder_that_is_not_there_and_open_folders_are_told(tmp_path: Path) -> None:
    assert state(places.drop_folder(tmp_path)) == "ok"
    assert state(places.drop_folder(tmp_path / "none")) == "fail"
    warehouse = Warehouse(tmp_path / "warehouse")
    assert states(places.warehouse_folder(warehouse.root)) == ["ok"]
    warehouse.root.mkdir(mode=0o750)
    assert states(places.warehouse_folder(warehouse.root)) == ["ok"]
    warehouse.root.chmod(0o755)
    assert states(places.warehouse_folder(warehouse.root)) == ["warn"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_files_of_another_user_are_told(tmp_path: Path) -> None:
    (tmp_path / "editions").mkdir()
    os.chown(tmp_path / "editions", 65534, 65534)
    assert states(places.warehouse_folder(tmp_path)) == ["fail"]


def test_an_internal_file_that_others_may_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "internal" / "worklists" / "list.parquet"
    file.parent.mkdir(parents=True)
    file.touch(mode=0o600)
    assert state(places.private_files(Warehouse(tmp_path))) == "ok"
    file.chmod(0o640)
    told = places.private_files(Warehouse(tmp_path))
    assert (told.state, "internal/worklists/list.parquet" in told.found) == ("fail", True)


def test_a_network_disk_and_a_full_one_are_told() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/share /srv/a\\040share nfs4 rw 0 0\n"
    assert state(places.disk_kind(Path("/srv/i315"), mounts)) == "ok"
    assert state(places.disk_kind(Path("/srv/a share/i315"), mounts)) == "fail"
    found = [places.room(Path("/x"), free, GB, files) for free, files in ((9 * GB, 10**6), (2 * GB, 10**6), (GB // 2, 10**6), (9 * GB, 10))]
    assert states(found) == ["ok", "warn", "fail", "fail"]
    free, files_free = places.free_at(Path("/not/there/yet"))
    assert free > 0
    assert files_free > 0


def test_what_a_run_needs_grows_with_deliveries_and_workshop(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    least = places.needed_bytes(warehouse, tmp_path / "none")
    warehouse.root.mkdir()
    warehouse.database.write_bytes(b"x" * 100)
    (tmp_path / "drop" / "2023Q3").mkdir(parents=True)
    (tmp_path / "drop" / "2023Q3" / "file").write_bytes(b"x" * 1000)
    assert places.needed_bytes(warehouse, tmp_path / "drop") - least == 100 + 2 * 1000


def test_a_clock_behind_the_ledger_and_files_from_the_future_are_told(tmp_path: Path) -> None:
    found = [clocks.against_ledger(NOW, last) for last in (None, NOW, NOW + dt.timedelta(hours=1))]
    assert states(found) == ["ok", "ok", "fail"]
    file = tmp_path / "file"
    file.touch()
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    assert state(clocks.against_files(NOW, [file])) == "ok"
    assert state(clocks.against_files(NOW - dt.timedelta(minutes=1), [file])) == "warn"
    assert state(clocks.time_zones()) == "ok"


def test_a_broken_a_locked_and_an_absent_ledger_are_told(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    address = f"sqlite:///{file}"
    assert states(databases.ledger(address)) == ["ok"]
    assert not file.exists()
    Ledger(address).append("verdict", quarter="2023Q3", subject="s", payload={}, actor="tester")
    assert states(databases.ledger(address)) == ["ok", "ok"]
    with sqlite3.connect(file) as connection:
        connection.execute("update ledger set actor = 'x'")
    told = databases.ledger(address)
    assert (states(told), told[0].found[:13]) == (["fail"], "ledger line 1")
    assert states(databases.ledger("kein-url")) == ["fail"]


def test_a_lost_ledger_a_damaged_archive_and_a_pointer_to_a_lost_edition_are_told(tmp_path: Path) -> None:
    small = small_warehouse(tmp_path)
    small.judge()
    small.publish()
    warehouse, ledger = small.warehouse, small.ledger
    assert record.lost_ledger(warehouse, ledger) == []
    assert states([record.archive(warehouse, ledger), record.pointer(warehouse, ledger)]) == ["ok", "ok"]
    (told,) = record.lost_ledger(warehouse, Ledger(f"sqlite:///{tmp_path / 'none.sqlite'}", is_reader=True))
    assert (state(told), told.found) == ("fail", "no line in it, and the warehouse holds archive and editions")
    with changed(next(warehouse.archive.glob("*/*")), b"other"):
        told = record.archive(warehouse, ledger)
        assert (state(told), "found other bytes" in told.found) == ("fail", True)
    with changed(next(warehouse.archive.glob("*/*")), None):
        told = record.archive(warehouse, ledger)
        assert (state(told), "found no such file" in told.found) == ("fail", True)
    with changed(warehouse.editions / QUARTER / "001" / "manifest.json", None):
        told = record.pointer(warehouse, ledger)
        assert (state(told), told.found) == ("fail", f"no edition at {QUARTER}/001, which latest.json names")
    for content in (b"{", b"[]", b'{"2023Q3": 5}', b'{"2023Q3": {"edition": 1, "path": 2, "manifest_sha256": 3}}', b"\xff"):
        with changed(warehouse.editions / "latest.json", content):
            told = record.pointer(warehouse, ledger)
            assert (state(told), "no pointer to editions" in told.found) == ("fail", True)
            assert state(keys.newest_signature(warehouse, None)) == "warn"
    with changed(warehouse.editions / "latest.json", None):
        assert state(record.pointer(warehouse, ledger)) == "fail"


def test_a_truncated_warehouse_file_is_told_and_one_that_a_run_holds_is_left(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "warehouse")
    assert state(record.workshop(warehouse)) == "ok"
    warehouse.root.mkdir()
    with warehouse.connect(read_only=False) as connection:
        connection.execute("create table numbers as select range as number from range(1000000)")
    assert state(record.workshop(warehouse)) == "ok"
    whole = warehouse.database.read_bytes()
    for length in (0, 5000, len(whole) // 2, len(whole) - 300_000):
        warehouse.database.write_bytes(whole[:length])
        assert state(record.workshop(warehouse)) == "fail", length
    with (warehouse.root / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert state(record.workshop(warehouse)) == "ok"


def test_a_tax_database_out_of_reach_or_of_another_form_is_told(tmp_path: Path) -> None:
    assert state(databases.tax(f"sqlite:///{tmp_path / 'none.sqlite'}")) == "fail"
    with sqlite3.connect(tmp_path / "tax.sqlite") as connection:
        connection.execute("create table other (x integer)")
    told = databases.tax(f"sqlite:///{tmp_path / 'tax.sqlite'}")
    assert (told.state, "table_missing" in told.found) == ("fail", True)


def history(file: Path, form: str, identity: str) -> str:
    with sqlite3.connect(file) as connection:
        connection.execute("create table alembic_version (version_num text)")
        connection.execute("create table runs (run_id text, status text)")
        connection.execute("create table run_tags (run_id text, key text, value text)")
        connection.execute("insert into alembic_version values (?)", [form])
        connection.execute("insert into runs values ('a', 'STARTED'), ('b', 'SUCCESS')")
        connection.execute("insert into run_tags values ('a', ?, ?), ('b', ?, ?)", [PROCESS_TAG, identity] * 2)
    return f"sqlite:///{file}"


def test_a_history_of_another_form_and_runs_of_dead_processes_are_told(tmp_path: Path) -> None:
    newest = databases.newest_form()
    mine = history(tmp_path / "mine.db", newest, process_identity())
    assert (state(databases.history(mine)), state(locks.unfinished_runs(mine))) == ("ok", "ok")
    other = history(tmp_path / "other.db", "older", "1/1/another-boot")
    assert (state(databases.history(other)), state(locks.unfinished_runs(other))) == ("fail", "warn")
    (tmp_path / "broken.db").write_bytes(b"no database at all" * 100)
    assert state(databases.history(f"sqlite:///{tmp_path / 'broken.db'}")) == "fail"


def test_who_writes_is_told_and_a_lock_of_somebody_else_too(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    assert locks.writer(warehouse).found == "nobody writes"
    with (tmp_path / "writer.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(str(os.getpid()))
        lock.flush()
        assert locks.writer(warehouse).found == f"process {os.getpid()} writes"
        lock.truncate(0)
        assert state(locks.writer(warehouse)) == "warn"
    assert locks.writer(warehouse).found == "nobody writes"


def test_scratch_of_the_dead_is_told_and_that_of_the_living_is_not(tmp_path: Path) -> None:
    beside(tmp_path / "mine").touch()
    assert state(locks.scratch([tmp_path, tmp_path / "none"])) == "ok"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        left = tmp_path / f".tmp-{'-'.join(process_identity(process.pid).split('/')[:2])}-0a-file"
    left.touch()
    told = locks.scratch([tmp_path])
    assert (told.state, str(left) in told.found, left.exists()) == ("warn", True, True)


def key_files(folder: Path, name: str) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    private.chmod(0o600)
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_keys_that_are_no_pair_or_open_to_others_are_told(tmp_path: Path) -> None:
    private, public = key_files(tmp_path, "a")
    _, other = key_files(tmp_path, "b")
    found = [keys.signing(*pair) for pair in ((None, None), (private, public), (None, public), (private, None), (private, other))]
    assert states(found) == ["ok", "ok", "ok", "warn", "fail"]
    private.chmod(0o644)
    assert state(keys.signing(private, public)) == "fail"


def test_a_certificate_about_to_end_and_a_door_without_nginx_or_passwords_are_told(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "audit")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(NOW - dt.timedelta(days=300)).not_valid_after(NOW + dt.timedelta(days=60))
    file = tmp_path / "audit.pem"
    file.write_bytes(made.sign(key, None).public_bytes(serialization.Encoding.PEM))
    assert states([keys.certificate(file, NOW + dt.timedelta(days=days)) for days in (0, 40, 61)]) == ["ok", "warn", "fail"]
    file.write_bytes(b"nothing")
    assert state(keys.certificate(file, NOW)) == "fail"
    unset = Settings(warehouse=tmp_path)
    assert states(keys.door(unset, "")) == ["ok"]
    passwords = tmp_path / "audit.passwords"
    passwords.write_text("name:$6$salt$hash\n")
    passwords.chmod(0o600)
    asked = Settings(warehouse=tmp_path, audit_passwords=passwords)
    assert states(keys.door(asked, "")) == ["fail"]
    (tmp_path / "nginx").touch(mode=0o755)
    assert states(keys.door(asked, str(tmp_path))) == ["ok"]
    passwords.chmod(0o644)
    assert states(keys.door(asked, str(tmp_path))) == ["fail"]


def test_services_that_failed_or_rest_are_told_but_not_one_that_a_timer_starts(tmp_path: Path) -> None:
    assert states(services.units(tmp_path)) == ["ok"]
    found = {
        "i315-daemon.service": "failed",
        "i315-web.service": "inactive",
        "i315-backup.service": "inactive",
        "i315-backup.timer": "active",
    }
    for name in (*found, "other.service"):
        (tmp_path / name).touch()
    answers = services.units(tmp_path, found.__getitem__)
    assert {answer.check: answer.state for answer in answers} == {
        "i315-daemon.service": "fail",
        "i315-web.service": "warn",
        "i315-backup.service": "ok",
        "i315-backup.timer": "ok",
    }


def test_addresses_open_to_others_and_looks_that_were_missed_are_told(tmp_path: Path) -> None:
    file = tmp_path / "notify"
    assert [state(keys.notify(each)) for each in (None, file)] == ["ok", "fail"]
    file.touch(mode=0o600)
    assert state(keys.notify(file)) == "ok"
    file.chmod(0o640)
    assert state(keys.notify(file)) == "fail"
    assert states(services.automation([])) == ["ok"]
    assert states(services.automation(["drop folder: found no look", "release schedule: found no look"])) == ["warn", "warn"]


def test_an_old_a_missing_and_a_spoilt_backup_are_told(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    back_up(Warehouse(tmp_path / "warehouse"), ledger, tmp_path / "backup")
    now = dt.datetime.now(dt.UTC)
    assert states([services.backup(tmp_path / "backup", now + dt.timedelta(hours=hours)) for hours in (1, 49)]) == ["ok", "warn"]
    assert state(services.backup(tmp_path / "none", now)) == "fail"
    (tmp_path / "backup" / "backup.json").write_text("[]")
    assert state(services.backup(tmp_path / "backup", now)) == "fail"


def test_the_command_changes_nothing_loads_neither_dagster_nor_great_expectations_and_ends_with_30_if_something_fails(
    tmp_path: Path,
) -> None:
    shutil.copytree(Settings().data_raw / "2022Q1", tmp_path / "drop" / "2022Q1")
    script = (
        "import sys; from pipelines.cli import app\n"
        f"try: app(['doctor', '--json', '--data-raw', {str(tmp_path / 'drop')!r}, '--warehouse', {str(tmp_path / 'warehouse')!r}])\n"
        "except SystemExit as end: assert not {'dagster', 'great_expectations', 'pandas'} & set(sys.modules); sys.exit(end.code)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("I315_")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 30, done.stderr
    assert '"tax database"' in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop"]
