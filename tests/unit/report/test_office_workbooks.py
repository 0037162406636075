"""Workbooks in the program that offices without Excel have: LibreOffice reads the same numbers, and prints them on A4."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from pipelines.report import board_xlsx
from tests.small_warehouse import board

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None and not os.environ.get("CI"), reason="needs Debian's libreoffice-calc (soffice)")
PAGE = re.compile(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]")
STARS = "★★★★★"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The workbook of a board of four counties, as LibreOffice saves it again, and as it prints it."""
    folder = tmp_path_factory.mktemp("office")
    source = folder / "board.xlsx"
    small = board(4)
    small.ranking[0] |= {"stars": 5, "rank_change": -2}
    source.write_bytes(board_xlsx(small))
    convert(source, "pdf", folder)
    convert(source, "xlsx", folder / "again")
    return source, folder / "again" / "board.xlsx", source.with_suffix(".pdf")


def convert(source: Path, form: str, folder: Path) -> None:
    profile = (source.parent / "profile").as_uri()
    command = [str(SOFFICE), f"-env:UserInstallation={profile}", "--headless", "--convert-to", form, "--outdir"]
    finished = subprocess.run([*command, str(folder), str(source)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_libreoffice_reads_the_same_cells_and_finds_no_formula(opened: tuple[Path, Path, Path]) -> None:
    written, again = (openpyxl.load_workbook(path) for path in opened[:2])
    assert again.sheetnames == written.sheetnames
    compared = 0
    for sheet in written:
        read = again[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                other = read[cell.coordinate]
                assert other.value == cell.value, f"{sheet.title} {cell.coordinate}"
                assert other.data_type != "f"
                compared += cell.value is not None
        assert read.print_area == sheet.print_area
    assert compared > 500


def test_every_page_is_a4_across(opened: tuple[Path, Path, Path]) -> None:
    sizes = [(round(float(width)), round(float(height))) for width, height in PAGE.findall(opened[2].read_bytes())]
    assert len(sizes) >= 7
    assert set(sizes) == {(842, 595)}


def test_stars_falls_and_failures_stand_out(opened: tuple[Path, Path, Path]) -> None:
    sheet = openpyxl.load_workbook(opened[0])["排名"]
    rules = {str(area.sqref): [rule.formula[0] for rule in rules] for area, rules in sheet.conditional_formatting._cf_rules.items()}
    assert rules == {"H4:H7": [f'"{STARS}"', '"★★★★☆"'], "I4:I7": ["0"]}
    findings = openpyxl.load_workbook(opened[0])["校验发现"]
    assert [rule.formula for rules in findings.conditional_formatting._cf_rules.values() for rule in rules] == [['"否"']]
