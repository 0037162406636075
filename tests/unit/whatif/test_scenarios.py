"""Both scenarios: what is amended is what is scored, and the official side is the edition."""

from __future__ import annotations

import json

import pytest
from small_edition import COUNTIES, DRAFT, QUARTER, Ask, SmallEdition, rewrite, scored

from pipelines.errors import UsageError
from pipelines.rulesets.language import load_ruleset
from pipelines.whatif.answer import Answer
from pipelines.whatif.edition import RulesDiffer
from pipelines.whatif.scenarios import NotReproduced


def totals(answer: Answer) -> dict[str, float | None]:
    return {code: standing.total for code, standing in answer.whatif.standings.items()}


def test_a_value_set_gives_the_totals_of_a_run_on_that_value(small: SmallEdition, ask: Ask) -> None:
    answer = ask(settings=["330105.HT_VA_GROWTH=30"])
    assert totals(answer) == small.totals(small.rules, {("330105", "HT_VA_GROWTH"): (30.0, "value")})
    assert totals(answer) != {code: standing.total for code, standing in answer.official.standings.items()}
    assert "330105" in answer.shown
    assert [move.indicator for move in answer.moves if move.county == "330105"] == ["HT_VA_GROWTH"]


def test_a_county_may_be_named_and_the_points_that_moved_add_up_to_its_difference(ask: Ask) -> None:
    answer = ask(settings=["滨江区.HT_SHARE=60"])
    old, new = answer.official.standings["330108"], answer.whatif.standings["330108"]
    moved = sum((move.points_after or 0) - (move.points_before or 0) for move in answer.moves if move.county == "330108")
    assert new.total_raw - old.total_raw == pytest.approx(moved, abs=1e-9)


def test_what_follows_by_definition_is_recomputed_and_what_is_delivered_stays(small: SmallEdition, ask: Ask) -> None:
    answer = ask(settings=["330106.TECH_TX=120", "330106.GDP=800", "330106.HT_VA=90"])
    follows = {
        ("330106", "TECH_TX"): (120.0, "value"),
        ("330106", "TECH_TX_GDP"): (15.0, "value"),
        ("330106", "TECH_TX_GROWTH"): (50.0, "value"),
        ("330106", "HT_SHARE"): (75.0, "value"),
    }
    assert totals(answer) == small.totals(small.rules, follows)
    assert any("HT_VA_GROWTH is delivered" in note and "stays" in note for note in answer.notes)


def test_a_ratio_set_leaves_its_parts_and_says_so(ask: Ask) -> None:
    answer = ask(settings=["330106.TECH_TX_GDP=15"])
    assert answer.whatif.standings["330106"].leaves["TECH_TX"].value == 90
    assert any("TECH_TX_GDP alone does not say which of its parts moved: GDP, TECH_TX" in note for note in answer.notes)


def test_an_indicator_left_out_is_not_published_for_anyone(small: SmallEdition, ask: Ask) -> None:
    answer = ask(without=["HT_SHARE"])
    assert totals(answer) == small.totals(small.rules, {(code, "HT_SHARE"): (None, "not_published") for code in COUNTIES})
    assert {standing.leaves["HT_SHARE"].state for standing in answer.whatif.standings.values()} == {"not_published"}


def test_an_annual_indicator_set_in_another_quarter_counts_for_every_county(small: SmallEdition, ask: Ask) -> None:
    answer = ask(settings=["330108.RD_GDP=1"])
    values = {code: standing.leaves["RD_GDP"].value for code, standing in answer.whatif.standings.items()}
    assert values == {"330102": 2.1, "330105": 2.4, "330106": 3.3, "330108": 1.0, "330109": 1.9, "330110": 3.0}
    assert answer.official.standings["330108"].leaves["RD_GDP"].points is None
    assert answer.whatif.standings["330108"].leaves["RD_GDP"].points == pytest.approx(20 * 1 / 5)
    assert any("calendar is opened for this scenario only" in note for note in answer.notes)


def test_a_draft_is_scored_as_if_in_force_and_the_answer_says_so(small: SmallEdition, ask: Ask) -> None:
    answer = ask(ruleset=small.draft)
    assert totals(answer) == small.totals(load_ruleset(small.draft), {})
    assert answer.rulesets == ("made-up/2023.1", "made-up/2024.1")
    assert any("made-up/2024.1 (a draft, valid 2024Q1 to no end) is taken as in force in 2023Q3" in note for note in answer.notes)


