"""Incubator and ledger workbooks: header in row 1, and the ledger's own rule for its period."""

from __future__ import annotations

import pytest
from landing_deliveries import Place, incubators_book, ledger_book


def test_dates_in_date_cells_land_as_iso_and_text_dates_as_delivered(place: Place) -> None:
    incubators_book().save(place.drop("incubators", "20231020_孵化.xlsx"))
    (landed,) = place.land("incubators")
    assert landed.rows == {"carriers": 1, "tenants": 2}
    assert place.rows("incubators", "carriers")[0]["recognised_on"] == "2015-06-01"
    assert [row["entered_on"] for row in place.rows("incubators", "tenants")] == ["2022-01-05", "2022.1.6"]
    assert [row["source_row"] for row in place.rows("incubators", "tenants")] == [2, 3]


def test_a_header_that_is_not_in_row_1_is_rejected(place: Place) -> None:
    book = incubators_book()
    book["孵化载体"].insert_rows(1)
    book.save(place.drop("incubators", "20231020_孵化.xlsx"))
    problem = place.reject("incubators")
    assert (problem.code, problem.sheet, problem.place) == ("column_missing", "孵化载体", "row 1")


@pytest.mark.parametrize("periods", [["2023Q3"], ["2022Q4", "2023Q3", 2023], [2023], ["２０２３", "年底"]])
def test_a_ledger_that_names_the_quarter_or_only_its_year_is_accepted(periods: list[object], place: Place) -> None:
    ledger_book(periods).save(place.drop("ledger", "20231020_台账.xlsx"))
    (landed,) = place.land("ledger")
    assert landed.rows == {"entries": len(periods), "targets": 1}


@pytest.mark.parametrize("periods", [["2023Q2"], ["2023Q2", 2023], [2022], [None], ["三季度"]])
def test_a_ledger_of_another_period_is_rejected(periods: list[object], place: Place) -> None:
    ledger_book(periods).save(place.drop("ledger", "20231020_台账.xlsx"))
    problem = place.reject("ledger")
    assert (problem.code, problem.sheet, problem.place) == ("period_mismatch", "台账", "column 期间")
