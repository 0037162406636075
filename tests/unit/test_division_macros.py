"""Which division a code names on a day: from its first day to its last, both included."""

from __future__ import annotations

import datetime as dt

import duckdb
import jinja2
import pytest

from pipelines.settings import PROJECT

MACROS = PROJECT / "dbt_project" / "macros"
LANDED = "".join((MACROS / name).read_text(encoding="utf-8") for name in ("engines.sql", "landed.sql"))
FIRST, LAST = dt.date(2021, 4, 9), dt.date(2024, 6, 30)


def is_in_force(day: dt.date, last: dt.date | None) -> bool:
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        LANDED + "{{ join_division('asked.code', 'asked.day', ['c']) }}"
    )
    join = template.render(ref=lambda name: name)
    with duckdb.connect() as connection:
        connection.execute("create table divisions (code varchar, level varchar, valid_from date, valid_to date)")
        connection.execute("insert into divisions values ('330105', 'c', ?, ?)", [FIRST, last])
        query = f"select division.code is not null from (select '330105' as code, ?::date as day) as asked {join}"
        ((found,),) = connection.execute(query, [day]).fetchall()
    return bool(found)


@pytest.mark.parametrize(
    ("day", "last", "is_one"),
    [
        (FIRST - dt.timedelta(1), LAST, False),
        (FIRST, LAST, True),
        (LAST, LAST, True),
        (LAST + dt.timedelta(1), LAST, False),
        (dt.date(2099, 1, 1), None, True),
    ],
)
def test_a_division_is_in_force_on_its_first_day_and_on_its_last(day: dt.date, last: dt.date | None, is_one: bool) -> None:
    assert is_in_force(day, last) == is_one
