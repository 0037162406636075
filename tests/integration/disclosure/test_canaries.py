"""Two hundred firms that exist nowhere else, in every feed and in its faulty rows: none may be found where no row of a firm belongs.

Internal, and therefore left out of the search: what was delivered (archive, landing), what was not counted (quarantine, receipts to the
office that delivered it), the workshop (warehouse.duckdb), contributions, findings and work lists behind the editions.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.sample.identities import with_wrong_check
from tests.conftest import Office, clean_environment, deliveries

MARK = "CANARY"
QUARTERS = "2022Q2"
INTERNAL = ("archive", "landing", "quarantine", "receipts", "internal", "lineage", "scoring_inputs", "findings", "warehouse.duckdb")
CANARIES = 200
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Aviary:
    """Hands out canaries: firms with a name and a code of their own."""

    def __init__(self) -> None:
        self.planted = 0

    def name(self) -> str:
        """The name of the next one."""
        self.planted += 1
        return f"金丝雀{MARK}{self.planted:03d}有限公司"

    def code(self) -> str:
        """A valid unified social credit code that says which one it is."""
        body = f"91330108{MARK}{self.planted:03d}"
        values = [ALPHABET.index(letter) for letter in body]
        return body + ALPHABET[-sum(value * 3**place % 31 for place, value in enumerate(values)) % 31]


@pytest.fixture(scope="module")
def aviary() -> Aviary:
    return Aviary()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, aviary: Aviary) -> Office:
    root = tmp_path_factory.mktemp("canaries")
    office = Office(deliveries(root / "drop", 47, "2022Q1", "2022Q2"), root / "warehouse", root)
    for quarter in ("2022Q1", "2022Q2"):
        plant_in_contracts(next((office.data_raw / quarter / "contracts").iterdir()), aviary)
        plant_in_workbook(
            next((office.data_raw / quarter / "incubators").iterdir()), aviary, {"孵化载体": (1, 2, 6), "在孵企业": (1, 2, 3)}
        )
        plant_in_workbook(next((office.data_raw / quarter / "statistics").iterdir()), aviary, {"规上企业": (4, 2, 1)})
    plant_in_tax(office.data_raw / "tax.sqlite", aviary)
    return office


def plant_in_contracts(export: Path, aviary: Aviary) -> None:
    """Sellers and buyers, some in rows that are not counted: a wrong check character, an amount or a date that is none."""
    rows = list(csv.DictReader(io.StringIO(export.read_bytes().decode("gb18030"), newline="")))
    for number, row in enumerate(rows[:30]):
        row["合同名称"] = row["卖方名称"] = aviary.name()
        row["卖方统一社会信用代码"] = aviary.code()
        row["买方名称"] = aviary.name()
        # Three of some four hundred: more would hold the quarter.
        if number == 0:
            row["卖方统一社会信用代码"] = with_wrong_check(row["卖方统一社会信用代码"])
        if number == 1:
            row["技术交易额(万元)"] = f"{MARK}万元"
        if number == 2:
            row["登记日期"] = f"{MARK}日"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    export.write_bytes(text.getvalue().encode("gb18030"))


def plant_in_workbook(path: Path, aviary: Aviary, sheets: dict[str, tuple[int, int, int]]) -> None:
    """Firms in the first rows of each sheet (header row, column of names, column of codes); the last of them has a wrong code."""
    book = openpyxl.load_workbook(path)
    for title, (header, names, codes) in sheets.items():
        plant_in_sheet(book[title], aviary, header, names, codes)
    book.save(path)


def plant_in_sheet(sheet: Worksheet, aviary: Aviary, header: int, names: int, codes: int) -> None:
    rows = range(header + 1, min(header + 9, sheet.max_row))
    for row in rows:
        sheet.cell(row, names).value = aviary.name()
        sheet.cell(row, codes).value = aviary.code()
    sheet.cell(rows[-1], codes).value = with_wrong_check(str(sheet.cell(rows[-1], codes).value))


def plant_in_tax(database: Path, aviary: Aviary) -> None:
    with sqlite3.connect(database) as connection:
        for (taxpayer,) in connection.execute("select djxh from dj_nsrxx order by djxh limit 40").fetchall():
            connection.execute("update dj_nsrxx set nsrmc = ?, nsrsbh = ? where djxh = ?", [aviary.name(), aviary.code(), taxpayer])
    connection.close()


def texts_of(path: Path) -> Iterator[bytes]:
    """A file as a reader could read it: as it is, and unpacked."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name) for name in package.namelist())
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pydict()).encode()


