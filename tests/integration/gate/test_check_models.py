"""Each check on a clean warehouse in which one figure was falsified: the subject is found, and just within the bound it is not.

The compiled SQL of the check models runs on a copy of a warehouse that dbt built from a clean landing.
"""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified

NOW = "quarter = '2023Q3'"
BINJIANG = f"{NOW} and region_code = '330108'"
CELLS = ("int_statistics_cells",)
PROVINCE, CITY = "ruleset like 'zj315-county/%'", "ruleset like 'hz315-county/%'"
BOTH = ["330108/CITY", "330108/PROVINCE"]


def plus(table: str, column: str, amount: str, where: str = BINJIANG) -> str:
    return f"update {table} set {column} = {column} + {amount} where {where}"


def to(table: str, column: str, value: str, where: str = BINJIANG) -> str:
    return f"update {table} set {column} = {value} where {where}"


def duplicate(table: str, where: str, **changes: str) -> str:
    changed = ", ".join(f"{value} as {column}" for column, value in changes.items())
    return f"insert into {table} select * {f'replace ({changed})' if changed else ''} from {table} where {where} limit 1"


def ranked_from_outside(region: str) -> str:
    """滨江区's row of the city's ranking stands there for a county of another city too."""
    row = f"select * replace ('{region}' as region_code) from ed_ranking where {BINJIANG} and {CITY}"
    return f"insert into ed_ranking {row}"


def tie(place: str, ruleset: str) -> str:
    """The county at the second place of Hangzhou's list under a ruleset gets the total of the one before it."""
    hangzhou = f"{NOW} and {ruleset} and city_name = '杭州市'"
    second = f"(select min({place}) from ed_ranking where {hangzhou} and {place} > (select min({place}) from ed_ranking where {hangzhou}))"
    field = hangzhou if place == "rank_city" else f"{NOW} and {ruleset}"
    before = f"(select min(total) from ed_ranking where {field} and {place} < {second})"
    return f"update ed_ranking set total = {before} where {hangzhou} and {place} = {second}"


def many_contracts(number: int) -> str:
    """滨江区's transactions rest on so many contracts in every quarter."""
    return f"update int_cells set contributions = {number} where region_code = '330108' and indicator = 'TECH_TX'; "


GDP, INDUSTRY = "base_statistics__gdp", "base_statistics__industry"
CONTRACTS, CARRIERS, TENANTS = "base_contracts__contracts", "base_incubators__carriers", "base_incubators__tenants"
ENTRIES, TARGETS = "base_ledger__entries", "base_ledger__targets"
EDI = "ed_indicators"
ONE_CONTRACT = "contract_no = '2023330108000001' and quarter = '2023Q3'"
ONE_TENANT = f"{NOW} and carrier_code = 'C330108'"


def as_before(where: str, change: str = "") -> str:
    """GDP of the quarter before, sent again."""
    joined = "before.quarter = '2023Q2' and now.region_code = before.region_code"
    return (
        f"update {GDP} as now set gdp_ytd_yuan = before.gdp_ytd_yuan {change} from {GDP} as before where now.{NOW} and {joined} and {where}"
    )


def actual_before(value: str) -> str:
    """A value of the year before, and the target of 1 300 made one of this year."""
    changed = f"'2022Q4' as quarter, '2022Q4' as period, {value} as value"
    rows = f"select * replace ({changed}) from {EDI} where {BINJIANG} and indicator = 'HNTE_PASSED'"
    return f"insert into {EDI} {rows}; update {TARGETS} set year = 2023 where {NOW}"


