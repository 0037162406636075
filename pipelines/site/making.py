"""Making the site's folder: pages, a copy of every edition, dbt's documentation if it is asked for; whole or not at all.

Here: what lies where, written beside and renamed. Not here: what pages say. Only a folder that this made before is replaced.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.editions.pointer import read_pointer, withdrawals
from pipelines.editions.record import every_edition
from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.site.content import catalogue, published_editions
from pipelines.site.pages import DBT_DOCS, pages
from pipelines.warehouse import Warehouse

MARK = "site.json"
_FORM = {"form": "i315-site/1"}


@dataclass(frozen=True)
class Site:
    """What was made: counts of quarters, editions, files and bytes."""

    quarters: int
    editions: int
    files: int
    bytes: int


def make_site(warehouse: Warehouse, ledger: Ledger, target: Path, *, dbt_docs: bytes | None = None) -> Site:
    """Make the site of every edition of the warehouse in `target`; `dbt_docs` is the page of dbt's documentation.

    Raises `UsageError` without an edition, or if `target` holds anything but an earlier site; `EditionDamaged` if a file is not the
    published one.
    """
    folders = every_edition(warehouse)
    if not folders:
        raise UsageError(
            f"no editions: found none in {warehouse.editions}; expected at least one; next: check --warehouse, or run a quarter"
        )
    _refuse_foreign(target, warehouse)
    in_force = {quarter: pointer.edition for quarter, pointer in read_pointer(warehouse).items()}
    editions = published_editions(folders, in_force, withdrawals(ledger))
    contents = pages(editions, catalogue(), has_dbt_docs=dbt_docs is not None)
    contents[MARK] = (json.dumps(_FORM) + "\n").encode()
    if dbt_docs is not None:
        contents[DBT_DOCS] = dbt_docs
    for edition in editions:
        contents |= {f"{edition.place}/{file['name']}": edition.content(file["name"]) for file in edition.files}
    _put(target, contents)
    return Site(len({each.quarter for each in editions}), len(editions), len(contents), sum(map(len, contents.values())))


def _refuse_foreign(target: Path, warehouse: Warehouse) -> None:
    if warehouse.root in (target.resolve(), *target.resolve().parents):
        raise UsageError(f"--out {target}: found a place inside the warehouse; expected one outside, so that nothing of it is replaced")
    if target.exists() and not (target.is_dir() and ((target / MARK).is_file() or not any(target.iterdir()))):
        raise UsageError(f"--out {target}: found something that is no earlier site; expected a new or empty folder, or one with {MARK}")


def _put(target: Path, contents: dict[str, bytes]) -> None:
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{durable.SCRATCH_PREFIX}*-{target.name}"):
        if durable.is_left_over(left):
            shutil.rmtree(left)
    scratch, old = durable.beside(target), durable.beside(target)
    try:
        for name, content in contents.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if target.exists():
            target.rename(old)
        durable.put_in_place(scratch, target)
    finally:
        for left in (scratch, old):
            if left.exists():
                shutil.rmtree(left)
