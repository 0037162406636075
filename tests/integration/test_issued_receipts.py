"""Receipts of a real run: every delivery has one, and the cells that it names hold what it says."""

from __future__ import annotations

import csv
import io
import re
import stat

import openpyxl

from pipelines.feeds import FEEDS
from pipelines.ledger import Ledger
from tests.conftest import Office

QUARTER = "2023Q1"


def faults(book: bytes) -> list[dict[str, str]]:
    heading, *rows = openpyxl.load_workbook(io.BytesIO(book))["需要核对或更正"].iter_rows(values_only=True)
    return [dict(zip(heading, map(str, row), strict=True)) for row in rows if row[1] is not None]


def test_every_delivery_has_a_receipt_that_is_private_and_in_the_ledger(small: Office) -> None:
    ledger = Ledger(f"sqlite:///{small.warehouse / 'ledger.sqlite'}", is_reader=True)
    newest = {
        (each.quarter, each.payload["feed"], each.payload["file_name"]): each.payload["outcome"] for each in ledger.entries("receipt")
    }
    assert set(newest) == {(each.quarter, each.feed, each.file_name) for each in ledger.deliveries()}
    in_force = {each.file_name for (quarter, _), each in ledger.in_force().items() if quarter == QUARTER}
    assert {name for (_, _, name), outcome in newest.items() if outcome != "received"} == in_force
    files = [path for path in (small.warehouse / "receipts").rglob("*") if path.is_file()]
    assert len(files) == 2 * len(newest)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_cells_and_lines_of_the_receipts_hold_what_they_say(small: Office) -> None:
    told = 0
    for feed in FEEDS:
        for receipt in (small.warehouse / "receipts" / QUARTER / feed).glob("*.xlsx"):
            for fault in faults(receipt.read_bytes()):
                if fault["结论"] != "未计入" or feed == "tax":
                    continue
                told += 1
                (delivered,) = (small.data_raw / QUARTER / feed).glob(f"{receipt.stem.rsplit('_', 1)[0]}.*")
                if delivered.suffix == ".xlsx":
                    sheet = openpyxl.load_workbook(delivered)[fault["工作表"]]
                    assert " / ".join(str(sheet[cell].value) for cell in fault["位置"].split()) == fault["现有内容"]
                else:
                    line, heading = re.fullmatch(r"第(\d+)行 (\S+)", fault["位置"]).groups()
                    assert record_at(delivered.read_bytes().decode("gb18030"), int(line))[heading] == fault["现有内容"]
    assert told >= 4


def record_at(text: str, line: int) -> dict[str, str]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    begins = reader.line_num + 1
    for record in reader:
        if begins == line:
            return dict(zip(header, record, strict=True))
        begins = reader.line_num + 1
    raise AssertionError(f"no record begins on line {line}")
