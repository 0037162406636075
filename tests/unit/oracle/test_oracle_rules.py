"""The rules that are easiest to get wrong, each on a drop folder of a few rows."""

from __future__ import annotations

import pytest
from oracle_drop import BINJIANG, HANGZHOU, NINGBO_COUNTY, XIHU, firm

from tests.oracle import quarantined_rows

Q = "2023Q3"


def value(table, region, indicator, period=Q):
    return table.loc[(region, indicator, period), "value"]


def status(table, region, indicator, period=Q):
    return table.loc[(region, indicator, period), "status"]


def test_only_registered_contracts_of_the_year_to_date_count(drop):
    rows = [{"合同状态": state} for state in ("受理", "已登记", "变更", "注销")]
    drop.contracts(Q, [*rows, {"登记日期": "2023-10-08"}, {"登记日期": "2022-12-31"}, {"登记日期": "2023-01-01"}])
    table = drop.oracle(Q)
    assert value(table, BINJIANG, "TECH_N") == 3
    assert value(table, BINJIANG, "TECH_TX") == 0.03
    assert value(table, XIHU, "TECH_IN") == 0.03
    assert value(table, XIHU, "TECH_TX") == 0


def test_the_first_sound_row_of_a_contract_stays(drop):
    same = {"合同登记编号": "20233301080001"}
    drop.contracts(Q, [same | {"技术交易额(万元)": "101"}, same | {"技术交易额(万元)": "40"}, same | {"技术交易额(万元)": "50"}])
    assert value(drop.oracle(Q), BINJIANG, "TECH_TX") == 0.004
    assert len(quarantined_rows(drop.data_raw, str(drop.tax), Q)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"卖方统一社会信用代码": "91350100M000100Y4Z"},
        {"买方统一社会信用代码": "123"},
        {"卖方行政区划代码": HANGZHOU},
        {"买方行政区划代码": "330104"},
        {"合同登记编号": "123"},
        {"登记日期": "2023-02-30"},
        {"登记日期": ""},
        {"技术交易额(万元)": "-1"},
        {"合同名称": "甲\x00乙"},
    ],
)
def test_a_wrong_row_is_kept_aside(drop, wrong):
    drop.contracts(Q, [wrong, {}])
    assert value(drop.oracle(Q), BINJIANG, "TECH_N") == 1


@pytest.mark.parametrize(
    "sound", [{"卖方统一社会信用代码": ""}, {"买方国别代码": "840", "买方行政区划代码": "", "买方统一社会信用代码": "US-1"}]
)
def test_a_blank_uscc_and_a_foreign_buyer_are_sound(drop, sound):
    drop.contracts(Q, [sound])
    assert value(drop.oracle(Q), BINJIANG, "TECH_N") == 1


def test_the_province_adds_what_has_no_county_and_nobody_counts_the_outside(drop):
    sellers = [BINJIANG, XIHU, NINGBO_COUNTY, "330099", "310115"]
    drop.contracts(Q, [{"卖方行政区划代码": seller} for seller in sellers])
    table = drop.oracle(Q)
    assert (value(table, HANGZHOU, "TECH_N"), value(table, "330000", "TECH_N")) == (2, 4)


def test_growth_needs_the_year_before_and_a_base(drop):
    drop.contracts(Q, [{}, {"卖方行政区划代码": XIHU}])
    assert status(drop.oracle(Q), BINJIANG, "TECH_TX_GROWTH") == "missing"
    drop.contracts("2022Q3", [{"技术交易额(万元)": "80"}], encoding="utf-8-sig")
    table = drop.oracle(Q)
    assert value(table, BINJIANG, "TECH_TX_GROWTH") == 25
    assert tuple(table.loc[(BINJIANG, "TECH_TX_GROWTH", Q), ["numerator", "denominator"]]) == (1_000_000, 800_000)
    assert status(table, XIHU, "TECH_TX_GROWTH") == "not_applicable"


def test_the_tenth_delivery_of_a_day_is_later_than_the_second_and_a_broken_one_is_not_in_force(drop):
    for name, count in (("20231012_a.csv", 1), ("20231012-2_a.csv", 2), ("20231012-10_a.csv", 3)):
        drop.contracts(Q, [{}] * count, name=name)
    drop.path(Q, "contracts", "20231013_a.csv").write_bytes("编号\n1\n".encode())
    assert value(drop.oracle(Q), BINJIANG, "TECH_N") == 3


