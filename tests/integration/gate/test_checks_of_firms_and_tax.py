"""The list of firms and the tax register, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    FIRMS,
    INDUSTRY,
    NOW,
    RD,
    TAXPAYERS,
    VAT,
    Case,
    as_of,
    assert_found_only_beyond,
    names,
    to,
)


def more_firms(number: int, first_amount: str = "rd_expense_ytd_yuan") -> str:
    """So many more firms in 滨江区, in the list and in the tax register, each with a super-deduction of 3,000 yuan."""
    copies = []
    for table, changes in {
        FIRMS: f"'X' || n as uscc, {first_amount} as rd_expense_ytd_yuan",
        TAXPAYERS: "'X' || n as uscc, 1000 + n as taxpayer_id, '3990' as industry_code",
        RD: "1000 + n as taxpayer_id",
        VAT: "1000 + n as taxpayer_id, 5000000 as sales_yuan",
    }.items():
        row = f"select * replace ({changes}) from {table}, range({number}) as t (n) where {BINJIANG}"
        copies.append(f"insert into {table} by name select * exclude (n) from ({row})")
    return "; ".join(copies)


def as_share_of_county(share: str) -> str:
    """滨江区's one firm has so much of the county's revenue."""
    county = f"(select revenue_ytd_yuan from {INDUSTRY} where {BINJIANG})"
    return to(FIRMS, "revenue_ytd_yuan", f"{county} * {share}")


def fallen(where: str) -> str:
    """Revenue of the firms is a yuan below the quarter before."""
    return as_of("2023Q2", FIRMS, "revenue_ytd_yuan", "uscc", where, "- 1")


CASES: list[Case] = [
    (
        "chk_tax",
        "deduction_rate",
        to(RD, "deduction_yuan", "rd_expense_yuan * 1.2"),
        to(RD, "deduction_yuan", "rd_expense_yuan * 1.2 + 1"),
        ["330108/TAX_RD"],
    ),
    (
        "chk_tax",
        "period_from",
        to(RD, "return_type", "'HS'"),
        to(RD, "period_from", "date '2023-07-01'"),
        ["TAX_RD"],
    ),
    (
        "chk_tax",
        "usccs_twice",
        to(TAXPAYERS, "uscc", "null"),
        to(TAXPAYERS, "uscc", "(select min(uscc) from base_tax__taxpayers)", f"{NOW} and region_code in ('330108', '330109')"),
        ["TAX_RD_N"],
    ),
    (
        "chk_tax",
        "superseded",
        to(VAT, "is_superseded", "true", f"{NOW} and region_code < '330400'"),
        to(VAT, "is_superseded", "true", NOW),
        ["TAX_TECH"],
    ),
    (
        "chk_tax",
        "beyond_sales",
        to(VAT, "tax_due_yuan", "sales_yuan"),
        to(VAT, "sales_yuan", "sales_yuan / 10000"),
        ["TAX_TECH"],
    ),
    (
        "chk_tax",
        "vat_period",
        to(VAT, "period_from", "date '2023-07-01'"),
        to(VAT, "period_from", "date '2023-01-01'"),
        ["TAX_TECH"],
    ),
    (
        "chk_firms",
        "listed_above_region",
        as_share_of_county("1.0009"),
        as_share_of_county("1.0011"),
        ["330108/revenue_ytd_yuan"],
    ),
    (
        "chk_firms",
        "year_to_date",
        fallen("now.region_code = '330108'"),
        fallen("now.region_code in ('330108', '330109')"),
        ["revenue_ytd_yuan"],
    ),
    (
        "chk_firms",
        "firm_jump",
        to(FIRMS, "revenue_ytd_yuan", "revenue_ytd_yuan * 7"),
        to(FIRMS, "revenue_ytd_yuan", "revenue_ytd_yuan * 10"),
        ["330108/revenue_ytd_yuan"],
    ),
    (
        "chk_firms",
        "unknown_to_statistics",
        more_firms(6) + f"; delete from {FIRMS} where {NOW} and uscc like 'X%' and uscc <> 'X0'",
        more_firms(6) + f"; delete from {FIRMS} where {NOW} and uscc like 'X%'",
        ["330108/TAX_RD"],
    ),
    ("chk_firms", "rd_not_in_statistics", more_firms(5, "0"), more_firms(6, "0"), ["330108/TAX_RD"]),
    (
        "chk_firms",
        "rd_far_apart",
        more_firms(4, "rd_expense_ytd_yuan / 2")
        + "; "
        + to(FIRMS, "rd_expense_ytd_yuan", "rd_expense_ytd_yuan / 2", f"{BINJIANG} and uscc not like 'X%'"),
        more_firms(4, "rd_expense_ytd_yuan / 2 - 1")
        + "; "
        + to(FIRMS, "rd_expense_ytd_yuan", "rd_expense_ytd_yuan / 2", f"{BINJIANG} and uscc not like 'X%'"),
        ["330108/TAX_RD"],
    ),
    (
        "chk_firms",
        "catalogue_editions",
        to(FIRMS, "ht_catalogue", "'2023年版'", NOW),
        to(FIRMS, "ht_catalogue", "'2023年版'"),
        ["HT_SHARE"],
    ),
    (
        "chk_firms",
        "catalogue_kept",
        to(FIRMS, "ht_catalogue", "'2023年版'", f"{NOW} and region_code < '330500'"),
        to(FIRMS, "ht_catalogue", "'2023年版'", NOW),
        ["HT_SHARE"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
