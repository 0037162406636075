"""Findings about withheld values: whole for those who work on them, without figures wherever they leave the warehouse."""

from __future__ import annotations

import pytest

from pipelines.gate.findings import NOT_SHOWN, Finding
from pipelines.gate.judging import marked

WITHHELD = frozenset({("330108", "TECH_TX")})


def finding(table: str, region: str, indicator: str) -> Finding:
    return Finding(
        "IND-007", "warning", f"{region}/{indicator}", False, "12.5", "≤ 10", 1, "说明", table=table, region=region, indicator=indicator
    )


@pytest.mark.parametrize(
    ("table", "region", "indicator", "is_confidential"),
    [
        ("ind_values", "330108", "TECH_TX", True),
        ("ind_values", "330108", "GDP", False),
        ("ind_values", "330110", "TECH_TX", False),
        ("chk_contracts", "330108", "", True),
        ("chk_statistics_sums", "330108", "rd_expense_ytd_yuan", True),
        ("chk_contracts", "330110", "", False),
        ("chk_contracts", "", "", False),
        ("chk_scores", "330108", "zj315-county/2023.1", False),
    ],
)
def test_a_finding_is_confidential_where_its_figures_are_those_of_a_withheld_value_or_of_its_firms(
    table: str, region: str, indicator: str, is_confidential: bool
):
    found = marked(finding(table, region, indicator), WITHHELD)
    assert found.is_confidential is is_confidential
    assert (found.public.observed, found.public.expected) == ((NOT_SHOWN, NOT_SHOWN) if is_confidential else ("12.5", "≤ 10"))
    assert (found.observed, found.public.reason) == ("12.5", "说明")
