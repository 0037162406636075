"""Who is on a work list, at the edge of each condition: a clean landing has nobody on any, one step beyond a bound has the firm there."""

from __future__ import annotations

import pytest

from pipelines.worklists.kinds import KINDS
from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import BINJIANG, CONTRACTS, FIRMS, NOW, RD, TAXPAYERS, TENANTS, VAT, duplicate, to

COMMON = ("int_firms_in_tax", "int_high_tech_classes")
RECENT = "region_code = '330108' and quarter > '2022Q3'"
THIS_YEAR = "region_code = '330108' and quarter >= '2023Q1'"
LAST_YEAR = "region_code = '330108' and quarter < '2023Q1'"
SELLER = f"{NOW} and seller_region = '330108'"
UNLISTED = f"delete from {FIRMS} where {BINJIANG}"
OWN_CODE = f"(select uscc from {TAXPAYERS} where {BINJIANG})"


def all_of(*statements: str) -> str:
    return "; ".join(statements)


def industrial(sales_a_quarter: str, class_code: str = "2710") -> str:
    return all_of(UNLISTED, to(VAT, "sales_yuan", sales_a_quarter, RECENT), to(TAXPAYERS, "industry_code", f"'{class_code}'"))


def climbing(sales_a_quarter: str, registered: str = "2022-09-30", last_year: str = "0") -> str:
    """R&D expense of 3,000 yuan in three quarters of such sales."""
    return all_of(
        to(VAT, "sales_yuan", sales_a_quarter, THIS_YEAR),
        to(VAT, "sales_yuan", last_year, LAST_YEAR),
        to(TAXPAYERS, "registered_on", f"date '{registered}'"),
    )


def in_class(flagged: int, of: int) -> str:
    """So many of the first firms in a class of their own are flagged."""
    mine = f"select uscc from {FIRMS} where {NOW} order by region_code limit"
    return all_of(
        to(FIRMS, "industry_code", "'3562'", f"{NOW} and uscc in ({mine} {of})"),
        to(FIRMS, "is_high_tech", "false", f"{NOW} and uscc in ({mine} {of - flagged})"),
    )


CASES = [
    ("rd_uncounted", to(FIRMS, "rd_expense_ytd_yuan", "1500"), None),
    ("rd_uncounted", to(FIRMS, "rd_expense_ytd_yuan", "1499.99"), "under_half"),
    ("rd_uncounted", to(FIRMS, "rd_expense_ytd_yuan", "null"), "no_rd"),
    ("rd_uncounted", UNLISTED, "not_listed"),
    ("rd_uncounted", all_of(UNLISTED, to(RD, "rd_expense_yuan", "0")), None),
    ("contracts_unregistered", to(CONTRACTS, "state", "'注销'", f"{SELLER} and registered_on < date '2023-09-01'"), None),
    ("contracts_unregistered", to(CONTRACTS, "registered_on", "date '2023-09-30'", SELLER), None),
    ("contracts_unregistered", to(CONTRACTS, "registered_on", "date '2023-10-01'", SELLER), "exempt_sales seller_last_year"),
    ("contracts_unregistered", to(CONTRACTS, "state", "'受理'", SELLER), "exempt_sales seller_last_year"),
    (
        "contracts_unregistered",
        all_of(to(CONTRACTS, "state", "'注销'", SELLER), to(VAT, "exempt_tech_sales_yuan", "0", THIS_YEAR)),
        "seller_last_year",
    ),
    (
        "contracts_unregistered",
        all_of(to(CONTRACTS, "state", "'注销'", SELLER), f"delete from {CONTRACTS} where quarter = '2022Q4' and seller_region = '330108'"),
        "exempt_sales",
    ),
    ("above_scale", industrial("4000000"), "near_threshold"),
    ("above_scale", industrial("3999999.99"), None),
    ("above_scale", industrial("5000000"), "above_threshold"),
    ("above_scale", industrial("4000000", "0610"), "near_threshold"),
    ("above_scale", industrial("4000000", "4690"), "near_threshold"),
    ("above_scale", industrial("4000000", "0590"), None),
    ("above_scale", industrial("4000000", "4710"), None),
    ("above_scale", all_of(industrial("4000000"), to(TAXPAYERS, "taxpayer_state", "'05'")), None),
    ("above_scale", all_of(industrial("0"), to(VAT, "sales_yuan", "90000000", "quarter = '2022Q3'")), None),
    ("high_tech", to(FIRMS, "is_high_tech", "false"), "not_flagged"),
    ("double_tenants", to(TENANTS, "entered_on", "date '2019-09-30'"), None),
    ("double_tenants", to(TENANTS, "entered_on", "date '2019-09-29'"), "over_48_months"),
    ("double_tenants", all_of(to(TENANTS, "entered_on", "date '2015-01-01'"), to(TENANTS, "state", "'毕业'")), None),
    ("double_tenants", to(TENANTS, "uscc", OWN_CODE), None),
    ("double_tenants", all_of(to(TENANTS, "uscc", OWN_CODE), to(TAXPAYERS, "taxpayer_state", "'05'")), "cancelled"),
    ("double_tenants", duplicate(TENANTS, BINJIANG, carrier_code="'C2'"), "two_carriers"),
    ("ladder", climbing("25000"), "below_threshold"),
    ("ladder", climbing("25000.01"), None),
    ("ladder", climbing("20000"), "just_above"),
    ("ladder", climbing("20000.01"), "below_threshold"),
    ("ladder", climbing("16666.67"), "just_above"),
    ("ladder", climbing("16666.66"), None),
    ("ladder", climbing("20000", registered="2022-10-01"), None),
    ("ladder", climbing("25000", last_year="20000000"), "just_above"),
]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_nobody_is_on_a_list_of_a_clean_landing(falsified: Falsified, kind: str) -> None:
    assert listed(falsified, kind, "select 1") == []


