"""Recording what a piece of work does to the files of a warehouse, through the calls by which Python changes files.

Here: the recorder, and the proof that it missed nothing: what was recorded gives the disk that is there. Not here: crash states.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipelines.ledger import Ledger
from tests.crash_states import KEPT_TREES, LEDGER, ROOT, Disk, Name, Op, Recording, plain


def read_disk(root: Path) -> Disk:
    """What lies below a warehouse's kept trees, all of it durable."""
    disk, numbers = Disk(ledger=(root / LEDGER).read_bytes()), count(1)

    def read(folder: Path, node: int) -> None:
        for path in sorted(folder.iterdir()):
            if folder == root and path.name not in KEPT_TREES:
                continue
            own = disk.folders[node][path.name] = next(numbers)
            if path.is_dir():
                disk.folders[own] = {}
                read(path, own)
            else:
                disk.files[own] = path.read_bytes()

    read(root, ROOT)
    return disk


def record(root: Path, work: Callable[[], object], patch: pytest.MonkeyPatch) -> Recording:
    """Do the work and record each file operation below the kept trees of a warehouse, and each commit of its ledger."""
    before = read_disk(root)
    recorder = _Recorder(root, before.copy())
    with patch.context() as patched:
        recorder.listen(patched)
        work()
    found = Recording(before, recorder.ops, recorder.disk)
    assert plain(read_disk(root).tree()) == plain(found.now.tree()), "an operation was not recorded"
    return found


class _Recorder:
    def __init__(self, root: Path, disk: Disk) -> None:
        self.root, self.disk, self.ops = root, disk, []
        self._numbers = count(max([*disk.files, *disk.folders]) + 1)

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of every call through which Python changes files."""
        real_open, real_append = io.open, Ledger.append
        calls: dict[str, Callable[..., None]] = {
            "mkdir": lambda path, *_: self._enter(path, is_folder=True),
            "replace": self._rename,
            "rename": self._rename,
            "unlink": lambda path, *_: self._leave(path),
            "remove": lambda path, *_: self._leave(path),
            "rmdir": lambda path, *_: self._leave(path),
            "fsync": self._sync,
        }
        for name, note in calls.items():
            patch.setattr(os, name, self._heard(getattr(os, name), note))

        def os_open(path: Any, flags: int, *args: Any, real: Callable[..., int] = os.open, **kwargs: Any) -> int:
            is_new = bool(flags & os.O_CREAT) and not Path(os.fsdecode(path)).exists()
            handle = real(path, flags, *args, **kwargs)
            if is_new:
                self._enter(path, is_folder=False)
            return handle

        def opened(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            file = real_open(path, mode, *args, **kwargs)
            return _Heard(file, lambda: self._write(path)) if set(mode) & set("wax+") and self._place(path) else file

        def append(ledger: Ledger, *args: Any, **kwargs: Any) -> Any:
            entry = real_append(ledger, *args, **kwargs)
            self._note(Op("commit", content=(self.root / LEDGER).read_bytes()))
            return entry

        patch.setattr(os, "open", os_open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        patch.setattr(Ledger, "append", append)

    @staticmethod
    def _heard(real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            assert kwargs.get("dir_fd") is None, "a path relative to an open folder is not followed here"
            result = real(*args, **kwargs)
            note(*args)
            return result

        return called

    def _note(self, op: Op) -> None:
        self.ops.append(op)
        self.disk.apply(op)

    def _place(self, path: Any) -> Name | None:
        """Where a path lies among the kept trees; None outside of them."""
        full = Path(os.fsdecode(path))
        if not full.is_relative_to(self.root) or full == self.root or full.relative_to(self.root).parts[0] not in KEPT_TREES:
            return None
        folder = self._node(full.parent)
        return None if folder is None else Name(folder, full.name)

    def _node(self, path: Path) -> int | None:
        node: int | None = ROOT
        for name in path.relative_to(self.root).parts:
            node = self.disk.folders.get(node, {}).get(name) if node is not None else None
        return node

    def _enter(self, path: Any, *, is_folder: bool) -> None:
        place = self._place(path)
        if place:
            node = next(self._numbers)
            if is_folder:
                self.disk.folders[node] = {}
            else:
                self.disk.files[node] = b""
            self._note(Op("enter", node, place))

    def _write(self, path: Any) -> None:
        full = Path(os.fsdecode(path))
        if self._node(full) is None:
            self._enter(path, is_folder=False)
        self._note(Op("write", self._node(full), content=full.read_bytes()))

    def _rename(self, source: Any, target: Any, *_: Any) -> None:
        place, old = self._place(target), self._place(source)
        if place and old:
            node = self.disk.folders[old.folder][old.name]
            self._catch_up(node, Path(os.fsdecode(target)))
            self._note(Op("rename", node, place, old))

    def _leave(self, path: Any) -> None:
        place = self._place(path)
        if place:
            self._note(Op("leave", self.disk.folders[place.folder][place.name], place))

    def _sync(self, handle: int, *_: Any) -> None:
        full = Path(os.readlink(f"/proc/self/fd/{handle}"))
        node = self._node(full) if full.is_relative_to(self.root) else None
        if node is not None:
            self._catch_up(node, full)
            self._note(Op("sync", node))

    def _catch_up(self, node: int, path: Path) -> None:
        """Note what a library wrote that does not write through Python, at the latest when the file is synced or renamed."""
        if node in self.disk.files and self.disk.files[node] != (content := path.read_bytes()):
            self._note(Op("write", node, content=content))


class _Heard:
    """A file whose content is noted when it is closed."""

    def __init__(self, file: Any, note: Callable[[], None]) -> None:
        self._file, self._note_content = file, note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Heard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._note_content()
