"""Tampering with small editions, their ledger, pointer and archive, and whether verification names what was touched.

Every act is undone, so that one warehouse serves all of them. The short form verifies after each act as `i315 verify QUARTER EDITION`
does: the editions that were touched, and the whole record. The thorough form verifies as `i315 verify --all` does.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.editions.record import every_edition, verify_in_place
from pipelines.ledger import Ledger
from pipelines.ledger_chain import GENESIS, digest_of
from tests.small_warehouse import QUARTER, SmallWarehouse, small_warehouse, tables

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEXTS = ("at", "actor", "kind", "quarter", "subject", "payload", "previous_hash", "hash")
LEDGER_SHARE = 0.2
Line = dict[str, Any]


def correct(small: SmallWarehouse, value: float) -> None:
    """A corrected delivery of the contracts feed that changes one cell."""
    content = tables(4)
    cell = next(row for row in content["indicators"] if (row["region_code"], row["indicator"]) == ("330108", "TECH_TX"))
    cell["value"] = value
    small.fill(content)
    small.deliver("contracts", f"corrected {value}".encode(), dt.date(2023, 11, 2))


def signed_editions(folder: Path, count: int) -> SmallWarehouse:
    """A warehouse with so many editions (at least six) of one quarter, signed, each after a corrected delivery."""
    small = small_warehouse(folder)
    for number in range(count):
        if number:
            correct(small, 100.0 + number)
        small.judge()
        small.publish(KEY)
    return small


@dataclass(frozen=True)
class Place:
    """A warehouse to tamper with, and whether all of it is verified after each act."""

    small: SmallWarehouse
    is_thorough: bool = False

    @property
    def editions(self) -> list[Path]:
        return every_edition(self.small.warehouse)

    @property
    def database(self) -> Path:
        return self.small.warehouse.root / "ledger.sqlite"

    def faults(self, touched: list[Path]) -> list[str]:
        """What verification says after an act that touched these editions."""
        folders = self.editions if self.is_thorough else touched
        return verify_in_place(self.small.warehouse, Ledger(f"sqlite:///{self.database}", is_reader=True), folders, KEY.public_key())

    @contextlib.contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The ledger's database, committed at the end; nobody waits for the disk."""
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            database.execute("pragma synchronous = off")
            yield database

    def lines(self) -> list[Line]:
        with self.opened() as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("select * from ledger order by seq")]

    @contextlib.contextmanager
    def ledger_of(self, lines: list[Line], *, moves_mark: bool = False) -> Iterator[None]:
        """The ledger with these lines in place of its own, and its mark of the end moved to the last of them if told."""
        before = self.database.read_bytes()
        with self.opened() as database:
            database.execute("delete from ledger")
            for line in lines:
                names = ", ".join(line)
                database.execute(f"insert into ledger ({names}) values ({', '.join('?' * len(line))})", list(line.values()))
            if moves_mark:
                database.execute("update ledger_end set seq = ?, hash = ?", (lines[-1]["seq"], lines[-1]["hash"]))
        try:
            yield
        finally:
            self.database.write_bytes(before)


def chained(lines: list[Line]) -> list[Line]:
    """The lines numbered and hashed anew from the first to the last, as someone with the code could do it."""
    done: list[Line] = []
    for number, line in enumerate(lines, 1):
        fields = line | {"seq": number, "previous_hash": done[-1]["hash"] if done else GENESIS}
        fields.pop("hash", None)
        done.append(fields | {"hash": digest_of(fields)})
    return done


@contextlib.contextmanager
def changed(path: Path, content: bytes | None) -> Iterator[None]:
    """A file with other content, or without the file if there is none."""
    before, mode = (path.read_bytes(), path.stat().st_mode) if path.exists() else (None, 0o644)
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)
            path.chmod(mode)


@contextlib.contextmanager
def behind_a_link(path: Path, elsewhere: Path) -> Iterator[None]:
    """A file or folder that lies elsewhere, with a link in its place."""
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    try:
        yield
    finally:
        path.unlink()
        elsewhere.rename(path)


@contextlib.contextmanager
def exchanged(first: Path, second: Path) -> Iterator[None]:
    """Two files or folders under each other's names."""

    def exchange() -> None:
        aside = first.with_name("aside")
        first.rename(aside)
        second.rename(first)
        aside.rename(second)

    exchange()
    try:
        yield
    finally:
        exchange()


