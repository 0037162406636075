"""滨江区's figures of the work report come out of the delivered rows, whatever the seed and scale."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from pipelines.sample.firms import HT_CLASSES

ANCHOR = "330108"


@pytest.fixture(params=["sample", "other_seed"])
def drop(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def number(text: object) -> float:
    return float(unicodedata.normalize("NFKC", str(text)).replace(",", "").replace(" ", "").replace("¥", ""))


def tech_by_seller(rows: list[dict[str, str]], last_day: str) -> dict[str, float]:
    seen: set[str] = set()
    totals: dict[str, float] = {}
    for row in rows:
        day = unicodedata.normalize("NFKC", row["登记日期"])
        for mark in "年月/.":
            day = day.replace(mark, "-")
        parts = day.rstrip("日").split("-")
        iso = "-".join(f"{int(part):02d}" for part in parts) if len(parts) == 3 else f"{day[:4]}-{day[4:6]}-{day[6:]}"
        counts = row["合同状态"] in ("已登记", "变更") and iso <= last_day and row["合同登记编号"] not in seen
        is_sound = number(row["技术交易额(万元)"]) <= number(row["合同成交总额(万元)"]) and row["合同登记编号"][4:10] != "330199"
        seen.add(row["合同登记编号"])
        if counts and is_sound:
            seller = unicodedata.normalize("NFKC", row["卖方行政区划代码"])
            totals[seller] = totals.get(seller, 0.0) + number(row["技术交易额(万元)"])
    return totals


def test_technology_trade_to_the_third_quarter_is_235_98_and_second_among_the_counties(drop, read):
    totals = tech_by_seller(read.contracts(drop, "2023Q3"), "2023-09-30")
    ranking = sorted(totals, key=totals.__getitem__, reverse=True)
    assert totals[ANCHOR] == pytest.approx(2_359_800.00, abs=1e-6)
    assert ranking.index(ANCHOR) == 1


def test_the_registration_point_has_887_contracts_of_7_21_and_6_45(drop, read):
    point = [row for row in read.contracts(drop, "2023Q3") if row["合同登记编号"].startswith("2023330108")]
    assert len(point) == 887
    assert sum(number(row["合同成交总额(万元)"]) for row in point) == pytest.approx(72_100, abs=1e-6)
    assert sum(number(row["技术交易额(万元)"]) for row in point) == pytest.approx(64_500, abs=1e-6)


def test_research_of_2022_is_207_96_and_9_52_percent_and_5_66_points_above_the_city(drop, read):
    rows = {str(row[0]): row for row in read.sheet(drop, "2023Q3", "statistics", "全社会研发")}
    spent, gdp = rows[ANCHOR][2], rows[ANCHOR][3]
    share, city = 100 * spent / gdp, 100 * rows["330100"][2] / rows["330100"][3]
    assert spent == 2_079_600
    assert (round(share, 2), round(city, 2), round(share - city, 2)) == (9.52, 3.86, 5.66)


def test_the_district_has_85_incubators_45_makerspaces_3988_firms_and_7_79_new(drop, read):
    carriers = [row for row in read.records(drop, "2023Q3", "incubators", "孵化载体") if row["行政区划代码"] == ANCHOR]
    city_level = [row for row in carriers if any(level in row["级别"] for level in ("国家级", "省级", "市级"))]
    assert sum(row["类型"] == "孵化器" for row in city_level) == 85
    assert sum(row["类型"] == "众创空间" for row in city_level) == 45
    assert sum(row["当年新增孵化面积(平方米)"] for row in carriers) == 77_900
    codes = {row["载体编码"] for row in carriers}
    tenants = read.records(drop, "2023Q3", "incubators", "在孵企业")
    jobs = {row["统一社会信用代码"]: row["从业人员数"] for row in tenants if row["载体编码"] in codes and row["状态"] == "在孵"}
    assert len(jobs) == 3988
    assert sum(jobs.values()) == 20_346


def test_the_ledger_holds_the_funnel_the_small_firms_and_the_2024_targets(drop, read):
    entries = {row["指标编码"]: row for row in read.records(drop, "2023Q3", "ledger", "台账") if row["行政区划代码"] == ANCHOR}
    reported = {
        "HNTE_APPLIED": 1142,
        "HNTE_PUT": 1129,
        "HNTE_PASSED": 1037,
        "GKX": 2244,
        "SKX": 949,
        "POINT_CONTRACTS": 887,
        "POINT_TECH": 6.45,
    }
    assert {code: entries[code]["数值"] for code in reported} == reported
    rate = entries["HNTE_PASS_RATE"]
    assert (rate["数值"], rate["分子"], rate["分母"]) == (85.85, 528, 615)
    targets = {row["指标编码"]: row["目标值"] for row in read.records(drop, "2023Q3", "ledger", "目标") if row["年度"] == 2024}
    assert (targets["TECH_REG"], targets["INC_FIRMS"], targets["HNTE_VALID"]) == (350, 4200, 2700)
    assert len(targets) == 15


def test_firms_that_nobody_has_flagged_yet_take_the_district_beyond_88_percent_only_where_they_stand(drop, read):
    firms = [row for row in read.sheet(drop, "2023Q3", "statistics", "规上企业") if str(row[2]) == ANCHOR]
    industry = next(row for row in read.sheet(drop, "2023Q3", "statistics", "规上工业") if str(row[0]) == ANCHOR)
    in_qian = {"单位:千元": 1, "单位:万元": 10, "单位:亿元": 100_000}
    (factor,) = (in_qian[str(cell)] for row in read.sheet(drop, "2023Q3", "statistics", "规上工业") for cell in row if str(cell) in in_qian)
    whole, high_tech = number(industry[2]) * factor, number(industry[4]) * factor
    waiting = sum(number(row[6]) for row in firms if row[4] == "否" and str(row[3]) in HT_CLASSES)
    assert high_tech / whole < (high_tech + waiting) / (whole + waiting) < 0.88 < (high_tech + waiting) / whole