# Model, check, the statement that just stays within the bound, the statement that does not, and who is then found.
CASES = [
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
    ("chk_statistics_cover", "region_present", to(GDP, "gdp_ytd_yuan", "null"), f"delete from {GDP} where {BINJIANG}", ["330108/gdp"]),
    ("chk_statistics_cover", "region_present", to(GDP, "gdp_ytd_yuan", "0"), duplicate(GDP, BINJIANG), ["330108/gdp"]),
    # 13 counties and the city, or 11 cities, 省本级 and the province: 14 and 13 halves of 10 000 yuan.
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
        as_before("now.region_code = '330108'"),
        as_before("now.region_code = '330108'", "- 1"),
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
        as_before("now.region_code < '330500'"),
        as_before("true"),
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
        "chk_contracts",
        "vanished",
        f"update {CONTRACTS} set state = '注销' where {ONE_CONTRACT}",
        f"delete from {CONTRACTS} where {ONE_CONTRACT}",
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "same_deal",
        duplicate(CONTRACTS, ONE_CONTRACT, contract_no="'2023330108999999'", tech_amount_yuan="tech_amount_yuan - 1"),
        duplicate(CONTRACTS, ONE_CONTRACT, contract_no="'2023330108999999'"),
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "restated",
        plus(CONTRACTS, "tech_amount_yuan", "1", f"{NOW} and contract_no like '2023330108%'"),
        plus(CONTRACTS, "tech_amount_yuan", "1", f"{NOW} and contract_no like '20233301%'"),
        ["TECH_TX"],
    ),
    (
        "chk_contracts",
        "registered_ahead",
        to(CONTRACTS, "registered_on", "date '2023-10-13'", ONE_CONTRACT),
        to(CONTRACTS, "registered_on", "date '2023-10-14'", ONE_CONTRACT),
        ["TECH_TX"],
    ),
    (
        "chk_contracts",
        "signed_late",
        to(CONTRACTS, "signed_on", "registered_on + 1", ONE_CONTRACT),
        to(CONTRACTS, "signed_on", "registered_on + 1", f"{NOW} and seller_region in ('330108', '330109')"),
        ["TECH_TX"],
    ),
    ("chk_incubators", "rooms", plus(CARRIERS, "area_office_m2", "2"), plus(CARRIERS, "area_office_m2", "3"), ["330108/INC_AREA_NEW"]),
    (
        "chk_incubators",
        "tenants",
        to(TENANTS, "quarantined_because", "'uscc_invalid'", ONE_TENANT),
        to(TENANTS, "state", "'毕业'", ONE_TENANT),
        ["330108/INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_twice",
        duplicate(TENANTS, ONE_TENANT, carrier_code="'C330109'"),
        f"insert into {TENANTS} select * replace ('C330109' as carrier_code) from {TENANTS} where {NOW} and carrier_code < 'C330110'",
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_stay",
        to(TENANTS, "entered_on", "date '2019-09-29'", f"{NOW} and carrier_code < 'C330111'"),
        to(TENANTS, "entered_on", "date '2019-09-29'", NOW),
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_cancelled",
        f"update base_tax__taxpayers set taxpayer_state = '05' where {NOW}",
        "update base_tax__taxpayers as taxpayer set uscc = tenant.uscc, taxpayer_state = '05' "
        f"from {TENANTS} as tenant where tenant.quarter = taxpayer.quarter and tenant.region_code = taxpayer.region_code",
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "carrier_gone",
        f"delete from {CARRIERS} where {NOW} and carrier_code < 'C330108'",
        f"delete from {CARRIERS} where {NOW} and carrier_code < 'C330111'",
        ["INC_N"],
    ),
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
        "chk_ledger",
        "year_to_date",
        to(ENTRIES, "value", "780", f"{NOW} and indicator = 'HNTE_PUT'"),
        to(ENTRIES, "value", "779", f"{NOW} and indicator = 'HNTE_PUT'"),
        ["330108/HNTE_PUT"],
    ),
    (
        "chk_ledger",
        "target_below_actual",
        actual_before("1300"),
        actual_before("1301"),
        ["330108/HNTE_PASSED"],
    ),
    (
        "chk_ledger",
        "target_baseline",
        to(TARGETS, "indicator", "'HNTE_APPLIED'", NOW),
        to(TARGETS, "indicator", "'HNTE_VALID'", NOW),
        ["330108/HNTE_VALID"],
    ),
    (
        "chk_tax",
        "deduction_rate",
        to("base_tax__rd_returns", "deduction_yuan", "rd_expense_yuan * 1.2"),
        to("base_tax__rd_returns", "deduction_yuan", "rd_expense_yuan * 1.2 + 1"),
        ["330108/TAX_RD"],
    ),
    (
        "chk_tax",
        "period_from",
        to("base_tax__rd_returns", "return_type", "'HS'"),
        to("base_tax__rd_returns", "period_from", "date '2023-07-01'"),
        ["TAX_RD"],
    ),
    (
        "chk_tax",
        "usccs_twice",
        to("base_tax__taxpayers", "uscc", "null"),
        to("base_tax__taxpayers", "uscc", "(select min(uscc) from base_tax__taxpayers)", f"{NOW} and region_code in ('330108', '330109')"),
        ["TAX_RD_N"],
    ),
    (
        "chk_tax",
        "superseded",
        to("base_tax__vat_returns", "is_superseded", "true", f"{NOW} and region_code < '330400'"),
        to("base_tax__vat_returns", "is_superseded", "true", NOW),
        ["TAX_TECH"],
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
        "chk_indicators",
        "not_below",
        to(EDI, "value", "2", f"{BINJIANG} and indicator = 'TECH_N'"),
        to(EDI, "value", "1", f"{BINJIANG} and indicator = 'TECH_N'"),
        ["330108/TECH_N"],
    ),
    (
        "chk_indicators",
        "power_of_ten",
        many_contracts(20) + to(EDI, "value", "value * 100", f"{BINJIANG} and indicator = 'TECH_TX'"),
        many_contracts(20) + to(EDI, "value", "value * 10000", f"{BINJIANG} and indicator = 'TECH_TX'"),
        ["330108/TECH_TX"],
    ),
    (
        "chk_indicators",
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
        ["GDP"],
    ),
    (
        "chk_indicators",
        "missing_base",
        to(EDI, "status", "'not_applicable'", f"{BINJIANG} and indicator = 'IRD_GROWTH'"),
        to(EDI, "status", "'missing'", f"{BINJIANG} and indicator = 'IRD_GROWTH'"),
        ["IRD_GROWTH"],
    ),
    (
        "chk_indicators",
        "range",
        to(EDI, "value", "1000", f"{BINJIANG} and indicator = 'TECH_TX_GROWTH'"),
        to(EDI, "value", "1001", f"{BINJIANG} and indicator = 'TECH_TX_GROWTH'"),
        ["330108/TECH_TX_GROWTH"],
    ),
    (
        "chk_indicators",
        "outlier",
        to(EDI, "value", "value * 1.2", f"{BINJIANG} and indicator = 'GDP'"),
        to(EDI, "value", "value * 1.25", f"{BINJIANG} and indicator = 'GDP'"),
        ["330108/GDP"],
    ),
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), f"delete from ed_ranking where {BINJIANG}", BOTH),
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), f"delete from ed_ranking where {BINJIANG} and {CITY}", ["330108/CITY"]),
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), ranked_from_outside("330203"), ["330203/CITY"]),
    ("chk_scores", "scored", to("ed_scores", "points", "0"), f"delete from ed_scores where {BINJIANG} and node = 'RD_GDP'", BOTH),
    ("chk_scores", "scored", to("ed_scores", "points", "0"), f"delete from ed_scores where {BINJIANG} and {CITY}", ["330108/CITY"]),
    ("chk_scores", "rank_province", tie("rank_province", PROVINCE), to("ed_ranking", "rank_province", "91"), BOTH),
    (
        "chk_scores",
        "rank_province",
        to("ed_ranking", "rank_province", "null", f"{BINJIANG} and {CITY}"),
        to("ed_ranking", "rank_province", "null", BINJIANG),
        ["330108/PROVINCE"],
    ),
    (
        "chk_scores",
        "rank_city",
        tie("rank_city", PROVINCE),
        to("ed_ranking", "rank_city", "14", f"{BINJIANG} and {PROVINCE}"),
        ["330108/PROVINCE"],
    ),
    ("chk_scores", "rank_city", tie("rank_city", CITY), to("ed_ranking", "rank_city", "null", f"{BINJIANG} and {CITY}"), ["330108/CITY"]),
    (
        "chk_scores",
        "trace",
        plus("score_totals", "total_raw", "5e-10", "period = '2023Q3' and unit = '330108'"),
        plus("score_totals", "total_raw", "2e-9", "period = '2023Q3' and unit = '330108'"),
        BOTH,
    ),
    (
        "chk_scores",
        "rounding",
        to("score_totals", "total", "total_raw + 0.004", "period = '2023Q3' and unit = '330108'"),
        to("score_totals", "total", "total_raw + 0.006", "period = '2023Q3' and unit = '330108'"),
        BOTH,
    ),
    (
        "chk_scores",
        "rank_moved",
        to("ed_ranking", "rank_change", "-45", f"{BINJIANG} and {PROVINCE}"),
        to("ed_ranking", "rank_change", "46", f"{BINJIANG} and {PROVINCE}"),
        ["330108/PROVINCE"],
    ),
    (
        "chk_scores",
        "rank_moved",
        to("ed_ranking", "rank_change", "6", f"{BINJIANG} and {CITY}"),
        to("ed_ranking", "rank_change", "7", f"{BINJIANG} and {CITY}"),
        ["330108/CITY"],
    ),
    ("chk_scores", "interval", to("ed_ranking", "rank_median", "rank_p95", BINJIANG), to("ed_ranking", "rank_p95", "0.5", BINJIANG), BOTH),
    ("chk_scores", "interval", to("ed_ranking", "p_star_5", "null", BINJIANG), to("ed_ranking", "rank_median", "null", BINJIANG), BOTH),
]


@pytest.mark.parametrize(("model", "check", "within", "beyond", "found"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(
    falsified: Falsified, model: str, check: str, within: str, beyond: str, found: list[str]
):
    rebuilt = CELLS if model.startswith("chk_statistics") else ()
    assert falsified.excesses(model, check, within, rebuilt) == {}
    excesses = falsified.excesses(model, check, beyond, rebuilt)
    named = {subject.replace("zj315-county/2023.1", "PROVINCE").replace("hz315-county/2023.1", "CITY") for subject in excesses}
    assert sorted(named) == found
