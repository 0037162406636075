"""The regional sheets, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    GDP,
    INDUSTRY,
    NOW,
    RESEARCH,
    Case,
    as_of,
    assert_found_only_beyond,
    duplicate,
    names,
    plus,
    to,
)


def before(where: str, change: str = "") -> str:
    """GDP of the quarter before, sent again."""
    return as_of("2023Q2", GDP, "gdp_ytd_yuan", "region_code", where, change)


def alone(times: str) -> str:
    """滨江区's GDP of the third quarter alone as a multiple of the year before, where both are differences of year-to-dates."""
    year_before = "(select {0} from base_statistics__gdp where region_code = '330108' and quarter = '{1}')"
    third = f"({year_before.format('gdp_ytd_yuan', '2022Q3')} - {year_before.format('gdp_ytd_yuan', '2022Q2')})"
    return to(GDP, "gdp_ytd_yuan", f"{year_before.format('gdp_ytd_yuan', '2023Q2')} + {times} * {third}")


def share_implies(gdp_of_year_end: str) -> str:
    """207.96 亿元 of R&D at 9.52 % of GDP, as the work report of 2023 has it, beside a GDP of the year's end."""
    annual = "rd_expenditure_yuan = 20796000000, gdp_yuan = 218450000000"
    year_end = f"{GDP} set gdp_ytd_yuan = {gdp_of_year_end} where quarter = '2022Q4' and region_code = '330108'"
    return f"update {RESEARCH} set {annual} where {BINJIANG}; update {year_end}"


# Growth of 10.0 % in every level of the clean landing, so that 0.1 is 10 % as a fraction.
FRACTION = "update base_statistics__gdp set gdp_growth_pct = 0.1 where quarter = '2023Q3' and region_code in ({})"

CASES: list[Case] = [
    ("chk_statistics_cover", "region_present", to(GDP, "gdp_ytd_yuan", "null"), f"delete from {GDP} where {BINJIANG}", ["330108/gdp"]),
    ("chk_statistics_cover", "region_present", to(GDP, "gdp_ytd_yuan", "0"), duplicate(GDP, BINJIANG), ["330108/gdp"]),
    (
        "chk_statistics_sums",
        "city_is_counties",
        plus(GDP, "gdp_ytd_yuan", "70000"),
        plus(GDP, "gdp_ytd_yuan", "80000"),
        ["330100/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_sums",
        "province_is_cities",
        plus(GDP, "gdp_ytd_yuan", "60000", f"{NOW} and region_code = '330000'"),
        plus(GDP, "gdp_ytd_yuan", "70000", f"{NOW} and region_code = '330000'"),
        ["330000/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_sums",
        "city_is_counties",
        to(GDP, "gdp_ytd_yuan", "null"),
        plus(GDP, "gdp_ytd_yuan", "-1000000000000", f"{NOW} and region_code = '330100'"),
        ["330100/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_time",
        "year_to_date",
        before("now.region_code = '330108'"),
        before("now.region_code = '330108'", "- 1"),
        ["330108/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_time",
        "power_of_ten",
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan * 7"),
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan * 10"),
        ["330108/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_time",
        "power_of_ten",
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan * 100"),
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan / 10000"),
        ["330108/gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_time",
        "resent",
        before("now.region_code < '330500'"),
        before("true"),
        ["gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_bounds",
        "part_of_whole",
        to(INDUSTRY, "ht_va_ytd_yuan", "ind_va_ytd_yuan"),
        to(INDUSTRY, "ht_va_ytd_yuan", "ind_va_ytd_yuan + 1"),
        ["330108/ht_va_ytd_yuan"],
    ),
    (
        "chk_statistics_bounds",
        "part_of_whole",
        to(INDUSTRY, "rd_expense_ytd_yuan", "revenue_ytd_yuan"),
        to(INDUSTRY, "rd_expense_ytd_yuan", "revenue_ytd_yuan + 1"),
        ["330108/rd_expense_ytd_yuan"],
    ),
    ("chk_statistics_bounds", "growth", to(GDP, "gdp_growth_pct", "-100"), to(GDP, "gdp_growth_pct", "-100.1"), ["330108/gdp_growth_pct"]),
    ("chk_statistics_bounds", "growth", to(GDP, "gdp_growth_pct", "1000"), to(GDP, "gdp_growth_pct", "1000.1"), ["330108/gdp_growth_pct"]),
    (
        "chk_statistics_time",
        "power_of_ten",
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan * 1000000"),
        to(GDP, "gdp_ytd_yuan", "gdp_ytd_yuan * 100000000"),
        ["330108/gdp_ytd_yuan"],
    ),
    ("chk_statistics_time", "quarter_amount", alone("0.25"), alone("0.249"), ["330108/gdp_ytd_yuan"]),
    ("chk_statistics_time", "quarter_amount", alone("4"), alone("4.001"), ["330108/gdp_ytd_yuan"]),
    (
        "chk_statistics_time",
        "resent_year",
        as_of("2022Q3", GDP, "gdp_ytd_yuan", "region_code", "now.region_code < '330500'"),
        as_of("2022Q3", GDP, "gdp_ytd_yuan", "region_code", "true"),
        ["gdp_ytd_yuan"],
    ),
    (
        "chk_statistics_bounds",
        "annual_gdp",
        to(RESEARCH, "gdp_yuan", "gdp_yuan * 1.1"),
        to(RESEARCH, "gdp_yuan", "gdp_yuan * 1.11"),
        ["330108/gdp_yuan"],
    ),
    (
        "chk_statistics_bounds",
        "growth_of_levels",
        to(GDP, "gdp_growth_pct", "25"),
        to(GDP, "gdp_growth_pct", "25.1"),
        ["330108/gdp_growth_pct"],
    ),
    (
        "chk_statistics_bounds",
        "growth_fraction",
        FRACTION.format("'330108', '330109'"),
        FRACTION.format("'330108', '330109', '330110'"),
        ["gdp_growth_pct"],
    ),
    ("chk_statistics_bounds", "gdp_implied", share_implies("218331000000"), share_implies("218330000000"), ["330108/gdp_ytd_yuan"]),
    ("chk_statistics_bounds", "gdp_implied", share_implies("218560000000"), share_implies("218561000000"), ["330108/gdp_ytd_yuan"]),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
