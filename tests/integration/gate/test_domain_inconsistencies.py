"""The inconsistencies that stood in a published work report (domain.md 8.2), put into ledger and deliveries: the gate names them.

Each test bears the number of its case. A4 and A14 are sound, so nothing is found.
"""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines.gate import adapter, load_suites
from pipelines.gate.adapter import Task
from pipelines.gate.findings import Finding
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import BINJIANG, CELLS, EDI, ENTRIES, FIRMS, GDP, NOW, RESEARCH, TARGETS, duplicate, to

QUARTER = "2023Q3"
SUITES = {suite.table: suite for suite in load_suites()}
PUT, PASS_RATE, PASSED = (f"{NOW} and indicator = '{code}'" for code in ("HNTE_PUT", "HNTE_PASS_RATE", "HNTE_PASSED"))
#: From the annual sheet to published values.
TO_VALUES = ("int_contributions_statistics", "int_cells", "int_measures", "ind_computed", "ind_values")
YI = 100_000_000


def counted(**values: int) -> str:
    """Counts of the year's applications in 滨江区's ledger."""
    return "; ".join(to(ENTRIES, "value", str(value), f"{NOW} and indicator = '{code}'") for code, value in values.items())


REPORT = counted(HNTE_APPLIED=1142, HNTE_PUT=1129, HNTE_PASSED=1037)


def stated_rate(numerator: int, denominator: int, rate: str = "86") -> str:
    """The report's counts, and its pass rate with the parts that it might have."""
    return f"{REPORT}; " + to(ENTRIES, "value", f"{rate}, numerator = {numerator}, denominator = {denominator}", PASS_RATE)


def implied(gdp_yi: float) -> str:
    """R&D of 207.96 亿元, printed as 9.52 % of a GDP of 2 184.5, and so much GDP in the feed of the year's fourth quarter."""
    annual = to(RESEARCH, "rd_expenditure_yuan", f"{207.96 * YI}, gdp_yuan = {2184.5 * YI}")
    return f"{annual}; " + to(GDP, "gdp_ytd_yuan", str(gdp_yi * YI), "quarter = '2022Q4' and region_code = '330108'")


def target(code: str, amount: float, unit: str, actual: float | None) -> str:
    """A target for 2024, and the actual value of 2022, the last whole year known."""
    aim = to(TARGETS, "indicator", f"'{code}', target = {amount}, unit = '{unit}', year = 2024", NOW)
    if actual is None:
        return aim
    then = duplicate(
        EDI, PASSED + " and region_code = '330108'", quarter="'2022Q4'", period="'2022Q4'", indicator=f"'{code}'", value=str(actual)
    )
    return f"{aim}; {then}"


def share_of_another_scope() -> str:
    """88 % after 96.4 % under the catalogue's earlier edition."""
    then = to(EDI, "value", "96.4", "quarter = '2022Q3' and region_code = '330108' and indicator = 'HT_SHARE'")
    now = to(EDI, "value", "88", f"{BINJIANG} and indicator = 'HT_SHARE'")
    return f"{then}; {now}; " + to(FIRMS, "ht_catalogue", "'2023年版'", NOW)


def lead_over_the_city() -> str:
    """滨江区 at 207.96 of 2 184.5 亿元 in a city of 3.86 %, in the annual sheet and the GDP of 2022, all sums kept."""
    steps = []
    for table, rows, columns in (
        (RESEARCH, NOW, {"gdp_yuan": (2184.5, 18753.0), "rd_expenditure_yuan": (207.96, 723.87)}),
        (GDP, "quarter = '2022Q4'", {"gdp_ytd_yuan": (2184.5, 18753.0)}),
    ):
        for column, (own, city) in columns.items():
            others = (
                f"{rows} and region_code in (select code from divisions where city_code = '330100' and level = 'c' and valid_to is null)"
            )
            steps.append(to(table, column, f"round({city - own} * {YI} / 12, -4)", others))
            steps.append(to(table, column, str(own * YI), f"{rows} and region_code = '330108'"))
            for total, parts in (
                ("330100", "region_code in (select code from divisions where city_code = '330100' and level = 'c')"),
                ("330000", "region_code in (select code from divisions where level in ('m', 'r'))"),
            ):
                summed = f"(select sum({column}) from {table} where {rows} and {parts})"
                steps.append(to(table, column, summed, f"{rows} and region_code = '{total}'"))
    return "; ".join(steps)


# Case: statements, models to compute anew, check tables that are judged.
CASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "A1 of all accepted": (stated_rate(1037, 1142), (), ("chk_ledger",)),
    "A1 of all put forward": (stated_rate(1037, 1129), (), ("chk_ledger",)),
    "A1 made sound": (stated_rate(1037, 1142, "90.81"), (), ("chk_ledger",)),
    "A3": (implied(2190), CELLS, ("chk_statistics_bounds",)),
    "A3 made sound": (implied(2185), CELLS, ("chk_statistics_bounds",)),
    "A4": (lead_over_the_city(), (*CELLS, *TO_VALUES), ("chk_statistics_bounds", "chk_statistics_sums", "chk_indicators")),
    "A6": (to(ENTRIES, "as_of", "date '2023-08-31'", PUT), (), ("chk_ledger",)),
    "A7": (to(ENTRIES, "scope", "'登记额'", PUT), (), ("chk_ledger_time",)),
    "A8": (target("TECH_REG", 350, "亿元", 370), (), ("chk_targets",)),
    "A9": (target("TEAM_NEW", 3, "个", 7), (), ("chk_targets",)),
    "A10": (share_of_another_scope(), (), ("chk_indicators_time", "chk_firms")),
    "A14": (REPORT, (), ("chk_ledger",)),
    "A15": (duplicate(ENTRIES, PUT, indicator="'PLATFORM_PROJECTS'", value="16", unit="'家'"), (), ("chk_ledger",)),
    "A16": (target("HNTE_VALID", 2700, "家", None), (), ("chk_targets",)),
}