def flipped(content: bytes, chance: random.Random) -> bytes:
    """The content with one bit of one byte turned."""
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def flips(place: Place, count: int, seed: int) -> list[str]:
    """Flip single bytes one after another; what was not named by its file or ledger line, or named with something else."""
    chance = random.Random(seed)
    files = [*sorted(path for folder in place.editions for path in folder.iterdir()), place.small.warehouse.editions / "latest.json"]
    lines = place.lines()
    missed = []
    for _ in range(count):
        if chance.random() < LEDGER_SHARE:
            line, column = chance.choice(lines), chance.choice(TEXTS)
            name, found = f"ledger line {line['seq']}", _flip_in_ledger(place, line, column, chance)
        else:
            path = chance.choice(files)
            name = path.relative_to(place.small.warehouse.editions).as_posix()
            with changed(path, flipped(path.read_bytes(), chance)):
                found = place.faults([path.parent] if path.parent in place.editions else [])
        if not found or not all(fault.startswith(f"{name}:") for fault in found):
            missed.append(f"{name}: {found}")
    return missed


def _flip_in_ledger(place: Place, line: Line, column: str, chance: random.Random) -> list[str]:
    before = line[column].encode()
    _write_cell(place, line, column, flipped(before, chance))
    found = place.faults([])
    _write_cell(place, line, column, before)
    return found


def _write_cell(place: Place, line: Line, column: str, content: bytes) -> None:
    with place.opened() as database:
        database.execute(f"update ledger set {column} = cast(? as text) where seq = ?", (content, line["seq"]))


class Act(NamedTuple):
    """What it is, the act, a pattern with which one of the faults has to begin, and the editions to verify after it."""

    what: str
    act: contextlib.AbstractContextManager[None]
    pattern: str
    touched: tuple[str, ...] = ()


def acts(place: Place) -> Iterator[Act]:
    """Every other way of tampering."""
    yield from (act._replace(touched=("003", "006")) for found in (_acts_on_files(place), _acts_on_folders(place)) for act in found)
    every = tuple(folder.name for folder in place.editions)
    yield from (act._replace(touched=every) for found in (_acts_on_the_archive(place), _acts_beside_editions(place)) for act in found)
    yield from _acts_on_the_ledger(place)


def _acts_on_files(place: Place) -> Iterator[Act]:
    third = place.editions[2]
    for path in sorted(third.iterdir()):
        yield Act(f"{path.name} removed", changed(path, None), f"{QUARTER}/003/{path.name}: found no such file")
        yield Act(f"{path.name} emptied", changed(path, b""), f"{QUARTER}/003/{path.name}: ")
        other = place.editions[5] / path.name
        if path.read_bytes() != other.read_bytes():
            yield Act(f"{path.name} swapped with 006's", exchanged(path, other), f"{QUARTER}/003/{path.name}: ")
    yield Act("a file added", changed(third / "extra.csv", b"x"), f"{QUARTER}/003/extra.csv: found a file")
    yield Act("two files swapped", exchanged(third / "scores.csv", third / "ranking.csv"), f"{QUARTER}/003/(scores|ranking).csv: ")
    pointer, last = place.small.warehouse.editions / "latest.json", place.editions[-1].name
    yield Act("pointer removed", changed(pointer, None), f"latest.json: {QUARTER}: found None")
    yield Act(
        "pointer to an older one", changed(pointer, pointer.read_bytes().replace(last.encode(), b"001")), f"latest.json: {QUARTER}: found"
    )


def _acts_on_the_archive(place: Place) -> Iterator[Act]:
    archive = place.small.warehouse.archive
    for path in sorted(archive.glob("*/*")):
        yield Act("archived delivery removed", changed(path, None), f"{QUARTER}/00./manifest.json: delivery .*{path.name}")
        yield Act("archived delivery changed", changed(path, b"other"), f"{QUARTER}/00./manifest.json: delivery .*{path.name}")
    (archive / "00").mkdir(exist_ok=True)
    yield Act("delivery added", changed(archive / "00" / ("0" * 64), b"added"), "archive/00/000")


