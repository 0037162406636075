"""What lies in the drop folder and is not landed yet, file by file.

Here: looking, and telling a file that is whole from one that is being written. Not here: reading it, starting runs (automation.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.feeds import FILE_FEEDS
from pipelines.landing import drop_folder
from pipelines.landing.archive import sha256_of
from pipelines.quarters import Quarter

if TYPE_CHECKING:
    from pipelines.ledger import Ledger


@dataclass(frozen=True)
class Arrival:
    """What arrived for a quarter: names and contents of deliveries that the ledger does not know, and the closing markers there are.

    Both are digests, empty if there is nothing: the same arrival has the same ones, and a further file gives others.
    """

    quarter: Quarter
    deliveries: str
    markers: str
    feeds: tuple[str, ...]


@dataclass
class DropFolderWatch:
    """Looks at the drop folder again and again; what it saw last is kept in memory and is nothing that must not be lost.

    A file counts once its size and time were the same at two looks, and is read once for its digest until they change.
    """

    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _digests: dict[tuple[Path, int, int], str] = field(default_factory=dict)

    def look(self, data_raw: Path, ledger: Ledger, quarters: list[Quarter]) -> list[Arrival]:
        """What has arrived for each of `quarters` and is whole, in order of time; `UsageError` for files where nobody would look."""
        present = [quarter for quarter in quarters if (data_raw / str(quarter)).is_dir()]
        drop_folder.check_layout(data_raw, present)
        known = {(each.quarter, each.feed, each.file_name, each.sha256) for each in ledger.deliveries()}
        before, self._seen = self._seen, {}
        digests, self._digests = self._digests, {}
        return [arrival for quarter in present if (arrival := self._of_quarter(data_raw, quarter, known, before, digests))]

    def _of_quarter(
        self,
        data_raw: Path,
        quarter: Quarter,
        known: set[tuple[str, str, str, str]],
        before: dict[Path, tuple[int, int]],
        digests: dict[tuple[Path, int, int], str],
    ) -> Arrival | None:
        arrived = []
        for feed in FILE_FEEDS:
            dropped = drop_folder.scan(data_raw, quarter, feed)
            for path in sorted({file.path for file in dropped.files} | set(dropped.misnamed)):
                sha256 = self._digest_if_whole(path, before, digests)
                if sha256 and (str(quarter), feed, drop_folder.name_of(path), sha256) not in known:
                    arrived.append((feed, drop_folder.name_of(path), sha256))
            for found in dropped.no_files:
                if (str(quarter), feed, found.name, found.sha256) not in known:
                    arrived.append((feed, found.name, found.sha256))
        markers = [marker.name for marker in drop_folder.closing_markers(data_raw, quarter)]
        if not arrived and not markers:
            return None
        return Arrival(quarter, _digest(arrived), _digest(markers), tuple(sorted({feed for feed, _, _ in arrived})))

    def _digest_if_whole(self, path: Path, before: dict[Path, tuple[int, int]], digests: dict[tuple[Path, int, int], str]) -> str | None:
        status = path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        self._seen[path] = stamp
        if before.get(path) != stamp:
            return None
        key = (path, *stamp)
        self._digests[key] = digests.get(key) or sha256_of(path)
        return self._digests[key]


def _digest(parts: list[tuple[str, str, str]] | list[str]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16] if parts else ""
