"""Text and places in a spreadsheet that a person will open.

Here: the one rule that keeps text text, and the letters of a column. Not here: file formats.
"""

from __future__ import annotations

_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")


def neutralised(text: str) -> str:
    """Text with a leading `'` if a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_RUNS_IN_A_SPREADSHEET) else text


def column_letters(position: int) -> str:
    """The letters of a column counted from 0: `A` for 0, `AA` for 26."""
    letters, rest = "", position + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
