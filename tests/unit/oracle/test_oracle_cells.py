"""One cell: what is read with certainty, what is no value, what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.oracle import cells


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("１２３．５", "123.5"),
        ("1,234.50", "1234.50"),
        (" 1 234.5\u3000", "1234.5"),
        ("¥12", "12"),
        ("￥1，234", "1234"),
        (0.1, "0.1"),
        ("0", "0"),
    ],
)
def test_a_number_that_is_certain_is_read_exactly(written, value):
    assert cells.number(written, "x") == Decimal(value)


@pytest.mark.parametrize("written", ["", " ", "-", "—", "——", "…", "*", "－", None])
def test_a_placeholder_is_no_value_and_never_zero(written):
    assert cells.number(written, "x") is None
    assert cells.date(written, "x") is None


@pytest.mark.parametrize("written", ["12,34", "12万元", "abc", "#REF!", "12.5%", "-1", -1, True, "1.2.3", float("inf")])
def test_an_amount_that_is_no_number_or_negative_is_quarantined(written):
    with pytest.raises(cells.Quarantined):
        cells.number(written, "x")


def test_a_percent_sign_is_read_in_a_growth():
    assert cells.number("-１２.5％", "x", percent=True, negative=True) == Decimal("-12.5")


@pytest.mark.parametrize(
    "written",
    [
        *("2023-09-30", "2023/9/30", "2023.9.30", "2023年9月30日", "20230930", "２０２３-９-３０", "45199", 45199),
        dt.datetime(2023, 9, 30),
    ],
)
def test_every_agreed_form_of_a_day_is_read(written):
    assert cells.date(written, "x") == dt.date(2023, 9, 30)


@pytest.mark.parametrize("written", ["2023-02-30", "2023-9", "30/9/2023", "2023-9/30", "soon"])
def test_what_is_no_day_is_quarantined(written):
    with pytest.raises(cells.Quarantined):
        cells.date(written, "x")


def test_the_check_digit_is_that_of_the_standards_example():
    assert cells.is_uscc("91350100M000100Y43")
    assert cells.is_uscc("91110000600037341L")
    assert cells.is_uscc("91330108MA00000000")  # the sum is a multiple of 31
    assert not cells.is_uscc("91350100M000100Y4Z")


def test_a_code_stored_as_a_number_or_in_full_width_is_the_same_code():
    assert cells.code(330108.0) == cells.code("３３０１０８") == cells.code(" 3301 08") == "330108"


def test_a_control_character_quarantines_and_a_quoted_line_break_does_not():
    cells.refuse_control_characters({"a": "两行\n文字", "b": None, "c": 1})
    with pytest.raises(cells.Quarantined):
        cells.refuse_control_characters({"a": "x\x07"})
