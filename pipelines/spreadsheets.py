"""Text and places in a spreadsheet that a person will open.

Here: the one rule that keeps text text, the letters of a column, how many lines a text takes. Not here: file formats.
"""

from __future__ import annotations

from math import ceil

LINE_HEIGHT = 14.0
"""Points that a line of ten-point text takes."""
_LAST_NARROW = 0x2E7F
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


def lines_in(text: str, width: float) -> int:
    """Lines that a text takes in a column so many Latin characters wide, of which a Chinese one is two; at least one."""
    taken = sum(2 if ord(character) > _LAST_NARROW else 1 for character in text)
    return max(ceil(taken / (width - 2)), 1)
