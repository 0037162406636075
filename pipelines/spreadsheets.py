"""Text that a person will open in a spreadsheet.

Here: the one rule that keeps it text. Not here: file formats.
"""

from __future__ import annotations

_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")


def neutralised(text: str) -> str:
    """Text with a leading `'` if a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_RUNS_IN_A_SPREADSHEET) else text
