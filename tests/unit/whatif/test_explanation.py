"""What explains a change adds up to it, and only what changed has an effect."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import pytest
from scoring_example import Example, by_unit
from sides import ALL, DATA, KINDS, MEMBERSHIP, RULES, generated, scored_alone, side

from pipelines.errors import UsageError
from pipelines.whatif.effects import numbers
from pipelines.whatif.evaluations import AFTER, BEFORE, Scored, evaluate
from pipelines.whatif.explanation import Change, Effects, Explanation, UnitChange, explain

WORLDS = 32
FEW = {"permutations": 20}


@pytest.fixture(scope="module")
def explained() -> list[tuple[str, Explanation]]:
    """Explanations of the generated worlds, with what changed in each."""
    worlds = [generated(seed) for seed in range(WORLDS)]
    return [(kind, explain(before, after, **FEW)) for kind, before, after in worlds]


def close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def difference(change: Change) -> float:
    assert change.before is not None
    assert change.after is not None
    return change.after - change.before


def assert_adds_up(unit: UnitChange) -> None:
    assert close(math.fsum(subject.points.before for subject in unit.subjects), unit.total_raw.before)
    assert close(math.fsum(subject.points.after for subject in unit.subjects), unit.total_raw.after)
    if unit.total_effects is not None:
        assert close(math.fsum(astuple(unit.total_effects)), difference(unit.total_raw))
        for subject in unit.subjects:
            assert close(math.fsum(astuple(subject.effects)), difference(subject.points))
        for effect in ("data", "rule", "membership"):
            on_subjects = math.fsum(getattr(subject.effects, effect) for subject in unit.subjects)
            assert close(on_subjects, getattr(unit.total_effects, effect))
    if unit.place_effects is not None:
        assert close(math.fsum(astuple(unit.place_effects)), difference(unit.place))
    if unit.place.before is not None and unit.place.after is not None:
        assert close(math.fsum(subject.place_contribution for subject in unit.subjects), difference(unit.place))
        assert close(unit.own + unit.others, difference(unit.place))
    else:
        assert unit.own is None
        assert all(subject.place_contribution is None for subject in unit.subjects)


def changed_data(example: Example) -> None:
    new = {("D", "hightech_invest_growth"): 2.0, ("B", "hightech_invest_growth"): 21.0, ("C", "tech_contracts"): 95.0}
    new |= {("F", "hightech_firms"): 350.0}
    example.values = [
        (*row[:4], new[row[1], row[3]], row[5]) if row[2] == "2025Q1" and (row[1], row[3]) in new else row for row in example.values
    ]
    example.events = [("A", "2025Q1", "late", 3.0)]


def changed_rules(example: Example) -> None:
    for old, new in (
        ("version: 2025.2", "version: 2025.3"),
        ("{ref: hightech_firms, points: 30}", "{ref: hightech_firms, points: 20}"),
        ("{ref: tech_contracts, points: 20}", "{ref: tech_contracts, points: 30}"),
        ("clamp: [0, 105]", "clamp: [0, 95]"),
        ("base: 0.6, step: 1, gain: 0.02", "base: 0.5, step: 1, gain: 0.03"),
    ):
        assert old in example.rules
        example.rules = example.rules.replace(old, new)


def changed_membership(example: Example) -> None:
    example.groups = [(*row[:3], "1") if row[1:3] == ("county_class_2025", "D") else row for row in example.groups]
    example.groups = [row for row in example.groups if row[2] != "E"]


CHANGES = {DATA: [changed_data], RULES: [changed_rules], MEMBERSHIP: [changed_membership]}
CHANGES[ALL] = [changed_data, changed_rules, changed_membership]


@pytest.mark.parametrize("kind", KINDS)
def test_effects_on_the_worked_example_add_up(example: Example, later: Example, kind: str) -> None:
    for change in CHANGES[kind]:
        change(later)
    explanation = explain(side(example), side(later), permutations=200)
    assert len(explanation.units) == (5 if kind in (MEMBERSHIP, ALL) else 6)
    assert not explanation.undetermined
    for unit in explanation.units:
        assert_adds_up(unit)
    assert any(difference(unit.place) for unit in explanation.units)
    present = {name for name in ("data", "rule", "membership") for unit in explanation.units if getattr(unit.total_effects, name)}
    assert present == ({"data", "rule", "membership"} if kind == ALL else {kind.removesuffix("s")})


def test_effects_on_generated_worlds_add_up(explained: list[tuple[str, Explanation]]) -> None:
    for _, explanation in explained:
        for unit in explanation.units:
            assert_adds_up(unit)
    determined = [kind for kind, explanation in explained if any(unit.place_effects for unit in explanation.units)]
    assert len(determined) >= 30, "too few worlds have effects"
    assert set(determined) == set(KINDS)


def test_what_did_not_change_has_no_effect_at_all(explained: list[tuple[str, Explanation]]) -> None:
    unchanged = {DATA: ("rule", "membership"), RULES: ("data", "membership"), MEMBERSHIP: ("data", "rule"), ALL: ()}
    for kind, explanation in explained:
        assert explanation.is_rule_changed == (kind in (RULES, ALL))
        for unit in explanation.units:
            assert kind in (RULES, ALL) or unit.place_under_unchanged_rules is None
            effects = [unit.total_effects, unit.place_effects, *(subject.effects for subject in unit.subjects)]
            assert not [each for each in effects if each for name in unchanged[kind] if getattr(each, name) != 0.0]
            assert kind in (RULES, MEMBERSHIP, ALL) or unit.subjects[-1].place_contribution in (0.0, None)


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_swapping_the_sides_negates_every_effect(seed: int) -> None:
    _, before, after = generated(seed)
    there, back = explain(before, after, **FEW), explain(after, before, **FEW)
    assert (there.entered, there.left) == (back.left, back.entered)
    assert there.units
    for one, other in zip(there.units, back.units, strict=True):
        pairs = [(one.total_effects, other.total_effects), (one.place_effects, other.place_effects)]
        subjects = {(subject.kind, subject.subject): subject for subject in other.subjects}
        mirrored = [(subject, subjects[subject.kind, subject.subject]) for subject in one.subjects]
        pairs += [(subject.effects, reverse.effects) for subject, reverse in mirrored]
        for effects, reverse in pairs:
            assert (effects is None) == (reverse is None)
            assert effects is None or all(close(x, -y) for x, y in zip(astuple(effects), astuple(reverse), strict=True))
        moved = [(one.own, other.own), (one.others, other.others)]
        moved += [(subject.place_contribution, reverse.place_contribution) for subject, reverse in mirrored]
        assert all((x is None and y is None) or close(x, -y) for x, y in moved)


def test_the_same_seed_gives_the_same_bytes_and_another_only_other_contributions(example: Example, later: Example) -> None:
    for change in CHANGES[ALL]:
        change(later)
    first, again, other = (explain(side(example), side(later), permutations=20, seed=seed) for seed in (1, 1, 2))
    assert repr(first).encode() == repr(again).encode()
    assert first != other
    without = [tuple(replace(unit, subjects=()) for unit in each.units) for each in (first, other)]
    assert without[0] == without[1]


def assert_equals(found: Scored, alone: dict, rank_ids: list[str], star_ids: list[str], period: str) -> None:
    totals = by_unit(alone["score_totals"], "total_raw", period=period)
    assert found.totals == {unit: total for unit, total in totals.items() if total is not None}
    for rank_id in rank_ids:
        assert found.places[rank_id] == by_unit(alone["score_ranks"], "place", rank_id=rank_id, period=period)
    for star_id in star_ids:
        assert found.stars[star_id] == by_unit(alone["score_stars"], "stars", star_id=star_id, period=period)


@pytest.mark.parametrize("seed", [None, 0, 1, 2, 7])
def test_the_corners_of_the_eight_evaluations_are_the_sides_scored_alone(example: Example, later: Example, seed: int | None) -> None:
    if seed is None:
        for change in CHANGES[ALL]:
            change(later)
        before, after = side(example), side(later)
    else:
        _, before, after = generated(seed)
    scored = evaluate(before, after)
    assert len(scored) == 8
    for corner, one in ((BEFORE, before), (AFTER, after)):
        rank_ids = [row["rank_id"] for row in one.ruleset.rows["rule_rank"]]
        star_ids = [row["star_id"] for row in one.ruleset.rows["rule_star"]]
        assert_equals(scored[corner], scored_alone(one), rank_ids, star_ids, one.period)


@pytest.mark.parametrize("seed", [None, 3])
def test_the_mixtures_are_the_mixed_sides_scored_alone(example: Example, later: Example, seed: int | None) -> None:
    for change in CHANGES[ALL]:
        change(later)
    sides = (side(example), side(later)) if seed is None else generated(seed)[1:]
    for evaluation, found in evaluate(*sides).items():
        d, r, m = evaluation
        # the lists of a generated world are the same in all its periods
        mixed = replace(sides[d], ruleset=sides[r].ruleset, groups=sides[m].groups)
        rank_ids = [row["rank_id"] for row in mixed.ruleset.rows["rule_rank"]]
        assert_equals(found, scored_alone(mixed), rank_ids, ["by_score", "by_share"], mixed.period)


@pytest.mark.parametrize(("old", "new"), [("Q1", "Q2"), ("202", "203")])
def test_a_later_date_alone_has_no_effect(example: Example, later: Example, old: str, new: str) -> None:
    later.values = [(*row[:2], row[2].replace(old, new), *row[3:]) for row in later.values]
    later.groups = [(row[0].replace(old, new), *row[1:]) for row in later.groups]
    later.events = [(row[0], row[1].replace(old, new), *row[2:]) for row in later.events]
    explanation = explain(side(example), side(later, "2025Q1".replace(old, new)), **FEW)
    assert {unit.total_effects for unit in explanation.units} == {Effects(0, 0, 0)}
    changed_membership(later)
    explanation = explain(side(example), side(later, "2025Q1".replace(old, new)), **FEW)
    effects = [unit.total_effects for unit in explanation.units]
    assert {(each.data, each.rule) for each in effects} == {(0, 0)}
    assert any(each.membership for each in effects)


def test_a_unit_that_enters_or_leaves_is_listed_and_not_explained(example: Example, later: Example) -> None:
    later.values = [("official", "G", *row[2:]) if row[1] == "A" else row for row in later.values]
    later.groups = [(*row[:2], "G", row[3]) if row[2] == "A" else row for row in later.groups]
    explanation = explain(side(example), side(later), **FEW)
    assert (explanation.entered, explanation.left) == (("G",), ("A",))
    assert [unit.unit for unit in explanation.units] == ["B", "C", "D", "E", "F"]
    for unit in explanation.units:
        assert_adds_up(unit)


def test_places_lost_to_a_unit_that_enters_are_of_the_field(example: Example, later: Example) -> None:
    example.values = [row for row in example.values if row[1] != "D"]
    for one in (example, later):  # no score depends on who else is scored
        score = "{method: around, centre: {stat: mean, over: all}, base: 0.6"
        one.rules = one.rules.replace(score, "{method: around, centre: 9.7, base: 0.6")
        one.rules = one.rules.replace(
            "{method: minmax, over: {peer_group: class}, to: [0.6, 1.0]}", "{method: ratio_to_target, target: 90}"
        )
    example.groups = [row for row in example.groups if row[2] != "D"]
    explanation = explain(side(example), side(later), **FEW)
    assert explanation.entered == ("D",)
    for unit in explanation.units:
        contributions = {subject.subject: subject.place_contribution for subject in unit.subjects if subject.place_contribution}
        assert contributions == ({"field": 1.0} if difference(unit.place) else {})
        assert unit.own == 0
    assert any(difference(unit.place) for unit in explanation.units)


def test_an_annual_indicator_that_comes_into_force_is_an_effect_of_weights_and_not_of_values(example: Example, later: Example) -> None:
    """rd_intensity is published in the fourth quarter: the others' scores stay, and its weight is taken from them."""
    now, base = "2025Q4", "2024Q4"
    later.values = [(*row[:2], row[2].replace("Q1", "Q4"), *row[3:]) for row in example.values]
    later.values += [
        ("official", unit, period, "rd_intensity", level, "value") for unit in "ABCDEF" for period, level in ((now, 2.0), (base, 1.9))
    ]
    later.groups = [(row[0].replace("Q1", "Q4"), *row[1:]) for row in example.groups]
    later.events = [(row[0], row[1].replace("Q1", "Q4"), *row[2:]) for row in example.events]
    found = explain(side(example), side(later, now), **FEW)
    assert len(found.units) == 6
    for unit in found.units:
        assert unit.total_effects is not None
        assert unit.weights_effect == pytest.approx(unit.total_effects.data)
        for subject in unit.subjects:
            assert subject.effects is not None
            assert subject.weights_effect == pytest.approx(subject.effects.data), (unit.unit, subject.subject)
    assert any(abs(unit.weights_effect or 0) > 1 for unit in found.units)


