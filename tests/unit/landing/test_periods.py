"""Periods in titles and dates, in every spelling that offices use."""

from __future__ import annotations

import pytest

from pipelines.landing.periods import quarter_in_title, year_in_title, year_of_date


@pytest.mark.parametrize(
    ("title", "quarter"),
    [
        ("2023年1-3月规上工业", "2023Q1"),
        ("浙江省2023年1-9月规模以上工业", "2023Q3"),
        ("2023年1—12月", "2023Q4"),
        ("2023 年 1 – 6 月", "2023Q2"),
        ("２０２３年１～９月", "2023Q3"),
        ("2023年1月至9月", "2023Q3"),
        ("2023年一季度", "2023Q1"),
        ("2023年上半年", "2023Q2"),
        ("2023年前三季度", "2023Q3"),
        ("2023年全年", "2023Q4"),
        ("2023年三季度", None),
        ("2023年9月", None),
        ("2023年1-10月", None),
        ("2023年", None),
        ("投资", None),
    ],
)
def test_the_quarter_of_a_title_is_where_its_year_to_date_ends(title: str, quarter: str | None) -> None:
    assert quarter_in_title(title) == quarter


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2022年全社会研发", "2022"),
        ("2022年度研发", "2022"),
        ("2022年1-12月研发", "2022"),
        ("2022年1-9月研发", None),
        ("2022年上半年", None),
        ("研发", None),
    ],
)
def test_the_year_of_an_annual_title_is_a_whole_year(title: str, year: str | None) -> None:
    assert year_in_title(title) == year


@pytest.mark.parametrize(
    "text", ["2023-09-30", "2023/9/30", "2023.9.30", "2023年9月30日", "20230930", "２０２３-09-30", " 2023-09-30 ", "45199"]
)
def test_the_year_of_a_date_is_read_in_every_accepted_spelling(text: str) -> None:
    assert year_of_date(text) == 2023


@pytest.mark.parametrize("text", ["", "30.9.2023", "九月", "202309", "99999999"])
def test_a_text_that_is_no_date_has_no_year(text: str) -> None:
    assert year_of_date(text) is None
