"""The comparison says nothing where both agree, and one sentence for each difference."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.oracle import compare, compare_edition, oracle_indicators


@pytest.fixture
def oracle(drop) -> pd.DataFrame:
    drop.contracts("2022Q3", [{}])
    drop.contracts("2023Q3", [{}, {}])
    return oracle_indicators(drop.data_raw, str(drop.tax), "2023Q3")


def changed(oracle: pd.DataFrame, indicator: str, **cells) -> pd.DataFrame:
    edition = oracle.copy()
    row = (edition["indicator"] == indicator) & (edition["region_code"] == "330108")
    for column, cell in cells.items():
        edition.loc[row, column] = cell
    return edition


def test_the_same_table_has_no_differences_after_a_trip_through_an_edition_folder(drop, oracle, tmp_path):
    oracle.to_csv(tmp_path / "indicators.csv", index=False, encoding="utf-8-sig")
    assert compare_edition(tmp_path, drop.data_raw, str(drop.tax), "2023Q3") == []


@pytest.mark.parametrize(
    ("indicator", "cells", "words"),
    [
        ("TECH_N", {"value": 3.0}, "330108 TECH_N 2023Q3: value is 3.0, the oracle says 2.0"),
        ("TECH_TX", {"value": 0.02000001}, "value is 0.02000001"),
        ("TECH_TX_GROWTH", {"value": 100.000001}, "value is 100.000001"),
        ("TECH_TX_GROWTH", {"denominator": 2e6}, "denominator is 2000000.0, the oracle says 1000000.0"),
        ("GDP", {"status": "value"}, "status is value, the oracle says missing"),
        ("TECH_IN", {"status": "withheld"}, "withheld, but value is shown"),
        ("GDP", {"status": "withheld"}, "withheld, the oracle says missing"),
    ],
)
def test_a_difference_is_named(oracle, indicator, cells, words):
    messages = compare(changed(oracle, indicator, **cells), oracle)
    assert len(messages) == 1
    assert words in messages[0]


def test_noise_of_a_double_is_no_difference_and_a_withheld_value_is_none(oracle):
    assert compare(changed(oracle, "TECH_TX", value=0.02 * (1 + 1e-15)), oracle) == []
    assert compare(changed(oracle, "TECH_TX", value=None, status="withheld"), oracle) == []


def test_rows_of_one_side_and_rows_twice_are_named(oracle):
    less = oracle[oracle["indicator"] != "GDP"]
    assert len(compare(less, oracle)) == 102
    assert "only in the oracle (missing)" in compare(less, oracle)[0]
    assert "only in the edition" in compare(oracle, less)[0]
    assert "has 2 rows" in compare(pd.concat([oracle, oracle.head(1)]), oracle)[0]