def listed(falsified: Falsified, kind: str, statements: str) -> list[tuple[str, str]]:
    with falsified.after(statements, (*COMMON, f"wl_{kind}")) as connection:
        return connection.execute(f"select region_code, reasons from wl_{kind} where {NOW} order by region_code").fetchall()


@pytest.mark.parametrize(
    ("kind", "statements", "reasons"), CASES, ids=[f"{kind}-{number}-{reasons}" for number, (kind, _, reasons) in enumerate(CASES)]
)
def test_a_firm_is_listed_from_the_bound_on_and_not_before(falsified: Falsified, kind: str, statements: str, reasons: str | None) -> None:
    assert listed(falsified, kind, statements) == ([("330108", reasons)] if reasons else [])


@pytest.mark.parametrize(("flagged", "of", "found"), [(1, 2, 0), (2, 3, 1)])
def test_a_class_is_in_the_catalogue_if_more_than_half_of_its_firms_are_flagged(
    falsified: Falsified, flagged: int, of: int, found: int
) -> None:
    assert len(listed(falsified, "high_tech", in_class(flagged, of))) == found


def test_a_tenant_in_two_counties_is_a_question_to_both(falsified: Falsified) -> None:
    elsewhere = duplicate(TENANTS, BINJIANG, carrier_code="'C330102'", region_code="'330102'")
    assert listed(falsified, "double_tenants", elsewhere) == [("330102", "two_carriers"), ("330108", "two_carriers")]


def test_a_firm_with_two_taxpayers_stands_once_with_both_its_amounts(falsified: Falsified) -> None:
    second = all_of(
        UNLISTED,
        duplicate(TAXPAYERS, BINJIANG, taxpayer_id="900001"),
        duplicate(RD, BINJIANG, taxpayer_id="900001", return_id="900001", source_row="900001"),
    )
    with falsified.after(second, (*COMMON, "wl_rd_uncounted")) as connection:
        (row,) = connection.execute(f"select amount, source_rows from wl_rd_uncounted where {NOW}").fetchall()
    assert row[0] == 6000
    assert row[1].count("sb_yfjjkc:") == 2