def test_grouped_headers_are_found_in_another_order_and_the_unit_is_read(drop):
    headers = {
        "规上工业": (
            ["地区", "行政区划代码", "研发费用", None, "营业收入", "高新技术产业增加值", None, "规上工业增加值", None, "备注"],
            [None, None, "同比增速（%）", "本年累计", "本年累计", "本年累计", "同比增速(%)", "同比增速(%)", "本年累计", None],
        )
    }
    row = ["\u3000\u3000滨江区", 330108, "12.5%", "1,500", 30000, 900, -3.1, 2, 1000, "多一列"]
    drop.statistics(Q, {"规上工业": [row]}, unit="万元", headers=headers)
    table = drop.oracle(Q)
    assert value(table, BINJIANG, "IRD_AMT") == 0.15
    assert value(table, BINJIANG, "IRD_GROWTH") == 12.5
    assert value(table, BINJIANG, "HT_VA_GROWTH") == -3.1
    assert value(table, BINJIANG, "HT_SHARE") == 90
    assert tuple(table.loc[(BINJIANG, "IRD_REV", Q), ["value", "numerator", "denominator"]]) == (5, 15_000_000, 300_000_000)
    assert status(table, XIHU, "IRD_REV") == "missing"


def test_the_annual_share_has_its_year_in_the_third_quarter_and_its_value_in_the_fourth(drop):
    for quarter, rd in (("2022Q3", 8), ("2023Q3", 9)):
        drop.statistics(quarter, {"全社会研发": [[BINJIANG, "滨江区", rd, 100, 50, 1000], [XIHU, "西湖区", 1, 0, "—", 1000]]})
    third, fourth, first = drop.oracle("2023Q3"), drop.oracle("2023Q4"), drop.oracle("2023Q1")
    assert status(third, BINJIANG, "RD_GDP") == status(first, BINJIANG, "RD_GDP", "2023Q1") == "not_published"
    assert value(third, BINJIANG, "RD_GDP", "2022") == value(fourth, BINJIANG, "RD_GDP", "2023Q4") == 9
    assert value(third, BINJIANG, "RD_GDP_INC", "2022") == 1
    assert value(third, BINJIANG, "RD_STAFF", "2022") == 500
    assert status(third, XIHU, "RD_GDP", "2022") == status(third, XIHU, "RD_GDP_INC", "2022") == "not_applicable"
    assert status(third, XIHU, "RD_STAFF", "2022") == "missing"
    assert (BINJIANG, "RD_GDP", "2022") not in fourth.index


def test_a_workbook_of_another_period_is_not_used(drop):
    drop.statistics("2023Q2", {})
    drop.path(Q, "statistics", "20231025_错.xlsx").write_bytes((drop.data_raw / "2023Q2/statistics/20231201_统计.xlsx").read_bytes())
    assert status(drop.oracle(Q), "330000", "GDP") == "missing"


def test_corrections_and_the_year_to_date_of_the_tax_feed(drop):
    drop.taxed("dj_nsrxx", [(n, firm(n), "甲", BINJIANG, "3911", "2010-01-01", "03", "2023-01-01 00:00:00") for n in (1, 2)])
    drop.taxed("dj_nsrxx", [(3, firm(3)[:-1] + "?", "乙", BINJIANG, "3911", "2010-01-01", "03", "2023-01-01 00:00:00")])
    days = {1: ("01-01", "03-31"), 2: ("04-01", "06-30"), 3: ("07-01", "09-30")}

    def vat(sbxh, djxh, quarter, exempt, filed):
        return (sbxh, djxh, f"2023-{days[quarter][0]}", f"2023-{days[quarter][1]}", 1, 1, exempt, filed)

    drop.taxed("sb_zzs", [vat(1, 1, 1, 100, "2023-04-02 00:00:00"), vat(2, 1, 1, 50, "2023-04-01 00:00:00")])
    drop.taxed(
        "sb_zzs",
        [vat(3, 1, 3, 10, "2023-10-01 09:00:00"), vat(4, 1, 3, 20, "2023-10-01 09:00:00"), vat(5, 3, 3, 999, "2023-10-01 09:00:00")],
    )
    drop.taxed(
        "sb_yfjjkc",
        [
            (1, 1, "2023-01-01", "2023-06-30", "YJ", 1, 300, 300, "2023-07-01 00:00:00"),
            (2, 1, "2023-01-01", "2023-09-30", "YJ", 1, 400, 400, "2023-10-01 00:00:00"),
            (3, 1, "2023-01-01", "2023-06-30", "YJ", 1, 310, 310, "2023-11-01 00:00:00"),
            (4, 2, "2023-01-01", "2023-06-30", "YJ", 1, 0, 0, "2023-07-01 00:00:00"),
            (5, 1, "2023-01-01", "2023-12-31", "YJ", 1, 1, 1, "2024-03-01 00:00:00"),
            (6, 1, "2023-01-01", "2023-12-31", "HS", 1, 500, 500, "2024-02-01 00:00:00"),
            (7, 2, "2023-04-01", "2023-09-30", "YJ", 1, 700, 700, "2023-10-01 00:00:00"),
        ],
    )
    table = drop.oracle(Q)
    assert value(table, BINJIANG, "TAX_RD") == 400 / 1e8
    assert value(table, BINJIANG, "TAX_RD_N") == 1
    assert value(drop.oracle("2023Q2"), BINJIANG, "TAX_RD", "2023Q2") == 310 / 1e8
    assert value(drop.oracle("2023Q4"), BINJIANG, "TAX_RD", "2023Q4") == 500 / 1e8
    assert status(drop.oracle("2023Q1"), BINJIANG, "TAX_RD", "2023Q1") == "not_published"
    assert value(table, BINJIANG, "TAX_TECH") == 120 / 1e8


