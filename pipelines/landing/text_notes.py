"""What is odd about landed text and kept as it is.

Here: characters of the private use area (rare names in a font of the office's own) and cells as long as a cell can be.
Not here: what staging coerces or quarantines.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

PRIVATE_USE = "[\\x{E000}-\\x{F8FF}\\x{F0000}-\\x{10FFFD}]"
# Excel cuts a cell's text here without a word.
LONGEST_CELL = 32_767


class TextNotes:
    """Counts over the batches of one table."""

    def __init__(self) -> None:
        self._private = self._cut = 0

    def look_at(self, columns: Sequence[pa.Array]) -> None:
        """Count in one batch of text columns."""
        for column in columns:
            self._private += pc.sum(pc.match_substring_regex(column, PRIVATE_USE)).as_py() or 0
            longest = pc.max(pc.utf8_length(column)).as_py() or 0
            self._cut += longest == LONGEST_CELL

    def told(self) -> list[str]:
        """The notes, none where nothing is odd."""
        notes = [f"{self._private} cells with characters of the private use area, kept"] if self._private else []
        return [*notes, f"{self._cut} columns with a text of {LONGEST_CELL} characters, where Excel cuts"] if self._cut else notes

    def of(self, columns: Sequence[pa.Array]) -> list[str]:
        """The notes on one whole table."""
        self.look_at(columns)
        return self.told()