def test_a_draft_that_names_what_the_edition_has_not_is_refused_by_line(small: SmallEdition, ask: Ask) -> None:
    small.draft.write_text(DRAFT.replace("HT_SHARE", "HT_SHAER"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"line \d+: indicators\[\d\]\.id: found 'HT_SHAER'; .* nearest: HT_SHARE"):
        ask(ruleset=small.draft)
    small.draft.write_text(DRAFT + "adjustments: [{id: prize, from: events.award, per_item: 1}]\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line \d+: adjustments\[0\]\.from: found 'award'"):
        ask(ruleset=small.draft)


def test_progress_as_ruled_compares_with_the_total_under_the_rules_of_that_time(small: SmallEdition, ask: Ask) -> None:
    small.draft.write_text(DRAFT.replace("rules: restated", "rules: as_ruled"), encoding="utf-8")
    answer = ask(ruleset=small.draft)
    before = scored([row for row in small.inputs.values.to_pylist() if row["period"] == "2022Q3"], small.inputs, small.rules, "2022Q3")
    base = {row["unit"]: row["total"] for row in before["score_totals"].to_pylist()}
    gains = {code: round(standing.total - base[code], 2) for code, standing in answer.whatif.standings.items()}
    places = {code: sorted(set(gains.values()), reverse=True).index(gain) + 1 for code, gain in gains.items()}
    assert {code: standing.ranks["progress"] for code, standing in answer.whatif.standings.items()} == places


def test_of_several_rulesets_the_one_that_ranks_the_most_counties_answers_and_the_others_are_named(small: SmallEdition, ask: Ask) -> None:
    manifest = small.warehouse.editions / QUARTER / "001" / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["rulesets"].append({"id": "zz-city", "version": "1", "sha256": "e" * 64})
    manifest.write_text(json.dumps(told), encoding="utf-8")
    answer = ask(region="330108")
    assert answer.rulesets == ("made-up/2023.1", "made-up/2023.1")
    assert any("--family zz-city" in note for note in answer.notes)
    with pytest.raises(UsageError, match="zz-city/1; expected one of the family other"):
        ask(region="330108", family="other")
    with pytest.raises(RulesDiffer, match=r"zz-city/1\.yml: found no such file"):
        ask(region="330108", family="zz-city")


def test_a_copy_of_the_official_rules_moves_nothing(small: SmallEdition, ask: Ask) -> None:
    answer = ask(ruleset=small.rulesets / "made-up" / "2023.1.yml")
    assert (answer.shown, answer.moves, answer.notes) == ([], [], [])


@pytest.mark.parametrize(("column", "value"), [("total", "1"), ("rank_province", "6.5"), ("stars", "")])
def test_an_edition_that_these_rules_do_not_give_is_refused(small: SmallEdition, ask: Ask, column: str, value: str) -> None:
    rewrite(small.warehouse.editions / QUARTER / "001" / "ranking.csv", column, value)
    with pytest.raises(NotReproduced, match=f"330102: found {column}"):
        ask(without=["TECH_TX"])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "nothing asked"),
        ({"settings": ["330108.HT_SHARES=1"]}, "such as HT_SHARE"),
        ({"settings": ["滨江.HT_SHARE=1"]}, "330108 滨江区"),
        ({"settings": ["330100.HT_SHARE=1"]}, "only counties are scored"),
        ({"settings": ["330108.industry=1"]}, "computes from HT_SHARE, HT_VA_GROWTH"),
        ({"settings": ["330108.INC_N=1"]}, "on which no score of made-up/2023.1 depends"),
        ({"settings": ["330108.TECH_TX=-1"]}, "expected 0 or more"),
        ({"settings": ["330108.HT_SHARE=many"]}, "expected a number in %"),
        ({"settings": ["330108.HT_SHARE=1", "滨江区.HT_SHARE=2"]}, "second value"),
        ({"settings": ["HT_SHARE=1"]}, "REGION.INDICATOR=VALUE"),
        ({"without": ["INC_N"]}, "does not score"),
        ({"without": ["HT_SHARE"], "settings": ["330108.HT_SHARE=1"]}, "one of the two"),
        ({"region": "330108", "target": "RD_GDP=3"}, "expected HT_SHARE"),
        ({"region": "330108", "edition": "002"}, "found 001 of 2023Q3"),
    ],
)
def test_a_question_that_is_not_well_put_is_refused_with_the_nearest_names(ask: Ask, fields: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ask(**fields)
