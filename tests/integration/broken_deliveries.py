"""Re-deliveries with one fault each, made from what the office delivered before.

Here: how a delivered file is spoilt and put into the drop folder under a newer date. Not here: what must become of it.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import Office

RECEIVED = "20231215"


def copied(office: Office, root: Path) -> Office:
    """A drop folder and warehouse of its own with everything that the office delivered and published so far."""
    shutil.copytree(office.data_raw, root / "drop")
    shutil.copytree(office.warehouse, root / "warehouse")
    return Office(root / "drop", root / "warehouse", root)


def newest(office: Office, quarter: str, feed: str) -> Path:
    """The file received last; the sample never numbers ten deliveries of a day, so names sort as they count."""
    return max((office.data_raw / quarter / feed).iterdir(), key=lambda path: path.name.split("_")[0])


def redelivered(office: Office, quarter: str, feed: str, content: bytes) -> Path:
    """A newer file with this content beside the delivered one."""
    before = newest(office, quarter, feed)
    target = before.with_name(f"{RECEIVED}_更正{before.suffix}")
    target.write_bytes(content)
    return target


def edited_workbook(office: Office, quarter: str, feed: str, edit: Callable[[Workbook], None]) -> Path:
    """The newest workbook of a feed delivered again, with cells edited."""
    book = openpyxl.load_workbook(newest(office, quarter, feed))
    edit(book)
    content = io.BytesIO()
    book.save(content)
    return redelivered(office, quarter, feed, content.getvalue())


def row_of(sheet: Worksheet, code: str) -> int:
    """The sheet row whose first cell is this code."""
    return next(cell.row for (cell,) in sheet.iter_rows(max_col=1) if cell.value == code)


class Contracts:
    """The newest contract export as records that can be changed, each with the line that it begins on."""

    def __init__(self, office: Office, quarter: str) -> None:
        self._office, self._quarter = office, quarter
        text = newest(office, quarter, "contracts").read_bytes().decode("gb18030")
        reader = csv.reader(io.StringIO(text, newline=""))
        self.header = next(reader)
        self.lines: list[int] = []
        self.records: list[dict[str, str]] = []
        line = reader.line_num + 1
        for record in reader:
            self.lines.append(line)
            self.records.append(dict(zip(self.header, record, strict=True)))
            line = reader.line_num + 1

    def deliver(self, encoding: str = "gb18030", errors: str = "strict") -> Path:
        """Deliver the export again as it stands now."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.header, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.records)
        return redelivered(self._office, self._quarter, "contracts", text.getvalue().encode(encoding, errors))
