"""Which edition of each quarter is in force: `editions/latest.json`, derived from the ledger.

Here: reading, deriving and writing the pointer, the edition folders of a quarter. Not here: making editions.
The ledger decides; the file is written after it, so that a crash between the two is mended by the next publication.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import durable
from pipelines.errors import InfrastructureError
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.ledger import Entry, Ledger

_NUMBER = re.compile(r"\d{3,}")


@dataclass(frozen=True)
class Pointer:
    """The edition in force of a quarter; `path` is relative to the folder of `latest.json`."""

    edition: str
    path: str
    manifest_sha256: str


def pointer_file(warehouse: Warehouse) -> Path:
    """Where the pointer lies."""
    return warehouse.editions / "latest.json"


def read_pointer(warehouse: Warehouse) -> dict[str, Pointer]:
    """Quarter -> edition in force, as readers see it; empty before the first publication.

    `InfrastructureError` if the file is not of the form in which it is written.
    """
    path = pointer_file(warehouse)
    if not path.exists():
        return {}
    try:
        return {quarter: _checked(quarter, Pointer(**entry)) for quarter, entry in json.loads(path.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise InfrastructureError(
            f"{path.parent.name}/{path.name}: found content that is no pointer to editions; expected it as it was written; "
            "next: i315 run of any quarter writes it again from the ledger"
        ) from error


def _checked(quarter: str, pointer: Pointer) -> Pointer:
    if pointer.path != f"{quarter}/{pointer.edition}" or not isinstance(pointer.manifest_sha256, str):
        raise ValueError(pointer.path)
    return pointer


def published(ledger: Ledger, quarter: str | None = None, until: int | None = None) -> dict[str, dict[str, Pointer]]:
    """Quarter -> edition -> its entry, for every edition that the ledger records (up to a line of it), withdrawn ones too."""
    found: dict[str, dict[str, Pointer]] = {}
    for entry in ledger.entries("publication", quarter):
        if until is not None and entry.seq > until:
            continue
        pointer = Pointer(entry.payload["edition"], entry.payload["path"], entry.payload["manifest_sha256"])
        found.setdefault(entry.quarter, {})[pointer.edition] = pointer
    return found


def withdrawals(ledger: Ledger, quarter: str | None = None, until: int | None = None) -> dict[tuple[str, str], Entry]:
    """(quarter, edition) -> the ledger's entry of its withdrawal, up to a line of it if one is given."""
    entries = ledger.entries("withdrawal", quarter)
    return {(entry.quarter, entry.payload["edition"]): entry for entry in entries if until is None or entry.seq <= until}


def in_force(ledger: Ledger, until: int | None = None) -> dict[str, Pointer]:
    """Quarter -> the newest edition that is not withdrawn; as it stood at a line of the ledger, if one is given."""
    withdrawn = withdrawals(ledger, until=until)
    newest = {}
    for quarter, editions in sorted(published(ledger, until=until).items()):
        standing = [pointer for edition, pointer in editions.items() if (quarter, edition) not in withdrawn]
        if standing:
            newest[quarter] = max(standing, key=lambda pointer: int(pointer.edition))
    return newest


def pointer_content(ledger: Ledger) -> bytes:
    """`latest.json` as the ledger has it."""
    wanted = {quarter: asdict(pointer) for quarter, pointer in in_force(ledger).items()}
    return (json.dumps(wanted, indent=2, sort_keys=True) + "\n").encode()


def changed_before(ledger: Ledger, quarter: str, until: int | None = None) -> list[tuple[Pointer, Pointer]]:
    """Each earlier quarter's edition then and now, for those whose edition is another one now (at a line of the ledger, if one is given).

    Then is when the quarter was last published or, for its first edition, the quarter before it: what its readers do not know yet.
    """
    last = [
        [entry.seq for entry in ledger.entries("publication", of) if until is None or entry.seq <= until]
        for of in (quarter, str(Quarter.parse(quarter).plus(-1)))
    ]
    then = in_force(ledger, until=(last[0] or last[1])[-1]) if any(last) else {}
    return [
        (then[each], now) for each, now in in_force(ledger, until=until).items() if each < quarter and each in then and then[each] != now
    ]


def write_pointer(warehouse: Warehouse, ledger: Ledger) -> None:
    """Bring `latest.json` in line with the ledger, durably, if it is not."""
    path, content = pointer_file(warehouse), pointer_content(ledger)
    if not path.exists() or path.read_bytes() != content:
        durable.write_bytes(path, content)
        durable.open_to_readers(path)


def require_recorded(warehouse: Warehouse, ledger: Ledger) -> None:
    """Refuse (`InfrastructureError`) to go on with a ledger that lacks an edition which the pointer names.

    The pointer is written after the ledger, so such a ledger is lost, another one, or an old copy; what is recorded on top of it would
    hide that for good. A pointer that cannot be read names nothing: it is written anew from the ledger.
    """
    path = pointer_file(warehouse)
    if not path.exists() or path.read_bytes() == pointer_content(ledger):
        return
    try:
        named = read_pointer(warehouse)
    except InfrastructureError:
        return
    recorded = published(ledger)
    lacking = sorted(pointer.path for quarter, pointer in named.items() if pointer.edition not in recorded.get(quarter, {}))
    if lacking:
        raise InfrastructureError(
            f"ledger: found no line about edition {', '.join(lacking)}, which latest.json names; expected the ledger that recorded it; "
            "next: restore the newest copy of the ledger (or correct I315_LEDGER_URL), then run again"
        )


def edition_folders(warehouse: Warehouse, quarter: str) -> list[Path]:
    """The edition folders of a quarter in order of number, recorded or not."""
    folder = warehouse.editions / quarter
    found = [path for path in folder.iterdir() if path.is_dir() and _NUMBER.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: int(path.name))