def test_values_that_move_under_the_same_weights_are_no_effect_of_weights(example: Example, later: Example) -> None:
    later.values = [(*row[:4], row[4] * 1.1, row[5]) if row[3] == "tech_contracts" else row for row in example.values]
    found = explain(side(example), side(later), **FEW)
    assert {unit.weights_effect for unit in found.units} == {0.0}


def test_a_single_award_is_the_whole_of_the_change(example: Example, later: Example) -> None:
    later.rules = example.rules = example.rules.replace("cap: 3}", "cap: 30}")
    later.events = [("B", "2025Q1", "award", 12.0), *later.events[1:]]
    explanation = explain(side(example), side(later), **FEW)
    b = next(unit for unit in explanation.units if unit.unit == "B")
    assert (b.place, b.own, b.others) == (Change(4, 3), -1, 0)
    assert b.stars == Change(2, 3)
    assert b.total_effects == Effects(pytest.approx(7), 0, 0)
    assert {s.subject: s.place_contribution for s in b.subjects if s.place_contribution} == {"adjustments": -1}
    e = next(unit for unit in explanation.units if unit.unit == "E")
    assert (e.place, e.own, e.others, e.total_effects) == (Change(3, 4), 0, 1, Effects(0, 0, 0))


def test_the_place_under_unchanged_rules_is_that_of_new_data_and_members_under_the_old_rules(example: Example, later: Example) -> None:
    for change in CHANGES[ALL]:
        change(later)
    explanation = explain(side(example), side(later), rank_id="in_class", **FEW)
    old_rules = replace(side(later), ruleset=side(example).ruleset)
    places = by_unit(scored_alone(old_rules)["score_ranks"], "place", rank_id="in_class", period="2025Q1")
    assert explanation.rank_ids == ("in_class", "in_class")
    assert {unit.unit: unit.place_under_unchanged_rules for unit in explanation.units} == places


