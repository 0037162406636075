"""Amounts as text become yuan exactly, or no number at all: the macros of staging, run by DuckDB.

Here: single values. Not here: what becomes of a row whose amount is no number (test_quarantined_rows.py).
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
import jinja2
import pytest

from pipelines.settings import PROJECT

MACROS = PROJECT / "dbt_project" / "macros"
CLEANING = "".join((MACROS / name).read_text(encoding="utf-8") for name in ("engines.sql", "cleaning.sql"))


def computed(macro: str, text: str, *more: str) -> Decimal | None:
    """What a macro makes of a text literal; `more` are its further arguments as SQL."""
    arguments = ", ".join(f'"{argument}"' for argument in (f"'{text}'", *more))
    expression = jinja2.Environment().from_string(CLEANING + "{{ " + f"{macro}({arguments})" + " }}").render().strip()
    with duckdb.connect() as connection:
        found: Decimal | None = connection.execute(f"select {expression}").fetchall()[0][0]
    return found


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("207.96123456", "亿元", "20796123456"),
        ("1.23456789012345", "亿元", "123456789.012345"),
        ("0.000001", "万元", "0.01"),
        ("5", "元", "5"),
    ],
)
def test_no_unit_costs_an_amount_its_last_digits(text: str, unit: str, yuan: str) -> None:
    assert computed("to_yuan", text, f"'{unit}'") == Decimal(yuan)


@pytest.mark.parametrize("text", ["12345678901234567890", "100000000000000", "1_000", "abc", ""])
def test_what_is_no_amount_is_null_in_every_unit_and_never_an_error(text: str) -> None:
    assert computed("to_number", text) is None
    assert [computed("to_yuan", text, f"'{unit}'") for unit in ("元", "千元", "万元", "亿元")] == [None] * 4


def test_the_largest_amount_fits_the_largest_unit() -> None:
    assert computed("to_yuan", "99999999999999.5", "'亿元'") == Decimal("9999999999999950000000")
