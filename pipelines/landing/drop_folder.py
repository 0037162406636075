"""The drop folder: which files an office delivered for a quarter, in the order of their receipt.

Here: names and order. Not here: contents; the name is never trusted for what is inside.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.feeds import FILE_FEEDS, TAX
from pipelines.quarters import Quarter

_NAME = re.compile(r"(?P<day>\d{8})(?:-(?P<number>\d{1,6}))?_(?P<name>.+)\.(?P<extension>[^.]+)", re.ASCII | re.DOTALL)
_QUARTER = re.compile(r"20\d\dQ[1-4]", re.ASCII)
_PARTIAL = (".part", ".tmp", ".crdownload")
MARKER = ".txt"
_SYSTEM = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class DroppedFile:
    """A file in the drop folder with the day and number of its receipt as its name says."""

    path: Path
    received_on: dt.date
    received_no: int

    @property
    def order(self) -> tuple[dt.date, int, str]:
        """Deliveries are judged in this order; the last one is the newest."""
        return self.received_on, self.received_no, self.path.name


@dataclass(frozen=True)
class Dropped:
    """What lies in one folder: deliveries in order of receipt, files whose name says no day, and notes on what was passed over."""

    files: tuple[DroppedFile, ...]
    misnamed: tuple[Path, ...]
    notes: tuple[str, ...]


def scan(data_raw: Path, quarter: Quarter, feed: str) -> Dropped:
    """Look into `data_raw/<quarter>/<feed>`; a folder that is not there holds nothing."""
    folder = data_raw / str(quarter) / feed
    files: list[DroppedFile] = []
    misnamed: list[Path] = []
    notes: list[str] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if _is_passed_over(path):
            notes.append(f"{path.name}: ignored, a temporary, hidden or lock file or a folder")
            continue
        received = _received(path.name)
        if received is None:
            misnamed.append(path)
        else:
            files.append(DroppedFile(path, *received))
    files.sort(key=lambda file: file.order)
    for earlier, later in itertools.pairwise(files):
        if earlier.order[:2] == later.order[:2]:
            notes.append(f"{later.path.name}: same day and number as {earlier.path.name}; number re-deliveries of a day -2, -3, …")
    return Dropped(tuple(files), tuple(misnamed), tuple(notes))


def closing_markers(data_raw: Path, quarter: Quarter) -> list[DroppedFile]:
    """The tax office's word that all of a quarter's returns are filed: `<quarter>/tax/<YYYYMMDD>_<name>.txt`; only the name counts."""
    return [file for file in scan(data_raw, quarter, TAX.name).files if file.path.suffix.lower() == MARKER]


def check_layout(data_raw: Path, quarters: list[Quarter]) -> None:
    """Refuse (`UsageError`) what lies where nobody looks: folders that are no quarter or no feed, deliveries beside the feeds' folders."""
    feeds, known = ", ".join(FILE_FEEDS), (*FILE_FEEDS, TAX.name)
    for folder in _folders(data_raw):
        if not _QUARTER.fullmatch(folder.name) and any(inner.name in known for inner in _folders(folder)):
            raise UsageError(f"drop folder: found {folder}; expected folders of quarters, such as 2023Q3; next: rename the folder")
    for quarter in quarters:
        home = data_raw / str(quarter)
        stray = [path for path in _folders(home) if path.name not in FILE_FEEDS and not _holds_markers(path)]
        stray += [path for path in sorted(home.glob("*")) if path.is_file() and not _is_noise(path) and _received(path.name)]
        if stray:
            raise UsageError(f"drop folder: found {stray[0]}; expected deliveries in one of the folders {feeds}; next: rename or move it")


def _holds_markers(folder: Path) -> bool:
    """Whether a folder is the tax office's, which delivers in its database, and holds nothing but closing markers."""
    return folder.name == TAX.name and all(path.suffix.lower() == MARKER for path in folder.iterdir() if not _is_passed_over(path))


def _folders(parent: Path) -> list[Path]:
    return [path for path in sorted(parent.glob("*")) if path.is_dir() and not _is_noise(path)]


def _is_passed_over(path: Path) -> bool:
    return path.is_dir() or _is_noise(path)


def _is_noise(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith((".", "~", "__macosx")) or name.endswith(_PARTIAL) or name in _SYSTEM


def _received(name: str) -> tuple[dt.date, int] | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        day = dt.datetime.strptime(match["day"], "%Y%m%d").date()
    except ValueError:
        return None
    number = int(match["number"] or 1)
    return (day, number) if number >= 1 else None
