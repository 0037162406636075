"""Formulas of every rule: what they give, what they say with the numbers in them, and when a cell has no value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.tracing.documents import amount_text
from pipelines.tracing.formulas import Outcome, formula, formula_with_numbers, outcome, plain
from pipelines.tracing.recipes import Definitions

NEVER = {"accumulates": False, "regions": "delivered", "multiplier": 1, "divisor": 1, "published_in": "1234", "denominator": None}
INDICATORS = [
    NEVER
    | {"code": "TX", "kind": "flow_ytd", "feed": "contracts", "rule": "sum", "numerator": "TX.amount", "regions": "added_up"}
    | {"divisor": 100_000_000},
    NEVER | {"code": "TX_G", "kind": "growth", "feed": "contracts", "rule": "growth_pct", "numerator": "TX.amount", "multiplier": 100},
    NEVER | {"code": "GDP", "kind": "flow_ytd", "feed": "statistics", "rule": "sum", "numerator": "GDP.amount"},
    NEVER
    | {"code": "TX_GDP", "kind": "ratio", "feed": "contracts", "rule": "ratio", "numerator": "TX.amount", "multiplier": 100}
    | {"denominator": "GDP.amount"},
    NEVER
    | {"code": "RD", "kind": "annual", "feed": "statistics", "rule": "ratio", "numerator": "RD.numerator", "published_in": "4"}
    | {"denominator": "RD.denominator", "multiplier": 100},
    NEVER
    | {"code": "RD_INC", "kind": "annual", "feed": "statistics", "rule": "difference", "numerator": "RD.numerator", "multiplier": 100}
    | {"denominator": "RD.denominator", "published_in": "4"},
    NEVER | {"code": "GIVEN", "kind": "growth", "feed": "statistics", "rule": "delivered", "numerator": "GIVEN.delivered"},
    NEVER
    | {"code": "VAT", "kind": "flow_ytd", "feed": "tax", "rule": "sum", "numerator": "VAT.amount", "regions": "added_up"}
    | {"accumulates": True},
    NEVER | {"code": "HNTE", "kind": "stock", "feed": "ledger", "rule": "ledger", "numerator": None},
]
DIVISIONS = [
    {"code": "330000", "level": "p", "city_code": None, "valid_from": "1949-10-01", "valid_to": None},
    {"code": "330099", "level": "r", "city_code": None, "valid_from": "1949-10-01", "valid_to": None},
    {"code": "330100", "level": "m", "city_code": "330100", "valid_from": "1949-10-01", "valid_to": None},
    {"code": "330104", "level": "c", "city_code": "330100", "valid_from": "1949-10-01", "valid_to": "2021-04-08"},
    {"code": "330114", "level": "c", "city_code": "330100", "valid_from": "2021-04-09", "valid_to": None},
]
KNOWN = Definitions(INDICATORS, DIVISIONS)


def amounts(**named: Any) -> dict[str, Decimal | None]:
    return {name: None if value is None else Decimal(value) for name, value in named.items()}


@pytest.mark.parametrize(
    ("indicator", "sums", "said", "value"),
    [
        ("TX", {"numerator": "23598000000"}, "23598000000 / 100000000", 235.98),
        ("TX_G", {"numerator": "5.5", "base_numerator": "5"}, "100 × (5.5 - 5) / 5", 10.0),
        ("TX_GDP", {"numerator": "1", "denominator": "3"}, "100 × 1 / 3", 100 / 3),
        ("GIVEN", {"numerator": "-12.500000"}, "-12.5", -12.5),
        ("HNTE", {"delivered": "884", "numerator": None, "denominator": None}, "884", 884.0),
    ],
)
def test_a_formula_says_its_numbers_and_gives_the_value_in_the_models_arithmetic(
    indicator: str, sums: dict[str, Any], said: str, value: float
) -> None:
    recipe = KNOWN.recipe("330114", indicator, "2023Q3", "2023Q3")
    assert formula_with_numbers(recipe, amounts(**sums)) == said
    assert outcome(recipe, amounts(**sums)).value == value


def test_a_difference_shows_both_years_and_neither_part_as_numerator() -> None:
    recipe = KNOWN.recipe("330114", "RD_INC", "2023Q4", "2023Q4")
    sums = amounts(numerator="12", denominator="200", base_numerator="4", base_denominator="100")
    assert formula(recipe) == "100 × RD.numerator / RD.denominator - 100 × RD.numerator a year before / RD.denominator a year before"
    assert formula_with_numbers(recipe, sums) == "100 × 12 / 200 - 100 × 4 / 100"
    assert outcome(recipe, sums) == Outcome(2.0, None, None, "value")


@pytest.mark.parametrize(
    ("indicator", "sums", "expected"),
    [
        ("TX_GDP", {"numerator": "1", "denominator": "0"}, Outcome(None, 1.0, 0.0, "not_applicable")),
        ("TX_GDP", {"numerator": "1", "denominator": None}, Outcome(None, 1.0, None, "missing")),
        ("TX_G", {"numerator": "1", "base_numerator": "0"}, Outcome(None, 1.0, 0.0, "not_applicable")),
        ("RD", {"numerator": "1", "denominator": "2"}, Outcome(None, None, None, "not_published")),
        ("HNTE", {"delivered": None, "numerator": None, "denominator": None}, Outcome(None, None, None, "missing")),
    ],
)
def test_a_cell_without_a_value_has_the_status_that_the_models_give_it(indicator: str, sums: dict[str, Any], expected: Outcome) -> None:
    assert outcome(KNOWN.recipe("330114", indicator, "2023Q3", "2023Q3"), amounts(**sums)) == expected


def test_an_annual_indicator_reads_the_quarter_that_brought_it_and_its_base_a_year_before_that() -> None:
    in_q4 = KNOWN.recipe("330114", "RD_INC", "2023Q4", "2023Q4").terms
    as_year = KNOWN.recipe("330114", "RD_INC", "2022", "2023Q3").terms
    for terms in (in_q4, as_year):
        assert [share.quarter for share in terms["numerator"].shares] == ["2023Q3"]
        assert [share.quarter for share in terms["base_denominator"].shares] == ["2022Q3"]


def test_what_accumulates_adds_up_the_years_quarters_and_counted_cells_add_up_the_regions_below() -> None:
    (term,) = KNOWN.recipe("330000", "VAT", "2021Q2", "2021Q2").terms.values()
    assert [(share.quarter, share.regions) for share in term.shares] == [
        ("2021Q1", frozenset({"330000", "330099", "330104"})),
        ("2021Q2", frozenset({"330000", "330099", "330114"})),
    ]
    assert KNOWN.members("330100", "2023Q3") == {"330100", "330114"}


def test_a_region_that_did_not_exist_in_the_base_quarter_has_no_base() -> None:
    base = KNOWN.recipe("330114", "TX_G", "2022Q1", "2022Q1").terms["base_numerator"]
    assert [(share.quarter, share.regions) for share in base.shares] == [("2021Q1", frozenset())]


def test_amounts_are_written_without_exponents_closing_zeros_or_rounding() -> None:
    assert [plain(Decimal(text)) for text in ("1E+3", "0.100000", "-5.000000", "0.000000")] == ["1000", "0.1", "-5", "0"]
    assert [amount_text(Decimal(text)) for text in ("1234567.5", "-1234.25", "-0.5", "0")] == ["1,234,567.5", "-1,234.25", "-0.5", "0"]
    assert amount_text(None) == ""
