"""Deliveries, their rows, and whole feeds against earlier ones, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    CARRIERS,
    CONTRACTS,
    ENTRIES,
    FIRMS,
    NOW,
    VAT,
    Case,
    as_of,
    assert_found_only_beyond,
    names,
    to,
)

CARRIER_ROWS = f"{NOW} and source_table = 'incubators/carriers'"
FIRM_FIGURES = ("ind_va_ytd_yuan", "revenue_ytd_yuan", "rd_expense_ytd_yuan")


def resent(table: str, key: str, columns: tuple[str, ...], where: str) -> str:
    """Figures of the quarter before, once more."""
    return "; ".join(as_of("2023Q2", table, column, key, where) for column in columns)


def ledger_of_the_quarter_before(where: str) -> str:
    return (
        f"update {ENTRIES} as now set value = old.value from {ENTRIES} as old "
        f"where now.{NOW} and old.quarter = '2023Q2' and now.indicator = old.indicator and {where}"
    )


def more_firms(number: int, quarter: str) -> str:
    """So many more firms of 滨江区 in a quarter's list."""
    where = f"quarter = '{quarter}' and region_code = '330108'"
    row = f"select * replace ('X' || n as uscc) from {FIRMS}, range({number}) as t (n) where {where}"
    return f"insert into {FIRMS} by name select * exclude (n) from ({row}); "


CASES: list[Case] = [
    (
        "chk_deliveries",
        "table_kept",
        f"delete from stg_row_counts where {NOW} and source_table = 'ledger/targets'",
        f"delete from stg_row_counts where {NOW} and source_table = 'tax/sb_zzs'",
        ["tax/sb_zzs"],
    ),
    (
        "chk_deliveries",
        "quarantined",
        to("stg_row_counts", "coercions", "5", NOW),
        to("stg_row_counts", "rows_quarantined", "1", f"{NOW} and source_table = 'tax/sb_zzs'"),
        ["tax/sb_zzs"],
    ),
    (
        "chk_deliveries",
        "rows_year_before",
        to("stg_row_counts", "rows_landed", "45", f"{NOW} and source_table = 'incubators/carriers'"),
        to("stg_row_counts", "rows_landed", "44", f"{NOW} and source_table = 'incubators/carriers'"),
        ["incubators/carriers"],
    ),
    (
        "chk_deliveries",
        "rows_quarter_before",
        to("stg_row_counts", "rows_landed", "60", CARRIER_ROWS),
        to("stg_row_counts", "rows_landed", "59", CARRIER_ROWS),
        ["incubators/carriers"],
    ),
    (
        "chk_deliveries",
        "rows_quarter_before",
        to("stg_row_counts", "rows_landed", "135", CARRIER_ROWS),
        to("stg_row_counts", "rows_landed", "136", CARRIER_ROWS),
        ["incubators/carriers"],
    ),
    (
        "chk_feeds",
        "resent",
        resent(FIRMS, "uscc", FIRM_FIGURES, "now.region_code < '330500'"),
        resent(FIRMS, "uscc", FIRM_FIGURES, "now.region_code < '330700'"),
        ["statistics/enterprises"],
    ),
    (
        "chk_feeds",
        "resent",
        resent(CARRIERS, "carrier_code", ("tenant_count", "staff_count"), "true"),
        resent(CARRIERS, "carrier_code", ("tenant_count", "staff_count", "income_yuan"), "true"),
        ["incubators/carriers"],
    ),
    (
        "chk_feeds",
        "resent",
        ledger_of_the_quarter_before("now.indicator <> 'HNTE_PUT'"),
        ledger_of_the_quarter_before("true"),
        ["ledger/entries"],
    ),
    (
        "chk_feeds",
        "resent",
        resent(VAT, "taxpayer_id", ("sales_yuan",), "now.region_code < '330500'"),
        resent(VAT, "taxpayer_id", ("sales_yuan",), "true"),
        ["tax/sb_zzs"],
    ),
    (
        "chk_feeds",
        "magnitude",
        to(VAT, "sales_yuan", "sales_yuan * 7", NOW),
        to(VAT, "sales_yuan", "sales_yuan * 10", NOW),
        ["tax/vat_returns/sales_yuan"],
    ),
    (
        "chk_feeds",
        "magnitude",
        to(CONTRACTS, "tech_amount_yuan", "tech_amount_yuan / 100", NOW),
        to(CONTRACTS, "tech_amount_yuan", "tech_amount_yuan / 10000", NOW),
        ["contracts/contracts/tech_amount_yuan"],
    ),
    (
        "chk_feeds",
        "county_silent",
        more_firms(8, "2022Q3") + f"delete from {FIRMS} where {BINJIANG}",
        more_firms(9, "2022Q3") + f"delete from {FIRMS} where {BINJIANG}",
        ["330108/statistics/enterprises"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)


@pytest.mark.parametrize("feed", ["statistics", "contracts", "incubators", "ledger", "tax"])
def test_a_feed_without_delivery_in_force_is_found(falsified: Falsified, feed: str):
    in_force = "landing/in_force.parquet"
    for kept, found in (("true", []), (f"not (quarter = '2023Q3' and feed = '{feed}')", [(feed, 1.0)])):
        with falsified.after(f"create table others as select * from read_parquet('{in_force}') where {kept}") as connection:
            sql = falsified.compiled["chk_deliveries"].replace(f"read_parquet('{in_force}')", "others")
            rows = connection.execute(
                f"select indicator, excess from ({sql}) where quarter = '2023Q3' and check_name = 'delivered' and excess <> 0"
            ).fetchall()
        assert rows == found
