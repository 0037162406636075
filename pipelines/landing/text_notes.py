"""What is odd about landed text and kept as it is.

Here: characters of the private use area (rare names in a font of the office's own) and cells as long as a cell can be.
Not here: what staging coerces or quarantines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PRIVATE_USE = "[\\x{E000}-\\x{F8FF}\\x{F0000}-\\x{10FFFD}]"
# Excel cuts a cell's text here without a word.
LONGEST_CELL = 32_767


def _may_hold_private_use(column: pa.Array) -> bool:
    """A quick look at the UTF-8 of a column, and of what it may be a part of, for such characters' first bytes; sure if it says no."""
    text = column.buffers()[2]
    if text is None:
        return False
    codes = np.frombuffer(text, np.uint8)
    if ((codes == 0xEE) | (codes == 0xF3) | (codes == 0xF4)).any():
        return True
    # U+F000 to U+FFFF: only those up to U+F8FF are private, and full-width forms are above.
    second = codes[np.flatnonzero(codes[:-1] == 0xEF) + 1]
    return bool((second <= 0xA3).any())


class TextNotes:
    """Counts over the batches of one table."""

    def __init__(self) -> None:
        self._private = self._cut = 0

    def look_at(self, columns: Sequence[pa.Array]) -> None:
        """Count in one batch of text columns."""
        for column in columns:
            if _may_hold_private_use(column):
                self._private += pc.sum(pc.match_substring_regex(column, PRIVATE_USE)).as_py() or 0
            # A text has no more characters than bytes, and bytes need no counting.
            if (pc.max(pc.binary_length(column)).as_py() or 0) >= LONGEST_CELL:
                self._cut += pc.max(pc.utf8_length(column)).as_py() == LONGEST_CELL

    def told(self) -> list[str]:
        """The notes, none where nothing is odd."""
        notes = [f"{self._private} cells with characters of the private use area, kept"] if self._private else []
        return [*notes, f"{self._cut} columns with a text of {LONGEST_CELL} characters, where Excel cuts"] if self._cut else notes

    def of(self, columns: Sequence[pa.Array]) -> list[str]:
        """The notes on one whole table."""
        self.look_at(columns)
        return self.told()
