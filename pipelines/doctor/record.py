"""The record: whether what the ledger names is there and whole, without which nothing can be answered or computed again.

Here: ledger, archive, pointer, the workshop's file. Not here: every hash of every edition (`i315 verify --all`).
"""

from __future__ import annotations

from pipelines.doctor.answer import Answer, fail, ok
from pipelines.doctor.locks import is_held
from pipelines.editions.pointer import in_force, pointer_content, pointer_file, read_pointer
from pipelines.editions.recorded_files import ARCHIVE, fault_of, recorded_files
from pipelines.editions.schema import MANIFEST
from pipelines.errors import Failure
from pipelines.landing.archive import sha256_of
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse

_VERIFY = "i315 verify --all names every fault"


def lost_ledger(warehouse: Warehouse, ledger: Ledger) -> list[Answer]:
    """A warehouse that holds deliveries or editions had a ledger; nothing to say where both or neither are there."""
    held = [folder.name for folder in (warehouse.archive, warehouse.editions) if folder.is_dir() and any(folder.iterdir())]
    if ledger.end()[0] or not held:
        return []
    step = "restore the newest backup of the ledger, or correct I315_LEDGER_URL; run nothing before that"
    return [fail("ledger", f"no line in it, and the warehouse holds {' and '.join(held)}", step)]


def archive(warehouse: Warehouse, ledger: Ledger) -> Answer:
    """Every archived delivery, read through."""
    recorded = [each for each in recorded_files(warehouse, ledger.lines()) if each.path.startswith(f"{ARCHIVE}/")]
    faults = [fault for each in recorded if (fault := fault_of(warehouse, each))]
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        return fail("archive", f"{faults[0]}{more}", "restore the archive from its backup; without it nothing can be computed again")
    return ok("archive", f"{len(recorded)} files as the ledger records them")


def pointer(warehouse: Warehouse, ledger: Ledger) -> Answer:
    """Whether `latest.json` says what the ledger says, and the editions that it names are there."""
    check, file = "pointer to editions", pointer_file(warehouse)
    try:
        named = read_pointer(warehouse)
    except Failure as failure:
        return fail(check, str(failure), "see above")
    for pointed in named.values():
        manifest = warehouse.editions / pointed.path / MANIFEST
        if not manifest.is_file() or sha256_of(manifest) != pointed.manifest_sha256:
            found = "another manifest" if manifest.is_file() else "no edition"
            step = f"{_VERIFY}; i315 rebuild makes lost editions again, the newest backup has them too"
            return fail(check, f"{found} at {pointed.path}, which {file.name} names", step)
    if (file.read_bytes() if file.exists() else b"{}\n") != pointer_content(ledger):
        wanted = ", ".join(each.path for each in in_force(ledger).values()) or "none"
        return fail(check, f"{file.name} names other editions than the ledger ({wanted})", f"{_VERIFY}; the next run writes it again")
    return ok(check, f"{len(named)} editions in force, as the ledger has them")


def workshop(warehouse: Warehouse) -> Answer:
    """Whether `warehouse.duckdb` opens and is as long as its blocks; every run opens it."""
    check, file = warehouse.database.name, warehouse.database
    if not file.exists():
        return ok(check, "none yet: the first run makes it")
    lock = warehouse.root / "writer.lock"
    if lock.is_file() and is_held(lock):
        return ok(check, "in use by a run")
    try:
        with warehouse.connect() as connection:
            row = connection.execute("select block_size * total_blocks from pragma_database_size()").fetchone()
    except Failure as failure:
        return fail(check, str(failure), "see above")
    (of_blocks,) = row or (0,)
    if file.stat().st_size < of_blocks:
        found = f"{file.stat().st_size} bytes; its blocks take {of_blocks}"
        return fail(check, found, f"remove {file}: the next run computes it again from landing")
    return ok(check, f"opens, {file.stat().st_size / 1e6:.1f} MB")