def _acts_beside_editions(place: Place) -> Iterator[Act]:
    """Findings, scoring inputs and lineage, of which answers are made, removed or changed; and anything behind a link to the same bytes."""
    root = place.small.warehouse.root
    findings, inputs, parts = (sorted((root / name).rglob("*.*")) for name in ("findings", "scoring_inputs", "lineage"))
    assert len(findings) >= 1
    for path in (*findings, *inputs):
        name = path.relative_to(root).as_posix()
        yield Act(f"{name} removed", changed(path, None), f"{name}: found no such file")
        yield Act(f"{name} changed", changed(path, b"{}"), f"{name}: found other bytes")
    for path in (each for each in parts if each.parent != root / "lineage"):
        yield Act(f"{path.name} removed", changed(path, None), f"{QUARTER}/00./manifest.json: lineage/.*{path.name}")
        yield Act(f"{path.name} changed", changed(path, b"{}"), f"{QUARTER}/00./manifest.json: lineage/.*{path.name}")
    yield Act("findings added", changed(root / "findings" / f"{'0' * 64}.json", b"[]"), "findings/000.*: found findings that no line")
    archived = next(iter(sorted((root / "archive").glob("*/*"))))
    third = place.editions[2]
    pointer = root / "editions" / "latest.json"
    for path in (
        findings[0],
        inputs[0],
        parts[-1],
        archived,
        third / "board.html",
        third / "scores.parquet",
        third,
        inputs[0].parent,
        pointer,
    ):
        yield Act(
            f"{path.name} behind a link", behind_a_link(path, place.small.folder / "target"), ".*: found (a link|the edition behind a link)"
        )


def _acts_on_folders(place: Place) -> Iterator[Act]:
    third, sixth = place.editions[2], place.editions[5]
    away = place.small.folder / "away"

    @contextlib.contextmanager
    def removed() -> Iterator[None]:
        third.rename(away)
        try:
            yield
        finally:
            away.rename(third)

    @contextlib.contextmanager
    def added() -> Iterator[None]:
        copy = shutil.copytree(third, third.with_name("099"))
        try:
            yield
        finally:
            shutil.rmtree(copy)

    yield Act("edition removed", removed(), f"{QUARTER}/003/manifest.json: found no such file")
    yield Act("edition added", added(), f"{QUARTER}/099: found a folder")
    yield Act("editions swapped", exchanged(third, sixth), f"{QUARTER}/003/manifest.json: found edition '006'")


def _acts_on_the_ledger(place: Place) -> Iterator[Act]:
    lines = place.lines()
    for number, line in enumerate(lines):
        seq, rest = line["seq"], lines[:number] + lines[number + 1 :]
        yield Act(f"line {seq} removed", place.ledger_of(rest), f"ledger line {seq}: found no such line")
        earlier = line | {"at": "2001-01-01T00:00:00.000000+00:00"}
        back_dated = [*lines[:number], earlier, *lines[number + 1 :]]
        yield Act(f"line {seq} back-dated", place.ledger_of(back_dated), f"ledger line {seq}: found content")
        after = r"ledger line \d+: found|.*/manifest.json: found it published"
        yield Act(f"line {seq} back-dated, all hashes anew", place.ledger_of(chained(back_dated), moves_mark=True), after)
        if number < len(lines) - 1:
            swapped = [*lines[:number], lines[number + 1] | {"seq": seq}, line | {"seq": seq + 1}, *lines[number + 2 :]]
            yield Act(f"lines {seq} and {seq + 1} swapped", place.ledger_of(swapped), f"ledger line {seq}: found content")
            forged = [*lines[:number], line | {"actor": "someone else"}, *lines[number + 1 :]]
            yield Act(f"line {seq} forged, all hashes anew", place.ledger_of(chained(forged), moves_mark=True), r"ledger line \d+: found")
            gone = place.ledger_of(chained(rest), moves_mark=True)
            yield Act(f"line {seq} removed, all hashes anew", gone, r"ledger line \d+: |.*/manifest.json: found")
    for count in range(1, 7):
        yield Act(f"the last {count} removed", place.ledger_of(lines[:-count]), f"ledger line {lines[-count]['seq']}: found no such line")
        gone = place.ledger_of(lines[:-count], moves_mark=True)
        yield Act(f"the last {count} and the mark removed", gone, f"{QUARTER}/{place.editions[-1].name}: found a folder|archive/")


def unnamed_acts(place: Place) -> tuple[int, list[str]]:
    """How many acts there were, and those that were not named."""
    count, missed = 0, []
    for each in acts(place):
        count += 1
        with each.act:
            faults = place.faults([folder for folder in place.editions if folder.name in each.touched])
        if not any(re.match(each.pattern, fault) for fault in faults):
            missed.append(f"{each.what}: {faults}")
    return count, missed
