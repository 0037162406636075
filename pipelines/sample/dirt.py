"""The small untidiness of real deliveries that landing and staging must coerce without changing a value.

Here: other ways to write the same number or date, and which cells get them. Not here: rows that are wrong (each feed makes its own).
"""

from __future__ import annotations

import numpy as np

_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
DATE_FORMS = 5


def wide(text: str) -> str:
    """Digits in full width."""
    return text.translate(_WIDE)


def untidy_number(text: str, form: int) -> str:
    """The same number with thousand separators, in full width, with a space inside, or with a currency sign."""
    whole, dot, part = text.partition(".")
    if form % 4 == 0:
        return f"{int(whole):,}{dot}{part}"
    if form % 4 == 1:
        return wide(text)
    if form % 4 == 2:
        return f" {whole[:-3]} {whole[-3:]}{dot}{part}" if len(whole) > 3 else f" {text} "
    return f"¥{text}"


def untidy_date(iso: str, form: int) -> str:
    """An ISO date in one of the five accepted spellings."""
    year, month, day = iso[:4], int(iso[5:7]), int(iso[8:])
    return (iso, f"{year}/{month}/{day}", f"{year}.{month}.{day}", f"{year}年{month}月{day}日", iso.replace("-", ""))[form % DATE_FORMS]


def chosen(rng: np.random.Generator, size: int, share: float) -> list[int]:
    """Positions of about `share` of `size` cells, in order."""
    return sorted(int(place) for place in rng.choice(size, min(int(size * share) + (size > 0), size), replace=False))


def bad_rows(rows: int) -> int:
    """How many rows to spoil among `rows`: a handful, and well below half a percent."""
    return min(5, int(rows * 0.003))