@pytest.fixture(scope="module")
def found(falsified: Falsified) -> dict[str, list[Finding]]:
    """What fails in each case, by the shipped suites and in one call of Great Expectations."""
    judged = {}
    for case, (statements, rebuilt, tables) in CASES.items():
        with falsified.after(statements, (*rebuilt, *tables)) as connection:
            frames = {table: connection.execute(f"select * from {table} where quarter = ?", [QUARTER]).df() for table in tables}
        data = JudgedData("", "", frames, ())
        judged[case] = data, tasks_of(QUARTER, [SUITES[table] for table in tables], data)
    outcomes = adapter.evaluate(
        Task(f"{case} {task.name}", task.frame, task.expectations) for case, (_, tasks) in judged.items() for task in tasks
    )
    findings = {}
    for case, (data, tasks) in judged.items():
        results = {task.name: outcomes[f"{case} {task.name}"] for task in tasks}
        every = judge_data(QUARTER, [SUITES[table] for table in data.frames], data, results, [], dt.date(2023, 11, 20))
        findings[case] = [finding for finding in every if not finding.passed]
    return findings


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Rule, region and indicator of each finding."""
    return [(finding.rule, finding.region, finding.indicator) for finding in findings]


def test_a1_a_pass_rate_that_fits_no_stated_denominator_is_found_and_the_nearest_pair_named(found: dict[str, list[Finding]]):
    (misfit,) = found["A1 of all accepted"]
    assert (misfit.rule, misfit.severity, misfit.region, misfit.indicator) == ("LED-001", "error", "330108", "HNTE_PASS_RATE")
    assert float(misfit.observed) == pytest.approx(86 - 100 * 1037 / 1142)
    assert misfit.expected == "-0.500000001 至 0.500000001"
    misfit, nearest = found["A1 of all put forward"]
    assert misfit.rule == "LED-001"
    assert (nearest.rule, nearest.indicator) == ("LED-009", "HNTE_PASS_RATE ≈ HNTE_PASSED / HNTE_APPLIED")
    assert float(nearest.observed) == pytest.approx(90.81, abs=0.005)
    assert found["A1 made sound"] == []


def test_a3_a_gdp_outside_what_r_and_d_and_the_printed_share_imply_is_found(found: dict[str, list[Finding]]):
    implied_of = [finding for finding in found["A3"] if finding.rule == "STA-036"]
    assert told(implied_of) == [("STA-036", "330108", "gdp_ytd_yuan")]
    low, high = (float(bound) / YI for bound in implied_of[0].expected.split(" 至 "))
    assert (round(low, 1), round(high, 1)) == (2183.3, 2185.6)
    assert "STA-036" not in {finding.rule for finding in found["A3 made sound"]}


def test_a4_the_lead_over_the_city_agrees_with_both_shares_and_nothing_is_found(falsified: Falsified, found: dict[str, list[Finding]]):
    assert told(found["A4"]) == []
    statements, rebuilt, _ = CASES["A4"]
    with falsified.after(statements, rebuilt) as connection:
        shares = dict(
            connection.execute(
                f"select region_code, round(value, 2) from {EDI} where {NOW} and indicator = 'RD_GDP' and period = '2022' "
                "and region_code in ('330100', '330108')"
            ).fetchall()
        )
    assert shares == {"330108": 9.52, "330100": 3.86}
    assert round(shares["330108"] - shares["330100"], 2) == 5.66


def test_a6_a_value_up_to_a_day_before_the_periods_end_is_partial(found: dict[str, list[Finding]]):
    assert told(found["A6"]) == [("LED-010", "330108", "HNTE_PUT")]


def test_a7_another_scope_under_the_same_code_is_found(found: dict[str, list[Finding]]):
    assert told(found["A7"]) == [("LED-012", "330108", "HNTE_PUT")]


def test_a8_and_a9_targets_below_the_last_actual_value_of_a_whole_year_are_found(found: dict[str, list[Finding]]):
    (finding,) = [finding for finding in found["A8"] if finding.rule == "LED-007"]
    assert (finding.region, finding.indicator, finding.observed, finding.expected) == ("330108", "TECH_REG", "350", "≥ 370")
    assert ("LED-007", "330108", "TEAM_NEW") in told(found["A9"])


def test_a10_a_break_of_the_high_tech_share_is_found_with_the_catalogue_edition(found: dict[str, list[Finding]]):
    assert told(found["A10"]) == [("FIR-008", "", "HT_SHARE"), ("IND-014", "330108", "HT_SHARE")]
    assert float(found["A10"][1].observed) == pytest.approx(-8.4)


def test_a14_a_funnel_that_narrows_passes(found: dict[str, list[Finding]]):
    assert found["A14"] == []


def test_a15_projects_counted_in_firms_are_found(found: dict[str, list[Finding]]):
    assert told(found["A15"]) == [("LED-003", "330108", "PLATFORM_PROJECTS")]


def test_a16_a_target_without_any_actual_value_is_found(found: dict[str, list[Finding]]):
    assert ("LED-008", "330108", "HNTE_VALID") in told(found["A16"])