def test_exempt_sales_are_missing_where_a_quarter_of_the_year_has_no_returns(drop):
    drop.taxed("dj_nsrxx", [(1, firm(1), "甲", BINJIANG, "3911", "2010-01-01", "03", "2023-01-01 00:00:00")])
    drop.taxed("sb_zzs", [(1, 1, "2023-07-01", "2023-09-30", 1, 1, 5, "2023-10-01 00:00:00")])
    assert status(drop.oracle(Q), BINJIANG, "TAX_TECH") == "missing"
    assert value(drop.oracle(Q), BINJIANG, "TAX_RD") == 0


def test_a_tenant_counts_once_in_a_county_and_again_in_another(drop):
    carriers = [
        ["B", "孵化器", "国家级、区级", BINJIANG, 3000],
        ["A", "众创空间", "区级", BINJIANG, 2000],
        ["C", "孵化器", "区级", XIHU, 0],
    ]
    tenants = [
        ["B", firm(1), "在孵", 7],
        ["A", firm(1), "在孵", 5],
        ["A", firm(1), "在孵", 9],
        ["A", firm(2), "毕业", 5],
        ["C", firm(1), "在孵", 1],
    ]
    drop.incubators(Q, carriers, [*tenants, ["X", firm(3), "在孵", 1]])
    table = drop.oracle(Q)
    codes = ("INC_N", "MS_N", "INC_FIRMS", "INC_JOBS", "INC_AREA_NEW", "INC_GRAD")
    assert [value(table, BINJIANG, code) for code in codes] == [1, 0, 1, 5, 0.5, 4]
    assert [value(table, HANGZHOU, code) for code in codes] == [1, 0, 2, 6, 0.5, 6]
    assert [value(table, NINGBO_COUNTY, code) for code in codes] == [0] * 6


def test_ledger_rows_pass_through_and_later_periods_do_not(drop):
    entry = ["GKX", "国科小", BINJIANG, Q, "2023-09-30", 10, None, None, "家", "入库", "科技局"]

    def changed(**cells):
        return [cells.get(f"c{place}", cell) for place, cell in enumerate(entry)]

    drop.ledger(
        Q,
        [
            entry,
            changed(c5=99),
            changed(c2=HANGZHOU, c3="2022", c5="—"),
            changed(c0="RATE", c5="85.85%", c6=528, c7=615),
            changed(c2=XIHU, c3="2023Q4"),
            changed(c2="330099"),
            changed(c2=NINGBO_COUNTY, c3="九月"),
        ],
    )
    table = drop.oracle(Q)
    assert value(table, BINJIANG, "GKX") == 10
    assert status(table, HANGZHOU, "GKX", "2022") == "missing"
    assert tuple(table.loc[(BINJIANG, "RATE", Q), ["value", "numerator", "denominator"]]) == (85.85, 528, 615)
    assert [key for key in table.index if key[1] in ("GKX", "RATE")] == [
        (HANGZHOU, "GKX", "2022"),
        (BINJIANG, "GKX", Q),
        (BINJIANG, "RATE", Q),
    ]
