"""The encoding of a CSV delivery: the one that decodes every byte of it, or where none does.

Here: byte-order marks, strict decoding, characters that no text holds, and the text as UTF-8. Not here: records and columns.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DeliveryRejected, Problem
from pipelines.landing.workbook.kinds import IN_CHINESE, TEXT, UNKNOWN, what_it_is

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 20
END_OF_FILE = "\x1a"
ENCODING_NAMES = {"utf-8-sig": "UTF-8 with a byte-order mark", "utf-16": "UTF-16", "utf-8": "UTF-8", "gb18030": "GB18030"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_OFFSET = -1
#: In UTF-8: what makes a look at the whole file necessary.
_SUSPICIOUS = (b"\x00", "\ufeff".encode(), END_OF_FILE.encode())
_STEP = "ask the office to export it again as CSV in GB18030 or UTF-8"


class Utf8Text(io.RawIOBase):
    """The text of a CSV delivery as UTF-8, without its mark; `encoding` is what it is delivered in.

    The most frequent encoding is proved while it is read: `DeliveryRejected` at the latest where the text ends. `prove` does so at once.
    """

    def __init__(self, path: Path, file_name: str) -> None:
        self._path, self._file_name, self._waiting = path, file_name, memoryview(b"")
        self._is_proved = not _can_be_gb18030_only(path)
        self.encoding = encoding_of(path, file_name) if self._is_proved else "gb18030"
        self._decoder = codecs.getincrementaldecoder(self.encoding)(errors="strict")
        self._stream = path.open("rb")

    def readable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()

    def prove(self) -> None:
        """Read the file to its end; `DeliveryRejected` with the place where it stops being text."""
        if not self._is_proved:
            encoding_of(self._path, self._file_name)
            self._is_proved = True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Take the next bytes of UTF-8."""
        while not self._waiting:
            chunk = self._stream.read(CHUNK)
            self._waiting = memoryview(self._as_utf8(chunk))
            if not chunk:
                break
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._waiting))
        target[:count], self._waiting = self._waiting[:count], self._waiting[count:]
        return count

    def _as_utf8(self, chunk: bytes) -> bytes:
        if self.encoding == "utf-8":
            return chunk
        try:
            text = self._decoder.decode(chunk, final=not chunk).encode()
        except UnicodeDecodeError:
            self.prove()
            raise
        if not self._is_proved and any(each in text for each in _SUSPICIOUS):
            self.prove()
        return text


def _can_be_gb18030_only(path: Path) -> bool:
    """Whether the first bytes are a text without a mark and not in UTF-8: what is left is certain, if the rest decodes."""
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    if what_it_is(head[:4096]) not in (TEXT, UNKNOWN) or any(head.startswith(mark) for mark, _ in _MARKS):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")(errors="strict").decode(head)
    except UnicodeDecodeError:
        return True
    return False


@dataclass(frozen=True)
class _Fault:
    """Where a file stops being text: byte (if decoding failed), line, what is there, and that in hex digits."""

    offset: int
    line: int
    found: str
    value: str


def encoding_of(path: Path, file_name: str) -> str:
    """Find the encoding that a file decodes in to its end; `DeliveryRejected` with the place if there is none.

    A byte-order mark decides; without one it is UTF-8 if it decodes strictly as that, else GB18030.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    kind = what_it_is(head)
    if kind not in (TEXT, UNKNOWN):
        raise DeliveryRejected(Problem("unreadable", file_name, kind, "a CSV file", _STEP, value=IN_CHINESE[kind]))
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    faults: dict[str, _Fault] = {}
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        fault = _first_fault(path, encoding)
        if fault is None:
            return encoding
        faults[encoding] = fault
        if fault.offset == _NO_OFFSET:
            break
    # The reading that gets further is the one that was meant; its fault is the one to look at.
    encoding, fault = max(faults.items(), key=lambda item: (item[1].offset == _NO_OFFSET, item[1].offset))
    place = f"line {fault.line}" + ("" if fault.offset == _NO_OFFSET else f" byte {fault.offset}")
    expected = f"a file that is {' or '.join(ENCODING_NAMES[name] for name in faults)} to its end"
    raise DeliveryRejected(
        Problem(
            "encoding", file_name, f"{fault.found} (read as {ENCODING_NAMES[encoding]})", expected, _STEP, place=place, value=fault.value
        )
    )


def _first_fault(path: Path, encoding: str) -> _Fault | None:
    """Find the first place where a file cannot be decoded or holds what no text does (NUL, a mark or an end-of-file in the middle)."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset, line = 0, 1
    end_mark = 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                bad = error.object[error.start : error.end]
                before = error.object[: error.start].count(b"\n")
                return _Fault(offset - pending + error.start, line + before, f"bytes {bad.hex(' ')} that are no character", bad.hex(" "))
            for character, name in (("\x00", "a NUL character"), ("\ufeff", "a byte-order mark inside the text")):
                at = text.find(character)
                if at >= 0:
                    return _Fault(_NO_OFFSET, line + text.count("\n", 0, at), name, f"U+{ord(character):04X}")
            at = text.find(END_OF_FILE)
            if at >= 0 or end_mark:
                end_mark = end_mark or line + text.count("\n", 0, at)
                if text[at + 1 :].strip(END_OF_FILE + "\r\n"):
                    return _Fault(_NO_OFFSET, end_mark, "an end-of-file character (Ctrl-Z) inside the text", "U+001A")
            if not chunk:
                return None
            offset += len(chunk)
            line += text.count("\n")
