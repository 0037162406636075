"""A list in columns for the terminal, in its full width: what is cut cannot be audited.

Here: aligning text, Chinese characters taking two places. Not here: what is listed. Rich's own tables take longer than a trace.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console

_GAP = "  "


class Listing:
    """Rows of text below headings."""

    def __init__(self, *headings: str) -> None:
        self._rows: list[tuple[str, ...]] = [headings]

    def add_row(self, *cells: str) -> None:
        """One more row, with a text for each heading."""
        if len(cells) != len(self._rows[0]):
            raise ValueError(f"found {len(cells)} cells; expected {len(self._rows[0])}")
        self._rows.append(cells)

    def show(self, out: Console) -> None:
        """Print it."""
        widths = [max(cell_len(row[place]) for row in self._rows) for place in range(len(self._rows[0]))]
        lines = [
            _GAP.join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in self._rows
        ]
        out.print("\n".join(lines), markup=False, crop=False, soft_wrap=True)
