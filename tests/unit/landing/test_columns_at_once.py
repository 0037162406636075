"""A tax column converted whole is what its cells are one by one, or is left to them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds import Column
from pipelines.landing.parquet import extract_schema
from pipelines.landing.tax_columns import _CONVERTERS, COERCED, _at_once, typed

AMOUNTS = st.one_of(
    st.none(),
    st.decimals(-(10**12), 10**12, places=2),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.decimals(-(10**12), 10**12, places=2).map(float),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.text("0123456789.-", max_size=8),
)
ZONES = st.none() | st.just(dt.UTC) | st.just(dt.timezone(dt.timedelta(hours=9)))
MOMENTS = st.one_of(
    st.none(),
    st.dates(),
    st.datetimes(timezones=ZONES),
    st.datetimes().map(lambda moment: moment.isoformat(" ")),
    st.dates().map(str),
    st.text("0123456789-: T.Z+", max_size=26),
)
NUMBERS = st.one_of(st.none(), st.integers(), st.floats(), st.text("0123456789.-", max_size=8))
CELLS = {"amount": AMOUNTS, "date": MOMENTS, "timestamp": MOMENTS, "bigint": NUMBERS, "varchar": st.one_of(st.text(), st.binary(), NUMBERS)}


@pytest.mark.parametrize("kind", CELLS)
@given(data=st.data())
def test_a_column_at_once_is_its_cells_one_by_one(kind: Any, data: st.DataObject) -> None:
    column = Column("x", kind)
    cells = tuple(data.draw(st.lists(CELLS[kind], min_size=1, max_size=6)))
    type_ = extract_schema([column]).field(0).type
    at_once = _at_once(column, cells, type_)
    if at_once is not None:
        assert at_once.equals(pa.array([None if cell is None else _CONVERTERS[kind](cell)[0] for cell in cells], type_))


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("amount", (0.1, 1.0, 12345678901.23, None, 7, -0.01)),
        ("date", ("2023-03-31", None)),
        ("timestamp", ("2023-04-12 10:00:00", "2023-04-12 10:00:00.5")),
    ],
)
def test_what_sqlite_gives_is_taken_at_once(kind: Any, cells: tuple[Any, ...]) -> None:
    column = Column("x", kind)
    assert _at_once(column, cells, extract_schema([column]).field(0).type) is not None


@pytest.mark.parametrize(
    ("kind", "cell", "note"),
    [
        ("amount", "1,234.50", COERCED),
        ("amount", "￥１２３．５", COERCED),
        ("amount", "1 234.5", COERCED),
        ("amount", "—", COERCED),
        ("amount", "1.06E+02", "precision_lost"),
        ("amount", "85.20 63", "not_a_number"),
        ("amount", "12,34", "not_a_number"),
        ("amount", Decimal("NaN"), "not_a_number"),
        ("amount", Decimal("Infinity"), "not_a_number"),
        ("amount", float("inf"), "not_a_number"),
        ("amount", Decimal("1.00000000000000001"), "value_unfit"),
        ("amount", Decimal("12345678901234567.00"), "value_unfit"),
        ("amount", 0.1 + 0.2, "value_unfit"),
        ("bigint", 1.5, "value_unfit"),
        ("bigint", 2**63, "value_unfit"),
        ("bigint", True, "not_a_number"),
        ("date", "２０２３年９月３０日", COERCED),
        ("date", "2023-09/30", "not_a_date"),
        ("date", "2023-09-30 24:00", "not_a_date"),
        ("date", "2023-W39-6", "not_a_date"),
        ("timestamp", "20231012093000", COERCED),
        ("timestamp", "2023/10/12 9:30", COERCED),
        ("timestamp", "-infinity", "not_a_date"),
        ("timestamp", "12011-10-12 09:30:00", "not_a_date"),
        ("varchar", b"\xb9\xab", "mojibake"),
        ("varchar", 330108, COERCED),
    ],
)
def test_a_cell_of_another_form_is_noted(kind: Any, cell: Any, note: str) -> None:
    array, notes = typed(Column("x", kind), (None, cell))
    assert notes == {1: note}
    assert array[1].is_valid == (note == COERCED and cell != "—")