def test_a_newer_list_of_the_same_members_is_no_effect_of_rules(example: Example, later: Example) -> None:
    for name in ("counties_", "county_class_"):
        later.rules = later.rules.replace(f"{name}2025", f"{name}2026")
        later.groups = [(row[0], row[1].replace(f"{name}2025", f"{name}2026"), *row[2:]) for row in later.groups]
    explanation = explain(side(example), side(later), **FEW)
    assert {unit.total_effects for unit in explanation.units} == {Effects(0, 0, 0)}
    assert len(explanation.units) == 6


def test_effects_are_undetermined_where_a_mixture_has_no_total(example: Example, later: Example) -> None:
    later.values += [("official", unit, "2025Q1", "patents", 10.0, "value") for unit in "ABCDEF"]
    later.rules = later.rules.replace("tree:", "- id: patents\n  score: {method: goalposts, worst: 0, best: 20}\n\ntree:")
    later.rules = later.rules.replace(
        "{ref: tech_contracts, points: 20}", "{ref: tech_contracts, points: 10}\n  - {ref: patents, points: 10}"
    )
    explanation = explain(side(example), side(later), **FEW)
    assert explanation.undetermined == dict.fromkeys("ABCDEF", "d0r1m0: missing, and the rule accepts no gap")
    for unit in explanation.units:
        assert unit.total_effects is None
        assert_adds_up(unit)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"rank_id": "progress"}, "found 'progress'; expected a ranking by the total (province, in_class)"),
        ({"permutations": 3}, "found 3; expected an even number"),
    ],
)
def test_what_cannot_be_compared_is_refused(example: Example, arguments: dict, expected: str) -> None:
    with pytest.raises(UsageError) as refused:
        explain(side(example), side(example), **arguments)
    assert expected in str(refused.value)


def test_a_side_without_totals_or_with_two_scenarios_is_refused(example: Example, later: Example) -> None:
    with pytest.raises(UsageError, match=r"after: zj315-county/2025\.2 in 2026Q1: found no unit with a total"):
        explain(side(example), side(later, "2026Q1"))
    with pytest.raises(UsageError, match="found 2025Q1 and 2025; expected two quarters or two years"):
        explain(side(example), side(later, "2025"))
    later.values[0] = ("amended", *later.values[0][1:])
    with pytest.raises(UsageError, match="found the scenarios amended, official; expected one"):
        explain(side(example), side(later))


def test_the_arrays_hold_no_number_for_a_unit_without_a_total(example: Example, later: Example) -> None:
    example.groups = [row for row in example.groups if row[2] != "A"]
    before, after = side(example), side(later)
    found = numbers(evaluate(before, after), (before.ruleset, after.ruleset), ("province", "province"))
    assert [math.isnan(total) for total in found.totals[BEFORE]] == [unit == "A" for unit in found.units]
