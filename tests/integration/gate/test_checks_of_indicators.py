"""Published values, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    EDI,
    NOW,
    Case,
    assert_found_only_beyond,
    names,
    plus,
    to,
)


def many_contracts(number: int) -> str:
    """滨江区's transactions rest on so many contracts in every quarter."""
    return f"update int_cells set contributions = {number} where region_code = '330108' and indicator = 'TECH_TX'; "


def many_everywhere(number: int) -> str:
    return f"update int_cells set contributions = {number} where indicator = 'TECH_TX'; "


def growths_of(spread: float, now: float) -> str:
    """滨江区's GDP over three years more: eight growths of 5 % give or take a spread in turn, then the one of 2023Q3."""
    levels, rows = [100.0] * 4, []
    for number in range(8):
        levels.append(levels[-4] * (1.05 + (spread if number % 2 else -spread)))
    levels.append(levels[-4] * now)
    quarters = [f"{year}Q{number}" for year in range(2020, 2024) for number in (1, 2, 3, 4)][2:]
    for quarter, level in zip(quarters, levels, strict=False):
        rows.append(
            f"delete from {EDI} where region_code = '330108' and indicator = 'GDP' and quarter = '{quarter}'; insert into {EDI} "
            f"select * replace ('{quarter}' as quarter, '{quarter}' as period, {level} as value) from kept"
        )
    kept = f"create temporary table kept as select * from {EDI} where {BINJIANG} and indicator = 'GDP'"
    return f"{kept}; {'; '.join(rows)}"


def share_a_year_before(change: str) -> str:
    then = f"(select value from {EDI} where quarter = '2022Q3' and region_code = '330108' and indicator = 'HT_SHARE')"
    return to(EDI, "value", f"{then} {change}", f"{BINJIANG} and indicator = 'HT_SHARE'")


def resting_since(quarter: str, indicator: str, value: str) -> str:
    return to(EDI, "value", value, f"quarter >= '{quarter}' and region_code = '330108' and indicator = '{indicator}'")


STATED = "insert into int_not_collected values ('2023Q3', '330108', 'GDP'); "

