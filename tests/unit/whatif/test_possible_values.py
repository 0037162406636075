"""Values that an indicator can have: what is set must be possible, and no margin leads to a value that is not."""

from __future__ import annotations

import csv
import math

import pytest

from pipelines.settings import PROJECT
from pipelines.whatif.possible import possible

with (PROJECT / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8") as lines:
    CATALOGUE = {row["code"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize(
    ("code", "value", "fault"),
    [
        ("HT_SHARE", 800, "found 800; expected 0 to 100 %"),
        ("HT_SHARE", -1, "found -1; expected 0 to 100 %"),
        ("INC_FIRMS", 12.5, "found 12.5, a part of one; expected a whole number of 家"),
        ("HNTE_VALID", -3, "found -3; expected 0 or more 家"),
        ("TECH_TX", -0.5, "found -0.5; expected 0 or more 亿元"),
        ("HT_VA_GROWTH", -101, "found -101; expected -100 or more %"),
        ("ZONE_RANK", 0, "found 0; expected 1 or more 位"),
        ("RD_GDP_INC", 120, "found 120; expected -100 to 100 百分点"),
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_can(code: str, value: float, fault: str) -> None:
    assert possible(CATALOGUE[code]).fault_of(value, CATALOGUE[code]["unit"]) == fault


@pytest.mark.parametrize(("code", "value"), [("HT_SHARE", 88), ("INC_FIRMS", 13), ("TECH_TX", 0), ("HT_VA_GROWTH", 250), ("ZONE_RANK", 5)])
def test_a_possible_value_has_no_fault(code: str, value: float) -> None:
    assert possible(CATALOGUE[code]).fault_of(value, CATALOGUE[code]["unit"]) == ""


def test_changes_of_counts_are_whole_and_no_change_passes_a_bound_or_is_too_small_to_see() -> None:
    firms, share, growth = (possible(CATALOGUE[code]) for code in ("INC_FIRMS", "HT_SHARE", "HT_VA_GROWTH"))
    assert [firms.reachable(10, change) for change in (0.2, 1.5, -0.3, -25)] == [1, 2, -1, -10]
    assert [share.reachable(99.5, 3), share.reachable(1, -4)] == [0.5, -1]
    assert growth.reachable(-99, -5) == -1
    assert share.reachable(50, -5e-10) == pytest.approx(-1e-4)
    assert possible({}).reachable(1, -1e9) == 1 - 1e9 - 1
    assert math.isinf(possible({}).most)
