"""24 reruns of the same deliveries, each elsewhere: one hash over every file of the edition.

Threads of DuckDB 1, 2, 4 × two time zones × two locales × two hash seeds; every run has a folder of its own and a drop folder whose
files were made in an order of its own, superseded deliveries among them. `I315_THREADS` and the rest reach the run as environment.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import Office, deliveries, same_files_in_another_order

QUARTER = "2022Q1"
THREADS = ("1", "2", "4")
TIME_ZONES = ("UTC", "America/Los_Angeles")
LOCALES = ("C", "C.UTF-8")
HASH_SEEDS = ("0", "315")
# The moment, and what follows from it (the ledger's lines have moments); everything else of the manifest is hashed too.
OF_THE_MOMENT = ("published_at", "ledger", "sha256")


def hash_of(edition: Path) -> str:
    """SHA-256 over every file of an edition; the manifest without its moment."""
    digest = hashlib.sha256()
    for path in sorted(edition.iterdir()):
        content = path.read_bytes()
        if path.name == "manifest.json":
            kept = {name: value for name, value in json.loads(content).items() if name not in OF_THE_MOMENT}
            content = json.dumps(kept, sort_keys=True).encode()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def with_superseded(data_raw: Path) -> Path:
    """Earlier deliveries of the registry beside the one in force: a row short, and two on one day."""
    (newest,) = (data_raw / QUARTER / "contracts").glob("*.csv")
    lines = newest.read_bytes().splitlines(keepends=True)
    for name, short in {"20220402_a.csv": 1, "20220402-2_b.csv": 2, "20220401_z.csv": 3}.items():
        (newest.parent / name).write_bytes(b"".join(lines[:-short]))
    return data_raw


def test_reruns_elsewhere_give_one_hash(tmp_path: Path) -> None:
    data_raw = with_superseded(deliveries(tmp_path / "drop", 11, QUARTER, QUARTER))
    places = list(itertools.product(THREADS, TIME_ZONES, LOCALES, HASH_SEEDS))

    def rerun(number: int) -> str:
        threads, zone, locale, seed = places[number]
        root = tmp_path / f"{number}" / ("a place" if number % 2 else "某处") / f"{number:x}"
        root.mkdir(parents=True)
        office = Office(same_files_in_another_order(data_raw, root / "drop", number), root / "warehouse", root)
        finished = office.run(QUARTER, I315_THREADS=threads, TZ=zone, LC_ALL=locale, PYTHONHASHSEED=seed)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        found = hash_of(office.edition(QUARTER))
        print(f"  {number + 1:2d} of {len(places)}  threads {threads}  {zone:<20} {locale:<8} hash seed {seed:<4} {found[:16]}", flush=True)
        return found

    print()
    with ThreadPoolExecutor(2) as two:
        hashes = set(two.map(rerun, range(len(places))))
    print(f"  {len(places)} reruns, {len(hashes)} hash: {', '.join(sorted(hashes))}")
    assert len(hashes) == 1
