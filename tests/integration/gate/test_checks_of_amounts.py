"""Single amounts in another unit than the rest of their delivery: found in its first snapshot, and not within the bounds."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    CARRIERS,
    CONTRACTS,
    ENTRIES,
    FIRMS,
    NOW,
    RD,
    TENANTS,
    VAT,
    Case,
    assert_found_only_beyond,
    names,
)

TECH = "contracts/contracts/tech_amount_yuan"


def times(table: str, column: str, factor: str, where: str) -> str:
    """One amount of 2023Q3 multiplied."""
    row = f"select min(rowid) from {table} where {NOW} and {column} > 0 and {where}"
    return f"update {table} set {column} = {column} * {factor} where rowid = ({row})"


def contract(factor: str) -> str:
    return times(CONTRACTS, "tech_amount_yuan", factor, "seller_region = '330108'")


def registered_at_one_point(statement: str) -> str:
    """All contracts of 滨江区's quarter registered at one point, thirty of them, with amounts that double from one to the next."""
    one = f"select * from {CONTRACTS} where {NOW} and seller_region = '330108' order by contract_no limit 1"
    more = (
        f"insert into {CONTRACTS} select one.* replace (cast(2023330108500000 + place as varchar) as contract_no, "
        f"tech_amount_yuan * power(2, place / 5.0) as tech_amount_yuan) from ({one}) as one, range(30) as places(place)"
    )
    return f"{more}; {statement}"


CASES: list[Case] = [
    ("chk_amounts", "unit", contract("900"), contract("1200"), [f"330108/{TECH}"]),
    ("chk_amounts", "far", contract("280"), contract("350"), [f"330108/{TECH}"]),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)


#: Only 滨江区 of the clean landing has programmes, and no tenant an investment.
OTHERS = f"""
update {TENANTS} set investment_yuan = 1000000 + source_row where {NOW};
insert into {ENTRIES} select entry.* replace (county.code as region_code)
from {ENTRIES} as entry, divisions as county
where {NOW} and indicator = 'HNTE_PUT' and county.level = 'c' and county.valid_to is null and county.code <> '330108';
"""
SINGLE = [
    (CONTRACTS, "tech_amount_yuan", "seller_region", TECH),
    (CARRIERS, "income_yuan", "region_code", "incubators/carriers/income_yuan"),
    (TENANTS, "investment_yuan", "region_code", "incubators/tenants/investment_yuan"),
    (FIRMS, "ind_va_ytd_yuan", "region_code", "statistics/enterprises/ind_va_ytd_yuan"),
    (FIRMS, "revenue_ytd_yuan", "region_code", "statistics/enterprises/revenue_ytd_yuan"),
    (FIRMS, "rd_expense_ytd_yuan", "region_code", "statistics/enterprises/rd_expense_ytd_yuan"),
    (VAT, "sales_yuan", "region_code", "tax/vat_returns/sales_yuan"),
    (VAT, "exempt_tech_sales_yuan", "region_code", "tax/vat_returns/exempt_tech_sales_yuan"),
    (RD, "rd_expense_yuan", "region_code", "tax/rd_returns/rd_expense_yuan"),
    (RD, "deduction_yuan", "region_code", "tax/rd_returns/deduction_yuan"),
    (ENTRIES, "value", "indicator = 'HNTE_PUT' and region_code", "ledger/entries/value"),
]


@pytest.mark.parametrize(("table", "column", "region", "measure"), SINGLE, ids=[measure for *_, measure in SINGLE])
def test_ten_thousand_times_an_ordinary_amount_of_any_feed_holds_the_quarter(
    falsified: Falsified, table: str, column: str, region: str, measure: str
):
    mistaken = times(table, column, "10000", f"{region} = '330108'")
    found = falsified.excesses("chk_amounts", "unit", OTHERS + mistaken)
    assert found == {f"330108/{measure}": 1}


def test_a_large_deal_in_a_county_of_large_deals_is_none_in_another_unit(falsified: Falsified):
    largest = f"update {CONTRACTS} set tech_amount_yuan = tech_amount_yuan * 15 where {NOW} and contract_no = '2023330108500029'"
    for check in ("unit", "far"):
        assert falsified.excesses("chk_amounts", check, registered_at_one_point(largest)) == {}


def test_ten_thousand_times_the_least_of_many_contracts_is_found_though_others_are_large(falsified: Falsified):
    least = f"update {CONTRACTS} set tech_amount_yuan = tech_amount_yuan * 10000 where {NOW} and contract_no = '2023330108500000'"
    assert falsified.excesses("chk_amounts", "unit", registered_at_one_point(least)) == {f"330108/{TECH}": 1}


def test_three_mistaken_amounts_of_one_point_do_not_hide_each_other(falsified: Falsified):
    three = "('2023330108500003', '2023330108500004', '2023330108500005')"
    wrong = f"update {CONTRACTS} set tech_amount_yuan = tech_amount_yuan * 10000 where {NOW} and contract_no in {three}"
    assert falsified.excesses("chk_amounts", "unit", registered_at_one_point(wrong)) == {f"330108/{TECH}": 3}


def test_a_ten_thousandth_of_an_ordinary_contract_is_told(falsified: Falsified):
    assert falsified.excesses("chk_amounts", "far", contract("0.0001")) == {f"330108/{TECH}": 1}