CASES: list[Case] = [
    (
        "chk_indicators",
        "not_collected",
        STATED + to(EDI, "value", "null", f"{BINJIANG} and indicator = 'GDP'"),
        STATED,
        ["330108/GDP"],
    ),
    (
        "chk_indicators",
        "covered",
        to(EDI, "value", "null", f"{BINJIANG} and indicator = 'GDP'"),
        f"delete from {EDI} where {BINJIANG} and indicator = 'GDP'",
        ["330108/GDP"],
    ),
    (
        "chk_indicators",
        "quotient",
        to(EDI, "value", "value * (1 + 5e-10)", f"{BINJIANG} and indicator = 'HT_SHARE'"),
        to(EDI, "value", "value * (1 + 2e-9)", f"{BINJIANG} and indicator = 'HT_SHARE'"),
        ["330108/HT_SHARE"],
    ),
    (
        "chk_indicators",
        "city_sum",
        plus(EDI, "value", "1e-7", f"{NOW} and region_code = '330100' and indicator = 'TECH_TX'"),
        plus(EDI, "value", "1e-4", f"{NOW} and region_code = '330100' and indicator = 'TECH_TX'"),
        ["330100/TECH_TX"],
    ),
    (
        "chk_indicators",
        "province_sum",
        plus(EDI, "value", "5", f"{NOW} and region_code = '330000' and indicator = 'TECH_TX'"),
        plus(EDI, "value", "-1e-4", f"{NOW} and region_code = '330000' and indicator = 'TECH_TX'"),
        ["330000/TECH_TX"],
    ),
    (
        "chk_indicators_time",
        "not_below",
        to(EDI, "value", "2", f"{BINJIANG} and indicator = 'TECH_N'"),
        to(EDI, "value", "1", f"{BINJIANG} and indicator = 'TECH_N'"),
        ["330108/TECH_N"],
    ),
    (
        "chk_indicators_time",
        "power_of_ten",
        many_contracts(20) + to(EDI, "value", "value * 100", f"{BINJIANG} and indicator = 'TECH_TX'"),
        many_contracts(20) + to(EDI, "value", "value * 10000", f"{BINJIANG} and indicator = 'TECH_TX'"),
        ["330108/TECH_TX"],
    ),
    (
        "chk_indicators_time",
        "power_of_ten",
        many_contracts(19) + to(EDI, "value", "value * 10000", f"{BINJIANG} and indicator = 'TECH_TX'"),
        to(EDI, "value", "value * 10000", f"{BINJIANG} and indicator = 'GDP'"),
        ["330108/GDP"],
    ),
    (
        "chk_indicators",
        "missing",
        to(EDI, "status", "'not_applicable'", f"{BINJIANG} and indicator = 'GDP'"),
        to(EDI, "status", "'missing'", f"{BINJIANG} and indicator = 'GDP'"),
        ["330108/GDP"],
    ),
    (
        "chk_indicators",
        "missing_base",
        to(EDI, "status", "'not_applicable'", f"{BINJIANG} and indicator = 'IRD_GROWTH'"),
        to(EDI, "status", "'missing'", f"{BINJIANG} and indicator = 'IRD_GROWTH'"),
        ["330108/IRD_GROWTH"],
    ),
    (
        "chk_indicators_time",
        "range",
        to(EDI, "value", "1000", f"{BINJIANG} and indicator = 'TECH_TX_GROWTH'"),
        to(EDI, "value", "1001", f"{BINJIANG} and indicator = 'TECH_TX_GROWTH'"),
        ["330108/TECH_TX_GROWTH"],
    ),
    (
        "chk_indicators_time",
        "outlier",
        to(EDI, "value", "value * 1.2", f"{BINJIANG} and indicator = 'GDP'"),
        to(EDI, "value", "value * 1.25", f"{BINJIANG} and indicator = 'GDP'"),
        ["330108/GDP"],
    ),
    (
        "chk_indicators",
        "missing",
        to(EDI, "status", "'not_published'", f"{NOW} and level = 'c' and indicator = 'GDP'"),
        to(EDI, "status", "'missing'", f"{NOW} and level = 'c' and indicator = 'GDP'"),
        ["GDP"],
    ),
    (
        "chk_indicators_time",
        "accumulated",
        plus(EDI, "value", "9e-7", f"{BINJIANG} and indicator = 'TAX_TECH'"),
        plus(EDI, "value", "2e-6", f"{BINJIANG} and indicator = 'TAX_TECH'"),
        ["330108/TAX_TECH"],
    ),
    (
        "chk_indicators_time",
        "outlier_added_up",
        many_everywhere(20) + to(EDI, "value", "value * exp(0.73)", f"{BINJIANG} and indicator = 'TECH_TX'"),
        many_everywhere(20) + to(EDI, "value", "value * exp(0.77)", f"{BINJIANG} and indicator = 'TECH_TX'"),
        ["330108/TECH_TX"],
    ),
    (
        "chk_indicators_time",
        "outlier_added_up",
        many_everywhere(19) + to(EDI, "value", "value * exp(0.77)", f"{BINJIANG} and indicator = 'TECH_TX'"),
        many_everywhere(20) + to(EDI, "value", "value * exp(-0.77)", f"{BINJIANG} and indicator = 'TECH_TX'"),
        ["330108/TECH_TX"],
    ),
    ("chk_indicators_time", "own_history", growths_of(0.001, 1.05 * 1.21), growths_of(0.001, 1.05 * 1.23), ["330108/GDP"]),
    ("chk_indicators_time", "share_break", share_a_year_before("+ 5"), share_a_year_before("- 5.01"), ["330108/HT_SHARE"]),
    (
        "chk_indicators_time",
        "stale",
        resting_since("2022Q4", "HT_SHARE", "67"),
        resting_since("2022Q3", "HT_SHARE", "67"),
        ["330108/HT_SHARE"],
    ),
    (
        "chk_indicators_time",
        "stale",
        resting_since("2022Q3", "INC_GRAD", "99"),
        resting_since("2022Q3", "INC_GRAD", "100"),
        ["330108/INC_GRAD"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