def showing(folder: Path) -> list[str]:
    """Files outside the internal places that show a canary."""
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and place.parts[0] not in INTERNAL and any(MARK.encode() in text for text in texts_of(path)):
            found.append(str(place))
    return found


REJECTED: dict[str, Callable[[Office], None]] = {}


def rejected(spoil: Callable[[Office], None]) -> Callable[[Office], None]:
    REJECTED[spoil.__name__] = spoil
    return spoil


@rejected
def an_open_quote(office: Office) -> None:
    before = next((office.data_raw / "2022Q2" / "contracts").iterdir())
    lines = before.read_bytes().decode("gb18030").split("\r\n")
    lines[5] = lines[5].replace("金丝雀", '"金丝雀', 1)
    before.with_name("20221201_引号.csv").write_bytes("\r\n".join(lines).encode("gb18030"))


@rejected
def a_file_cut_off(office: Office) -> None:
    before = min((office.data_raw / "2022Q2" / "contracts").iterdir())
    content = before.read_bytes()
    at = content.index(MARK.encode(), len(content) // 50)
    before.with_name("20221202_截断.csv").write_bytes(content[: at + 4])


@rejected
def bytes_of_no_encoding(office: Office) -> None:
    before = min((office.data_raw / "2022Q2" / "contracts").iterdir())
    before.with_name("20221203_编码.csv").write_bytes(before.read_bytes().replace(MARK.encode(), MARK.encode() + b"\xff", 1))


@rejected
def text_in_an_amount_of_the_tax_office(office: Office) -> None:
    with sqlite3.connect(office.data_raw / "tax.sqlite") as connection:
        connection.execute(f"update sb_zzs set xse = '{MARK}' where sbxh = (select min(sbxh) from sb_zzs where skssq_z = '2022-06-30')")
    connection.close()


def test_no_canary_leaves(office: Office, aviary: Aviary, capsys: pytest.CaptureFixture[str]) -> None:
    assert aviary.planted >= CANARIES
    told = []
    first = office.run(QUARTERS)
    told.append(first.stdout + first.stderr)
    assert office.edition("2022Q2").is_dir(), first.stdout
    assert any(MARK.encode() in path.read_bytes() for path in (office.warehouse / "quarantine").iterdir()), "no canary sits in a faulty row"
    published = showing(office.warehouse)
    codes = []
    for spoil in REJECTED.values():
        spoil(office)
        finished = subprocess.run(
            [*office.command("2022Q2"), "--verbose"], cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False
        )
        codes.append(finished.returncode)
        told.append(finished.stdout + finished.stderr)
    print(f"\ncanaries: {aviary.planted} planted; exit codes of {len(codes)} rejected runs: {codes}")
    assert codes == [20] * len(REJECTED)
    assert [number for number, text in enumerate(told) if MARK in text] == []
    assert published + showing(office.warehouse) == []


def test_internal_outputs_are_their_owners_alone(office: Office) -> None:
    open_to_others = [
        str(path.relative_to(office.warehouse))
        for path in office.warehouse.rglob("*")
        if path.is_file() and not {"editions", "partial_parse.msgpack"} & {*path.parts} and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    print(f"\ninternal files open to others: {len(open_to_others)}")
    assert open_to_others == []
