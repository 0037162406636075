"""The bureau's own ledger and its targets, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    EDI,
    ENTRIES,
    NOW,
    TARGETS,
    Case,
    assert_found_only_beyond,
    duplicate,
    names,
    to,
)

PUT = f"{NOW} and indicator = 'HNTE_PUT'"
PASS_RATE = f"{NOW} and indicator = 'HNTE_PASS_RATE'"

# The counts of the work report of 2023, and its pass rate that fits none of them (domain.md A1).
COUNTS = {"HNTE_APPLIED": 1142, "HNTE_PUT": 1129, "HNTE_PASSED": 1037, "HNTE_PASS_RATE": 86}
REPORT = "".join(to(ENTRIES, "value", str(count), f"{NOW} and indicator = '{code}'") + "; " for code, count in COUNTS.items())


def actual_before(value: str) -> str:
    """A value of the year before, and the target of 1 300 made one of this year."""
    value_then = f"{EDI} set value = {value} where quarter = '2022Q4' and region_code = '330108' and indicator = 'HNTE_PASSED'"
    return f"update {value_then}; update {TARGETS} set year = 2023 where {NOW}"


def of_the_year_before(column: str, value: str) -> str:
    return to(ENTRIES, column, value, "quarter = '2022Q3' and indicator = 'HNTE_PUT'")


def resting_since(quarter: str) -> str:
    """One value of HNTE_PUT in every quarter from one on."""
    return to(ENTRIES, "value", "1180", f"quarter >= '{quarter}' and indicator = 'HNTE_PUT'")


CASES: list[Case] = [
    (
        "chk_ledger",
        "ratio",
        to(ENTRIES, "value", "76.9", f"{NOW} and indicator = 'HNTE_PASS_RATE'"),
        to(ENTRIES, "value", "86", f"{NOW} and indicator = 'HNTE_PASS_RATE'"),
        ["330108/HNTE_PASS_RATE"],
    ),
    (
        "chk_ledger",
        "ratio",
        to(ENTRIES, "value", "77", f"{NOW} and indicator = 'HNTE_PASS_RATE'"),
        to(ENTRIES, "numerator", "null", f"{NOW} and indicator = 'HNTE_PASS_RATE'"),
        ["330108/HNTE_PASS_RATE"],
    ),
    (
        "chk_ledger",
        "funnel",
        to(ENTRIES, "value", "1170", f"{NOW} and indicator = 'HNTE_PASSED'"),
        to(ENTRIES, "value", "1171", f"{NOW} and indicator = 'HNTE_PASSED'"),
        ["330108/HNTE_PASSED"],
    ),
    (
        "chk_ledger",
        "unit",
        to(ENTRIES, "scope", "'受理'", f"{NOW} and indicator = 'HNTE_PUT'"),
        to(ENTRIES, "unit", "'项'", f"{NOW} and indicator = 'HNTE_PUT'"),
        ["330108/HNTE_PUT"],
    ),
    (
        "chk_ledger",
        "in_catalogue",
        to(ENTRIES, "indicator", "'GKX'", f"{NOW} and indicator = 'HNTE_PUT'"),
        to(ENTRIES, "indicator", "'NEW_ONE'", f"{NOW} and indicator = 'HNTE_PUT'"),
        ["330108/NEW_ONE"],
    ),
    (
        "chk_ledger",
        "as_of_day",
        to(ENTRIES, "as_of", "date '2023-10-13'", f"{NOW} and indicator = 'HNTE_PUT'"),
        to(ENTRIES, "as_of", "date '2023-10-14'", f"{NOW} and indicator = 'HNTE_PUT'"),
        ["330108/HNTE_PUT"],
    ),
    (
        "chk_ledger_time",
        "year_to_date",
        to(ENTRIES, "value", "780", f"{NOW} and indicator = 'HNTE_PUT'"),
        to(ENTRIES, "value", "779", f"{NOW} and indicator = 'HNTE_PUT'"),
        ["330108/HNTE_PUT"],
    ),
    (
        "chk_targets",
        "target_below_actual",
        actual_before("1300"),
        actual_before("1301"),
        ["330108/HNTE_PASSED"],
    ),
    (
        "chk_targets",
        "target_baseline",
        to(TARGETS, "indicator", "'HNTE_APPLIED'", NOW),
        to(TARGETS, "indicator", "'HNTE_VALID'", NOW),
        ["330108/HNTE_VALID"],
    ),
    (
        "chk_ledger",
        "ratio_nearest",
        # 1037 of 1142 is what the report's 86 % comes nearest to: the stated parts themselves, so nothing is to be named.
        REPORT + to(ENTRIES, "numerator", "1037, denominator = 1142", PASS_RATE),
        REPORT + to(ENTRIES, "numerator", "1037, denominator = 1129", PASS_RATE),
        ["330108/HNTE_PASS_RATE ≈ HNTE_PASSED / HNTE_APPLIED"],
    ),
    (
        "chk_ledger",
        "as_of_end",
        to(ENTRIES, "as_of", "date '2023-09-30'", PUT),
        to(ENTRIES, "as_of", "date '2023-09-29'", PUT),
        ["330108/HNTE_PUT"],
    ),
    ("chk_ledger", "as_of_end", to(ENTRIES, "as_of", "date '2023-10-01'", PUT), to(ENTRIES, "as_of", "null", PUT), ["330108/HNTE_PUT"]),
    (
        "chk_ledger",
        "funnel",
        duplicate(ENTRIES, f"{NOW} and indicator = 'HNTE_PASSED'", indicator="'HNTE_NEW'"),
        duplicate(ENTRIES, f"{NOW} and indicator = 'HNTE_PASSED'", indicator="'HNTE_NEW'", value="value + 1"),
        ["330108/HNTE_NEW"],
    ),
    ("chk_ledger_time", "power_of_ten", of_the_year_before("value", "167"), of_the_year_before("value", "117"), ["330108/HNTE_PUT"]),
    (
        "chk_ledger_time",
        "power_of_ten",
        of_the_year_before("value", "19") + "; " + to(ENTRIES, "value", "190", PUT),
        of_the_year_before("value", "20") + "; " + to(ENTRIES, "value", "200", PUT),
        ["330108/HNTE_PUT"],
    ),
    ("chk_ledger_time", "scope_kept", to(ENTRIES, "scope", "'累计'", PUT), to(ENTRIES, "scope", "'当年新增'", PUT), ["330108/HNTE_PUT"]),
    ("chk_ledger_time", "stale", resting_since("2022Q4"), resting_since("2022Q3"), ["330108/HNTE_PUT"]),
    ("chk_targets", "target_unit", to(TARGETS, "source", "'年度计划'", NOW), to(TARGETS, "unit", "'项'", NOW), ["330108/HNTE_PASSED"]),
    ("chk_targets", "target_moved", to(TARGETS, "target", "1300", NOW), to(TARGETS, "target", "1301", NOW), ["330108/HNTE_PASSED"]),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
