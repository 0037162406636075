"""A statement that nobody collects a figure ends the finding on its absence, and a value that contradicts it is one."""

from __future__ import annotations

import duckdb
import pytest

from tests.integration.gate.conftest import Falsified

CELL = "quarter = '2023Q3' and region_code = '330108' and indicator = 'GDP'"
ABSENT = f"update ind_computed set status = 'missing', value = null where {CELL}"
SCORED = "period = '2023Q3' and indicator = 'GDP'"
REBUILT = ("int_not_collected", "ind_values")


def stated(region: str = "330108", valid_from: str = "2023Q1", valid_to: str = "null", **changes: str) -> str:
    """A statement on GDP in the place's data."""
    fields = {"indicator": "'GDP'", "reason": "'不统计'", "stated_by": "'王'", "stated_on": "date '2023-04-01'"} | changes
    values = (
        f"{fields['indicator']}, '{region}', '{valid_from}', {valid_to}, {fields['reason']}, {fields['stated_by']}, {fields['stated_on']}"
    )
    return f"insert into not_collected values ({values})"


def cell(connection: duckdb.DuckDBPyConnection, quarter: str = "2023Q3", region: str = "330108") -> tuple[str, str | None, bool]:
    """Status and flags of GDP, and whether it has a value."""
    query = "select status, flags, value is not null from ind_values where quarter = ? and region_code = ? and indicator = 'GDP'"
    (found,) = connection.execute(query, [quarter, region]).fetchall()
    return found


def test_an_absent_value_without_a_statement_is_missing_and_holds(falsified: Falsified):
    with falsified.after(ABSENT, REBUILT) as connection:
        assert cell(connection) == ("missing", None, False)
    assert falsified.excesses("chk_indicators", "missing", ABSENT, REBUILT) == {"330108/GDP": 1}


def test_an_absent_value_that_nobody_collects_is_not_applicable_with_a_flag_and_holds_nothing(falsified: Falsified):
    statements = f"{ABSENT}; {stated()}"
    with falsified.after(statements, (*REBUILT, "ed_indicators")) as connection:
        assert cell(connection) == ("not_applicable", "not_collected", False)
        assert cell(connection, region="330109") == ("value", None, True)
        query = f"select state from ({falsified.compiled['int_scoring_values']}) where unit = '330108' and {SCORED}"
        assert connection.execute(query).fetchall() == [("not_applicable",)], "the rules say what becomes of its points"
    for check in ("missing", "not_collected", "covered"):
        assert falsified.excesses("chk_indicators", check, statements, REBUILT) == {}


def test_a_value_that_contradicts_the_statement_counts_and_is_found(falsified: Falsified):
    with falsified.after(stated(), REBUILT) as connection:
        assert cell(connection) == ("value", None, True)
    assert falsified.excesses("chk_indicators", "not_collected", stated(), REBUILT) == {"330108/GDP": 1}


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_in_force"),
    [("2023Q3", "'2023Q3'", True), ("2019Q1", "null", True), ("2023Q4", "null", False), ("2022Q1", "'2023Q2'", False)],
)
def test_a_statement_holds_from_its_first_to_its_last_quarter(falsified: Falsified, valid_from: str, valid_to: str, is_in_force: bool):
    with falsified.after(f"{ABSENT}; {stated(valid_from=valid_from, valid_to=valid_to)}", REBUILT) as connection:
        assert cell(connection)[0] == ("not_applicable" if is_in_force else "missing")


@pytest.mark.parametrize(("region", "regions"), [("330108", 1), ("330100", 14), ("330000", 102)])
def test_a_city_stands_for_its_counties_and_the_province_for_all(falsified: Falsified, region: str, regions: int):
    with falsified.after(f"{stated(region)}; {stated('330108', '2023Q4')}", REBUILT) as connection:
        (found,) = connection.execute("select count(*) from int_not_collected where quarter = '2023Q3'").fetchone() or (0,)
        in_force = "select count(*) from divisions where valid_to is null and level in ('c', 'm', 'p') and "
        group = {"330108": "code = '330108'", "330100": "city_code = '330100'", "330000": "true"}[region]
        (expected,) = connection.execute(in_force + group).fetchone() or (0,)
        named = "select count(*) from int_not_collected as stated join divisions as region on region.code = stated.region_code where "
        (current,) = connection.execute(f"{named} quarter = '2023Q3' and region.valid_to is null and level <> 'r'").fetchone() or (0,)
    assert (current, found >= expected, expected) == (expected, True, regions)


FAULTS = {
    "an indicator that the catalogue does not know": stated(indicator="'GPD'"),
    "a region that is none": stated("330198"),
    "no quarter": stated(valid_from="2023"),
    "quarters in the wrong order": stated(valid_from="2023Q3", valid_to="'2023Q1'"),
    "no reason": stated(reason="null"),
    "nobody": stated(stated_by="null"),
    "no day": stated(stated_on="null"),
    "said twice": f"{stated()}; {stated(valid_from='2023Q3')}",
}


@pytest.mark.parametrize("statement", FAULTS.values(), ids=FAULTS)
def test_a_statement_that_is_not_whole_fails_the_build(falsified: Falsified, statement: str):
    check = falsified.compiled["statements_of_what_is_not_collected_are_whole"]
    with falsified.after(statement) as connection:
        assert connection.execute(check).fetchall() != []
    with falsified.after(f"{stated()}; {stated('330109', '2023Q1', repr('2023Q2'))}; {stated('330109', '2023Q3')}") as connection:
        assert connection.execute(check).fetchall() == []
