"""Firms included: both formulas, what a target needs, who is refused, and that no firm leaves the terminal."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from small_edition import ABOVE, ABOVE_TOO, CANCELLED, FLAGGED, SERVICE, TAXED, YI, Ask, SmallEdition

from pipelines.errors import UsageError
from pipelines.whatif.firms import is_uscc
from pipelines.whatif.inclusion import needed
from pipelines.whatif.rendering import document, show


def test_firms_above_scale_are_reclassified_and_the_scenario_has_their_share(small: SmallEdition, ask: Ask) -> None:
    answer = ask(include=[ABOVE, ABOVE_TOO])
    (county,) = answer.inclusions
    assert (county.high_tech_yuan, county.industry_yuan, county.value_added_yuan) == (87 * YI, 100 * YI, 13 * YI)
    assert (county.share_now, county.share_after, county.share_reclassified) == (87, 100, 100)
    assert county.share_admitted == pytest.approx(100 * 100 / 113)
    assert (county.target, county.needed_reclassified_yuan) == (88, YI)
    assert county.needed_admitted_yuan == pytest.approx(YI / 0.12)
    after = {code: standing.total for code, standing in answer.whatif.standings.items()}
    assert after == small.totals(small.rules, {("330108", "HT_SHARE"): (100.0, "value")})
    assert any("HT_VA_GROWTH is delivered, at comparable prices, and not recomputed" in note for note in answer.notes)


def test_a_firm_of_the_tax_register_is_newly_admitted_with_an_estimate(ask: Ask) -> None:
    answer = ask(include=[TAXED])
    (county,), (firm,) = answer.inclusions, answer.firms
    assert (firm.kind, firm.sales_yuan, firm.value_added_yuan) == ("newly admitted", 3 * YI, 0.6 * YI)
    assert county.share_after == county.share_admitted == pytest.approx(100 * 80.6 / 120.6)
    assert any("is an estimate" in note for note in answer.notes)


def test_a_target_given_goes_before_the_ledgers_and_needs_no_firm(ask: Ask) -> None:
    (county,) = ask(region="330108", target="HT_SHARE=90").inclusions
    assert (county.target, county.value_added_yuan, county.share_after) == (90, 0, 87)
    assert county.needed_reclassified_yuan == pytest.approx(3 * YI)
    assert county.needed_admitted_yuan == pytest.approx(30 * YI)


@given(st.floats(1, 1e6), st.floats(0, 1), st.floats(0.01, 0.99))
def test_the_value_added_needed_reaches_the_target_and_a_hundredth_less_does_not(industry: float, part: float, share: float) -> None:
    high_tech = industry * part
    for is_admitted in (False, True):
        v = needed(high_tech, industry, share, is_admitted=is_admitted)
        assert v is not None
        reached = [(high_tech + each) / (industry + (each if is_admitted else 0)) for each in (v, 0.99 * v)]
        assert reached[0] >= share - 1e-9
        assert v < 1e-6 * industry or reached[1] < share


@pytest.mark.parametrize(
    ("codes", "region", "told"),
    [
        ([ABOVE[:-1] + "X"], None, "right check character"),
        (["12"], None, "12: found no unified social credit code"),
        (["91330108MACKPPF234"], None, "neither in 规上企业 nor in the tax register"),
        ([FLAGGED], None, f"{FLAGGED}: found among 高新技术产业 already"),
        ([CANCELLED], None, "cancelled"),
        ([SERVICE], None, "class 6510"),
        ([ABOVE], "330106", "found in 330108 滨江区; expected 330106 西湖区"),
        ([CANCELLED, ABOVE, "12"], None, "cancelled.*; 12: "),
    ],
)
def test_a_firm_that_cannot_be_included_is_refused_by_its_code(ask: Ask, codes: list[str], region: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ask(include=codes, region=region)


def test_a_share_that_is_both_set_and_changed_by_firms_is_refused(ask: Ask) -> None:
    with pytest.raises(UsageError, match="set with --set too"):
        ask(include=[ABOVE], settings=["330108.HT_SHARE=90"])


@pytest.mark.parametrize("is_terminal", [True, False])
def test_names_and_codes_of_firms_are_shown_on_a_terminal_only(ask: Ask, is_terminal: bool) -> None:
    answer = ask(include=[ABOVE, TAXED])
    out = Console(file=io.StringIO(), force_terminal=is_terminal, width=200)
    show(answer, out)
    printed = out.file.getvalue()
    told = json.dumps(document(answer), ensure_ascii=False)
    assert [each in printed for each in (ABOVE, "甲厂", TAXED, "丁厂")] == [is_terminal] * 4
    assert not any(each in told for each in (ABOVE, "甲厂", TAXED, "丁厂"))


def test_the_check_character_is_judged_as_the_standard_says() -> None:
    from stdnum.cn import uscc

    assert is_uscc(ABOVE)
    for character in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        code = ABOVE[:-1] + character
        assert is_uscc(code) == uscc.is_valid(code)
