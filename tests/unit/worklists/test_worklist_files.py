"""Files of a work list made by hand: text stays text, absent figures stay empty, the same list gives the same bytes."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import openpyxl

from pipelines.worklists.effects import Effect
from pipelines.worklists.files import list_csv, list_xlsx
from pipelines.worklists.kinds import KINDS
from pipelines.worklists.listing import Listed, WorkList

NAME = "=HYPERLINK(1)"


def made() -> WorkList:
    firm = Listed(
        "91330108MA0000000", NAME, "杭州市", "330108", "滨江区", "@原因", Decimal("12345.675"), Effect(0.05, 0.1, float("nan")), "t:1"
    )
    unknown = Listed("91330108MA0000001", "乙", "", "330099", "省本级", "原因", None, Effect(), "t:2")
    return WorkList(KINDS[0], "2023Q3", "001", "made-up/1", "指标", "百分点", 2, None, [firm, unknown], ["说明"])


def test_text_that_a_spreadsheet_would_run_is_neutralised_and_figures_are_rounded_half_up() -> None:
    rows = list(csv.reader(io.StringIO(list_csv(made()).decode("utf-8-sig"))))
    assert rows[1][1] == f"'{NAME}"
    assert rows[1][5] == "'@原因"
    assert rows[1][6:12] == ["1.23", "指标", "0.0500", "0.1000", "", ""]
    assert rows[2][6:12] == ["", "指标", "", "", "", ""]


def test_the_workbook_holds_no_formula_and_the_same_bytes_twice() -> None:
    assert list_xlsx(made()) == list_xlsx(made())
    page, notes = openpyxl.load_workbook(io.BytesIO(list_xlsx(made()))).worksheets
    assert page["B4"].value == NAME
    assert page["B4"].data_type == "s"
    assert "说明" in notes["A2"].value
