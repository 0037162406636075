"""Fixtures of the landing tests: a warehouse with its drop folder, and deliveries lying in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from landing_deliveries import TAX_DDL, TAX_ROWS, Place, statistics_book


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def save_statistics(place: Place) -> Callable[..., Path]:
    """Save the statistics workbook, changed by a function, into the drop folder."""

    def save(change: Callable[[openpyxl.Workbook], object] = lambda book: None, name: str = "20231020_统计.xlsx") -> Path:
        book = statistics_book()
        change(book)
        path = place.drop("statistics", name)
        book.save(path)
        return path

    return save


@pytest.fixture
def tax_sqlite(tmp_path: Path) -> Path:
    """The tax office's database with two taxpayers and three returns."""
    path = tmp_path / "tax.sqlite"
    with sqlite3.connect(path) as connection:
        for statement in (*TAX_DDL, *TAX_ROWS):
            connection.execute(statement)
    connection.close()
    return path
