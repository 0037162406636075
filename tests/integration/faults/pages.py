"""A sheet of a sound workbook as XML that can be changed cell by cell, far quicker than a library that reads and writes it whole.

Here: what the sample's writer writes (a reference on every cell, shared strings). Not here: faults.
"""

from __future__ import annotations

import functools
import re
from html import escape, unescape

from openpyxl.utils import column_index_from_string, get_column_letter

_ROW = r'<row r="{0}"[^>]*?(?:/>|>(.*?)</row>)'
_CELL = re.compile(r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)


@functools.lru_cache(4)
def shared_strings(xml: bytes) -> tuple[str, ...]:
    """The texts that cells point to."""
    return tuple(
        unescape("".join(re.findall(r"<t[^>]*>(.*?)</t>", item, re.DOTALL)))
        for item in re.findall(r"<si>(.*?)</si>", xml.decode(), re.DOTALL)
    )


def inline(text: str) -> tuple[str, str]:
    """Attributes and content of a cell with its own text."""
    return ' t="inlineStr"', f'<is><t xml:space="preserve">{escape(text, quote=False)}</t></is>'


class Page:
    """One sheet; `xml` is what it has become."""

    def __init__(self, xml: bytes, strings: tuple[str, ...]) -> None:
        self.xml = xml.decode()
        self._strings = strings

    @property
    def last_row(self) -> int:
        return max(int(number) for number in re.findall(r'<row r="(\d+)"', self.xml))

    def cells(self, row: int) -> dict[str, tuple[str, str]]:
        """Attributes and content by column letter."""
        found = re.search(_ROW.format(row), self.xml, re.DOTALL)
        return {match[1]: (match[2], match[3] or "") for match in _CELL.finditer(found[1] or "")} if found else {}

    def text(self, row: int, column: str) -> str:
        attributes, content = self.cells(row).get(column, ("", ""))
        value = re.search(r"<(?:v|t)[^>]*>(.*?)</", content, re.DOTALL)
        if not value:
            return ""
        return self._strings[int(value[1])] if 't="s"' in attributes else unescape(value[1])

    def column(self, header: str) -> str:
        """The column under a header text in the first five rows; the first one with it counts."""
        return next(column for row in range(1, 6) for column in self.cells(row) if self.text(row, column) == header)

    def row(self, value: str, header: str = "行政区划代码") -> int:
        """The first row of the body with this text under a header."""
        column = self.column(header)
        return next(row for row in range(2, self.last_row + 1) if self.text(row, column) == value)

    def put(self, row: int, column: str, value: str | int | float | tuple[str, str] | None) -> None:
        """A cell's value: text, number, nothing, or attributes and content as they are."""
        cells = self.cells(row)
        if value is None:
            cells.pop(column, None)
        elif isinstance(value, tuple):
            cells[column] = value
        else:
            cells[column] = inline(value) if isinstance(value, str) else ("", f"<v>{value}</v>")
        self.put_row(row, cells)

    def put_row(self, row: int, cells: dict[str, tuple[str, str]]) -> None:
        """A row's cells; a row below the last one is added."""
        inner = "".join(
            f'<c r="{column}{row}"{cells[column][0]}>{cells[column][1]}</c>' for column in sorted(cells, key=column_index_from_string)
        )
        written = f'<row r="{row}">{inner}</row>'
        pattern = re.compile(_ROW.format(row), re.DOTALL)
        self.xml = (
            pattern.sub(lambda _: written, self.xml)
            if pattern.search(self.xml)
            else self.xml.replace("</sheetData>", written + "</sheetData>")
        )

    def drop_rows(self, rows: range) -> None:
        """These rows gone, the others where they were."""
        for row in rows:
            self.xml = re.sub(_ROW.format(row), "", self.xml, flags=re.DOTALL)

    def drop_column(self, column: str) -> None:
        """A column gone, those to its right moved left."""
        at = column_index_from_string(column)
        for row in range(1, self.last_row + 1):
            moved = {}
            for name, cell in self.cells(row).items():
                index = column_index_from_string(name)
                if index != at:
                    moved[get_column_letter(index - (index > at))] = cell
            self.put_row(row, moved)

    def swap(self, first: str, second: str) -> None:
        """Two columns in each other's place."""
        names = {first: second, second: first}
        for row in range(1, self.last_row + 1):
            self.put_row(row, {names.get(column, column): cell for column, cell in self.cells(row).items()})

    def after_data(self, xml: str) -> None:
        """Something that stands behind the rows."""
        self.xml = self.xml.replace("</sheetData>", "</sheetData>" + xml, 1)
