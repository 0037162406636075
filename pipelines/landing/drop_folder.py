"""The drop folder: which files an office delivered for a quarter, in the order of their receipt.

Here: names, kinds of files and order. Not here: contents; the name is never trusted for what is inside.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import os
import re
import stat
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.errors import Problem, UsageError
from pipelines.feeds import FILE_FEEDS, TAX
from pipelines.quarters import Quarter

_NAME = re.compile(r"(?P<day>\d{8})(?:-(?P<number>\d{1,6}))?_(?P<name>.+)\.(?P<extension>[^.]+)", re.ASCII | re.DOTALL)
_QUARTER = re.compile(r"20\d\dQ[1-4]", re.ASCII)
_PARTIAL = (".part", ".tmp", ".crdownload")
MARKER = ".txt"
_SYSTEM = ("thumbs.db", "desktop.ini")
_FOLDER = "文件夹"
_KINDS = {
    "符号链接": "a symbolic link",
    "命名管道": "a named pipe",
    "套接字": "a socket",
    "设备文件": "a device",
    _FOLDER: "a folder",
}


@dataclass(frozen=True)
class DroppedFile:
    """A file in the drop folder with the day and number of its receipt as its name says."""

    path: Path
    received_on: dt.date
    received_no: int

    @property
    def name(self) -> str:
        """The name as text, as records and messages give it."""
        return name_of(self.path)

    @property
    def order(self) -> tuple[dt.date, int, str]:
        """Deliveries are judged in this order; the last one is the newest."""
        return self.received_on, self.received_no, self.name


@dataclass(frozen=True)
class NoFile:
    """What lies in the place of a delivery and has no bytes of its own: a link, a pipe, a folder. It is refused, never opened."""

    path: Path
    kind: str

    @property
    def name(self) -> str:
        """The name as text."""
        return name_of(self.path)

    @property
    def problem(self) -> Problem:
        """Why it is refused."""
        step = "put the file itself there under this name, then run again"
        return Problem("not_a_file", self.name, _KINDS[self.kind], "an ordinary file with the delivery's bytes", step, value=self.kind)

    @property
    def document(self) -> bytes:
        """What is archived in its place."""
        return json.dumps({"problem": asdict(self.problem)}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def sha256(self) -> str:
        """The digest of the document."""
        return hashlib.sha256(self.document).hexdigest()


@dataclass(frozen=True)
class Dropped:
    """What lies in one folder: deliveries in order of receipt, files whose name says no day, what is no file, and notes on the rest."""

    files: tuple[DroppedFile, ...]
    misnamed: tuple[Path, ...]
    no_files: tuple[NoFile, ...]
    notes: tuple[str, ...]


def name_of(path: Path) -> str:
    """A file's name as text that any record can hold: UTF-8, else GB18030 (as Windows uploads it); odd bytes as hex escapes.

    Control characters are escaped too: a name is shown in terminals, pages and workbooks.
    """
    name = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = name.decode(encoding)
            break
        except UnicodeDecodeError:
            text = name.decode("utf-8", "backslashreplace")
    return "".join(ascii(character)[1:-1] if unicodedata.category(character) == "Cc" else character for character in text)


def text_of(path: Path) -> str:
    """A path as text for a message; see `name_of`."""
    return str(Path(*(part if part == os.sep else name_of(Path(part)) for part in path.parts)))


def scan(data_raw: Path, quarter: Quarter, feed: str) -> Dropped:
    """Look into `data_raw/<quarter>/<feed>`; a folder that is not there holds nothing."""
    folder = data_raw / str(quarter) / feed
    files: list[DroppedFile] = []
    misnamed: list[Path] = []
    no_files: list[NoFile] = []
    notes: list[str] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        name, day, kind = name_of(path), received(name_of(path)), _kind(path)
        if _is_noise(path) or (kind == _FOLDER and day is None):
            notes.append(f"{name}: ignored, a temporary, hidden or lock file or a folder")
        elif kind:
            no_files.append(NoFile(path, kind))
        elif day is None:
            misnamed.append(path)
        else:
            files.append(DroppedFile(path, *day))
    files.sort(key=lambda file: file.order)
    notes += [f"{file.name}: a name that is no UTF-8" for file in files if not _is_utf_8(file.path)]
    for earlier, later in itertools.pairwise(files):
        if earlier.order[:2] == later.order[:2]:
            notes.append(f"{later.name}: same day and number as {earlier.name}; number re-deliveries of a day -2, -3, …")
    return Dropped(tuple(files), tuple(misnamed), tuple(no_files), tuple(notes))


def closing_markers(data_raw: Path, quarter: Quarter) -> list[DroppedFile]:
    """The tax office's word that all of a quarter's returns are filed: `<quarter>/tax/<YYYYMMDD>_<name>.txt`; only the name counts."""
    return [file for file in scan(data_raw, quarter, TAX.name).files if file.path.suffix.lower() == MARKER]


def check_layout(data_raw: Path, quarters: list[Quarter]) -> None:
    """Refuse (`UsageError`) what lies where nobody looks: folders that are no quarter or no feed, linked ones, deliveries beside them."""
    feeds, known = ", ".join(FILE_FEEDS), (*FILE_FEEDS, TAX.name)
    for folder in _folders(data_raw):
        if not _QUARTER.fullmatch(folder.name) and any(inner.name in known for inner in _folders(folder)):
            raise UsageError(f"drop folder: found {text_of(folder)}; expected folders of quarters, such as 2023Q3; next: rename the folder")
    for quarter in quarters:
        home = data_raw / str(quarter)
        for folder in (home, *(home / feed for feed in known)):
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise UsageError(
                    f"drop folder: found {text_of(folder)}, which is no folder of its own; expected a folder that lies there; "
                    "next: move the deliveries into one (I315_DATA_RAW itself may be a link), or mount the other disk there"
                )
        stray = [path for path in _folders(home) if path.name not in FILE_FEEDS and not _holds_markers(path)]
        stray += [path for path in sorted(home.glob("*")) if _kind(path) != _FOLDER and not _is_noise(path) and received(name_of(path))]
        if stray:
            found = text_of(stray[0])
            raise UsageError(f"drop folder: found {found}; expected deliveries in one of the folders {feeds}; next: rename or move it")


def _holds_markers(folder: Path) -> bool:
    """Whether a folder is the tax office's, which delivers in its database, and holds nothing but closing markers."""
    if folder.name != TAX.name:
        return False
    inside = [path for path in folder.iterdir() if not _is_noise(path) and _kind(path) != _FOLDER]
    return all(path.suffix.lower() == MARKER and not _kind(path) for path in inside)


def _folders(parent: Path) -> list[Path]:
    return [path for path in sorted(parent.glob("*")) if path.is_dir() and not _is_noise(path)]


def _kind(path: Path) -> str:
    """What a path is if it is no ordinary file, in Chinese (`_KINDS`); a link is not followed."""
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        return ""
    kinds = {stat.S_ISLNK: "符号链接", stat.S_ISFIFO: "命名管道", stat.S_ISSOCK: "套接字", stat.S_ISDIR: _FOLDER}
    return next((kind for is_kind, kind in kinds.items() if is_kind(mode)), "设备文件")


def _is_utf_8(path: Path) -> bool:
    return os.fsencode(path.name).decode("utf-8", "ignore").encode() == os.fsencode(path.name)


def _is_noise(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith((".", "~", "__macosx")) or name.endswith(_PARTIAL) or name in _SYSTEM


def received(name: str) -> tuple[dt.date, int] | None:
    """Day and number of a delivery's receipt as its name says; None if it says none."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        day = dt.datetime.strptime(match["day"], "%Y%m%d").date()
    except ValueError:
        return None
    number = int(match["number"] or 1)
    return (day, number) if number >= 1 else None
