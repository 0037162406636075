"""Primary rules in SQL: each edge by itself, and generated cells against the rules by their letter in fractions."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal

import pytest

from tests.reference.primaries import generated_cells
from tests.reference.primaries import judged as by_letter
from tests.unit.disclosure.primary_sql import DBT, cell, judged


@pytest.mark.parametrize(
    ("amounts", "unsafe_by", "protection"),
    [
        pytest.param(("10", "10", "10"), None, 0, id="as many contributors as the minimum pass"),
        pytest.param(("10", "10"), "frequency;dominance_2;p_percent", 6, id="one fewer fails, protected by 30 % of the total"),
        pytest.param(("75", "9", "8", "8"), None, 0, id="exactly k percent pass"),
        pytest.param(("75.01", "9", "8", "7.99"), "dominance_1", 1 / 75, id="a cent more fails"),
        pytest.param(("50", "40", "5", "5"), None, 0, id="two of exactly k percent pass"),
        pytest.param(("50", "40.01", "5", "4.99"), "dominance_2", 1 / 90, id="a cent more of two fails"),
        pytest.param(("100", "60", "6", "4"), "dominance_2", 100 / 90 * 160 - 170, id="exactly p percent pass"),
        pytest.param(("100", "60", "5.99", "4"), "dominance_2;p_percent", 100 / 90 * 160 - 169.99, id="a cent less fails"),
        pytest.param(("0", "0"), None, 0, id="nobody contributes, nobody is exposed"),
        pytest.param(("-10", "-10"), "frequency;dominance_2;p_percent", 6, id="refunds count by their size"),
        pytest.param(
            ("7",), "frequency;dominance_1;dominance_2;p_percent", 7 / 3, id="one firm fails all, most of all the dominance of one"
        ),
    ],
)
def test_a_cell_fails_exactly_the_rules_it_breaks(amounts: tuple[str, ...], unsafe_by: str | None, protection: float) -> None:
    found = judged(cell(*amounts))["x"]
    assert found["unsafe_by"] == unsafe_by
    assert found["protection"] == pytest.approx(protection, rel=1e-12)


def test_rows_of_one_group_are_one_contributor_and_its_refunds_come_off_first() -> None:
    rows = [
        ("x", "2023Q1", group, Decimal(amount)) for group, amount in (("a", 100), ("a", -60), ("b", 30), ("c", 30), ("d", 5), ("d", -5))
    ]
    found = judged(rows)["x"]
    assert (found["contributors"], found["total_absolute"], found["largest"], found["second"]) == (3, 100, 40, 30)
    assert found["unsafe_by"] is None


def test_contributors_without_a_name_are_one_and_not_none() -> None:
    found = judged([("x", "2023Q1", None, Decimal(5)), ("x", "2023Q1", None, Decimal(5)), ("x", "2023Q1", "a", Decimal(5))])["x"]
    assert found["contributors"] == 2
    assert found["unsafe_by"].startswith("frequency")


def test_in_a_count_those_with_nothing_are_contributors_too() -> None:
    rows = cell("4", "3", "3", "0")
    assert [judged(rows, is_count=is_count)["x"]["contributors"] for is_count in (False, True)] == [3, 4]


def test_what_those_who_are_not_named_add_counts_for_the_total_and_they_are_not_few() -> None:
    rows = [*cell("60", "20", name="with"), *cell("60", "20", name="without"), *cell("60", "20", name="little")]
    found = judged(rows, others={"with": 20, "little": 1})
    assert {name: row["unsafe_by"] for name, row in found.items()} == {
        "with": None,
        "without": "frequency;dominance_2;p_percent",
        "little": "dominance_2;p_percent",
    }
    assert (found["with"]["contributors"], found["with"]["total_absolute"], found["with"]["largest"]) == (2, 100, 60)
    assert found["little"]["protection"] == pytest.approx(100 / 90 * 80 - 81)


def test_a_threshold_holds_from_its_quarter_on() -> None:
    later = [
        "update disclosure_rules set valid_to = '2023Q1' where parameter = 'n_min'",
        "insert into disclosure_rules values ('frequency', 'n_min', '4', '', '2023Q2', null, '')",
    ]
    found = judged([*cell(1, 1, 1, name="now"), *cell(1, 1, 1, name="then", quarter="2023Q2")], *later)
    assert (found["now"]["unsafe_by"], found["then"]["unsafe_by"]) == (None, "frequency")


@pytest.mark.parametrize("rule", ["frequency", "dominance_1", "dominance_2", "p_percent"])
def test_a_rule_that_is_not_in_force_lets_nothing_pass(rule: str) -> None:
    found = judged(cell(*["10"] * 20), f"delete from disclosure_rules where rule = '{rule}'")["x"]
    assert (found["unsafe_by"], found["protection"]) == (rule, 200)


def test_the_seed_has_each_threshold_once_in_every_quarter_and_a_reason() -> None:
    with (DBT / "seeds" / "disclosure_rules.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    quarters = sorted({row["valid_from"] for row in rows} | {"2019Q1", "2099Q4"})
    for quarter in quarters:
        valid = Counter((row["rule"], row["parameter"]) for row in rows if row["valid_from"] <= quarter <= (row["valid_to"] or "9999"))
        assert set(valid.values()) == {1}, quarter
        assert len(valid) == 8, quarter
    assert all(row["reason"] for row in rows)


def test_generated_cells_fail_the_rules_that_fractions_say() -> None:
    cells = {f"{seed} {name}": amounts for seed in range(3) for name, amounts in generated_cells(seed, 300).items() if amounts}
    found = judged((name, "2023Q1", firm, amount) for name, amounts in cells.items() for firm, amount in amounts)
    verdicts = Counter[str | None]()
    for name, amounts in cells.items():
        sums: dict[str, Decimal] = {}
        for firm, amount in amounts:
            sums[firm] = sums.get(firm, Decimal(0)) + amount
        unsafe_by, protection = by_letter(list(sums.values()))
        assert found[name]["unsafe_by"] == unsafe_by, (name, amounts)
        assert found[name]["protection"] == pytest.approx(float(protection), rel=1e-12), (name, amounts)
        verdicts[unsafe_by] += 1
    assert len(verdicts) >= 6, verdicts
