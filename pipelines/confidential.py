"""What a cell of a delivery may be called in an error, a log, an event or a record: its form, and nothing of what it says.

Here: the one function that decides. Not here: lists for the office that delivered the rows (quarantine, receipts), which show the rows.
"""

from __future__ import annotations

import unicodedata

_LONGEST = 40


def form_of(cell: object) -> str:
    """The form of a cell: digits as 9, letters as A, characters as 字, all else as it is. Its place and key find the cell itself again.

    `12,3x` is `99,9A`, 约三万 is 字字字, the number 17.5 is `99.9`.
    """
    form = "".join(map(_form, str(cell)[: _LONGEST + 1]))
    return form if len(form) <= _LONGEST else f"{form[:_LONGEST]}…"


def _form(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("N"):
        return "9"
    return "字" if category == "Lo" else "A" if category.startswith("L") else character
