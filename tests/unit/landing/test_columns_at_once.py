"""A tax column converted whole is what its cells are one by one, or is left to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds import Column
from pipelines.landing.parquet import extract_schema
from pipelines.landing.tax_columns import _CONVERTERS, _at_once

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
CELLS = {"amount": AMOUNTS, "date": MOMENTS, "timestamp": MOMENTS, "bigint": st.one_of(st.none(), st.integers())}


@pytest.mark.parametrize("kind", CELLS)
@given(data=st.data())
def test_a_column_at_once_is_its_cells_one_by_one(kind: Any, data: st.DataObject) -> None:
    column = Column("x", kind)
    cells = tuple(data.draw(st.lists(CELLS[kind], min_size=1, max_size=6)))
    type_ = extract_schema([column]).field(0).type
    at_once = _at_once(column, cells, type_)
    if at_once is not None:
        assert at_once.equals(pa.array(_CONVERTERS[kind](cells), type_))


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
