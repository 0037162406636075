"""An invalid ruleset is refused with the path of the key at fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scoring_example import EXAMPLE

from pipelines.errors import UsageError
from pipelines.rulesets.language import load_rulesets, parse_ruleset
from pipelines.rulesets.tables import write_rule_tables

TEXT = EXAMPLE.read_text(encoding="utf-8")
LEVEL = "score: {method: goalposts, worst: 0.5, best: {target: 3.2}, clamp: [0, 1]}"
AROUND = "score: {method: around, centre: {stat: mean, over: all}, base: 0.6, step: 1, gain: 0.02, whole_steps: false, clamp: [0, 1]}"
MINMAX = "score: {method: minmax, over: {peer_group: class}, to: [0.6, 1.0]}"
BANDS = "bands: [{ge: 500, y: 1.0}, {ge: 300, y: 0.9}, {ge: 100, y: 0.75}, {else: 0.6}]"
CUT = "cut: {5: 90, 4: 80, 3: 70, 2: 60, 1: 0}"
PIECES = "score: {method: piecewise, points: "

WRONG = [
    # (what stands in the example, what it is replaced with, path that the error names)
    ("schema: scoring-rules/1", "schema: scoring-rules/2", "schema"),
    ("schema: scoring-rules/1", "schema: scoring-rules/1\non: 1", "on"),
    ("  supersedes: 2025.1", "  supersedes: 2025.1\n  weights: 3", "ruleset.weights"),
    ("  supersedes: 2025.1", "  supersedes: 2025.1\n  id: again", "ruleset.id"),
    ("  version: 2025.2\n", "", "ruleset.version"),
    ("from: 2025Q1", "from: 2025-01", "ruleset.valid.from"),
    ("to: 2025Q4", "to: 2024Q4", "ruleset.valid.to"),
    ("  scale: 100", "  scale: no", "numbers.scale"),
    ("compare_dp: 9", "compare_dp: 9.5", "numbers.compare_dp"),
    ("rounding: half_up", "rounding: binary", "numbers.rounding"),
    ("  population: counties_2025\n", "", "units.population"),
    ("{class: county_class_2025}", "{all: county_class_2025}", "units.peer_groups.all"),
    ("- id: hightech_firms\n", "- id: rd_intensity\n", "indicators[1].id"),
    ("direction: up\n  calendar: {published: [Q1", "direction: sideways\n  calendar: {published: [Q1", "indicators[1].direction"),
    ("direction: up\n  calendar: {published: [Q1", "direction: target\n  calendar: {published: [Q1", "indicators[1].ideal"),
    ("published: [Q4]", "published: [Q5]", "indicators[0].calendar.published[0]"),
    ("published: [Q4]", "published: []", "indicators[0].calendar.published"),
    ("{not_in: [dev_zones]}", "{outside: [dev_zones]}", "indicators[0].applies.units.outside"),
    ("not_published: redistribute", "not_published: carry_last", "indicators[0].states.not_published"),
    (
        "not_published: redistribute",
        "not_published: {carry_last: {max_age: 4 years}}",
        "indicators[0].states.not_published.carry_last.max_age",
    ),
    ("not_applicable: redistribute", "not_applicable: fail", "indicators[0].states.not_applicable"),
    ("coverage_min: 0.95", "coverage_min: 95", "indicators[0].states.missing.coverage_min"),
    ("withheld: use", "withheld: show", "indicators[0].states.withheld"),
    ("treat: none", "treat: winsorize", "indicators[0].treat"),
    ("treat: none", "treat: {clip_percentile: [97.5, 2.5]}", "indicators[0].treat.clip_percentile"),
    ("share: 0.6", "share: 0", "indicators[0].components[0].share"),
    ("share: 0.6", "share: 1/0", "indicators[0].components[0].share"),
    ("{id: growth, share: 0.4", "{id: level, share: 0.4", "indicators[0].components[1].id"),
    ("change: diff", "change: difference", "indicators[0].components[1].value.change"),
    ("min_base: 10", "min_base: -10", "indicators[1].components[1].value.min_base"),
    ("best: {target: 3.2}", "best: 0.5", "indicators[0].components[0].score.best"),
    ("best: {target: 3.2}", "best: {goal: 3.2}", "indicators[0].components[0].score.best.target"),
    ("best: {target: 3.2}", "transform: ln, best: -1", "indicators[0].components[0].score.best"),
    ("best: {target: 3.2}, clamp: [0, 1]", "best: {target: 3.2}, clamp: [1, 0]", "indicators[0].components[0].score.clamp"),
    ("best: {target: 3.2}", "best: yes", "indicators[0].components[0].score.best"),
    (BANDS, "bands: [{ge: 500, y: 1}, {ge: 300, y: 0.9}]", "indicators[1].components[0].score.bands"),
    (BANDS, "bands: [{ge: 300, y: 1}, {ge: 500, y: 0.9}, {else: 0}]", "indicators[1].components[0].score.bands[1]"),
    (BANDS, "bands: [{else: 0.6}, {ge: 500, y: 1}]", "indicators[1].components[0].score.bands[1]"),
    (BANDS, "bands: [{ge: 500, y: 1}, {ge: 300, lt: 600, y: 0.9}, {else: 0}]", "indicators[1].components[0].score.bands[1]"),
    (BANDS, "bands: [{gt: 500, y: 1}, {else: 0}]", "indicators[1].components[0].score.bands[0].gt"),
    (BANDS, "bands: [{ge: 500}, {else: 0}]", "indicators[1].components[0].score.bands[0].y"),
    ("step: 1, gain", "step: 0, gain", "indicators[2].score.step"),
    ("stat: mean", "stat: mode", "indicators[2].score.centre.stat"),
    ("over: {peer_group: class}, to", "over: {peer_group: klass}, to", "indicators[3].score.over.peer_group"),
    (MINMAX, PIECES + "[[1, 0], [1, 1]]}", "indicators[3].score.points[1]"),
    (MINMAX, PIECES + "[[1, 0]]}", "indicators[3].score.points"),
    (MINMAX, "score: {method: ratio_to_target, target: 0}", "indicators[3].score.target"),
    (MINMAX, "score: {method: magic}", "indicators[3].score.method"),
    (MINMAX, MINMAX + "\n  components: []", "indicators[3].components"),
    ("{ref: tech_contracts, points: 20}", "{ref: tech_contracts, points: 21}", "tree.children"),
    ("{ref: tech_contracts, points: 20}", "{ref: tech_contract, points: 20}", "tree.children[3].ref"),
    ("{ref: tech_contracts, points: 20}", "{ref: hightech_firms, points: 20}", "tree.children[3].ref"),
    ("{ref: tech_contracts, points: 20}", "{ref: tech_contracts, weight: 20}", "tree.children[3].weight"),
    ("  - {ref: tech_contracts, points: 20}\n", "", "tree.children"),
    ("points: 20}\n  - {ref: tech_contracts, points: 20}", "points: 40}", "indicators[3].id"),
    ("combine: weighted_sum", "combine: median", "tree.combine"),
    ("combine: weighted_sum", "combine: {power: 0}", "tree.combine.power"),
    ("missing_branch: none", "missing_branch: {mean_over: {peer_group: region}}", "tree.missing_branch.mean_over.peer_group"),
    ("from: events.award", "from: awards", "adjustments[0].from"),
    ("per_item: -1, floor: -2", "per_item: -1, floor: 2, cap: 1", "adjustments[1].floor"),
    ("veto: {max_star: 2}", "veto: {max_star: 7}", "adjustments[2].veto.max_star"),
    ("clamp: [0, 105], round", "clamp: [105, 105], round", "total.clamp"),
    ("round: 2", "round: 12", "total.round"),
    ("id: in_class, by: total", "id: province, by: total", "ranks[1].id"),
    ("tie_break: []", "tie_break: [population]", "ranks[0].tie_break[0]"),
    ("ties: competition, tie_break", "ties: ordinal, tie_break", "ranks[0].tie_break"),
    ("rules: restated", "rules: as_before", "ranks[2].by.rules"),
    (CUT, "cut: {5: 80, 4: 90}", "stars[0].cut.4"),
    (CUT, "cut: {6: 80, 4: 70}", "stars[0].cut.6"),
    (CUT, CUT + "\n  guards: [{need: {rank: {id: nowhere, le: 3}}, for: 5, else: 4}]", "stars[0].guards[0].need.rank.id"),
    (CUT, CUT + "\n  guards: [{need: {rank: {id: in_class, le: 3}}, for: 4, else: 4}]", "stars[0].guards[0].else"),
    ("rank: in_class\n", "rank: in_town\n", "stars[1].rank"),
    ("4: 2/3", "4: 1/3", "stars[1].cumulative.4"),
    # Directions that contradict each other.
    (
        "direction: up\n  calendar: {published: [Q4]",
        "direction: down\n  calendar: {published: [Q4]",
        "indicators[0].components[0].score.worst",
    ),
    ("worst: 0.5, best: {target: 3.2}", "worst: 3.2, best: {target: 0.5}", "indicators[0].components[0].score.worst"),
    (
        "direction: up\n  calendar: {published: [Q4]",
        "direction: target\n  ideal: 2\n  calendar: {published: [Q4]",
        "indicators[0].components[0].score.worst",
    ),
    (BANDS, "bands: [{ge: 500, y: 0.6}, {ge: 300, y: 0.75}, {else: 1}]", "indicators[1].components[0].score.bands"),
    (MINMAX, PIECES + "[[0, 1], [5, 0.4]]}", "indicators[3].score.points"),
    (MINMAX, "score: {method: ratio_to_target, target: -5}", "indicators[3].score.target"),
    (f"direction: up\n  {MINMAX}", "direction: target\n  ideal: 3\n  score: {method: ratio_to_best}", "indicators[3].score.method"),
    (
        f"direction: up\n  {MINMAX}",
        "direction: target\n  ideal: 3\n  score: {method: ratio_to_target, target: 5}",
        "indicators[3].score.method",
    ),
    (
        f"direction: up\n  {MINMAX}",
        "direction: target\n  ideal: 3\n  score: {method: piecewise, points: [[0, 0], [9, 1]]}",
        "indicators[3].score.points[1]",
    ),
    (f"direction: up\n  {MINMAX}", "direction: down\n  score: {method: given}", "indicators[3].score.method"),
    ("step: 1, gain: 0.02", "step: 1, gain: -0.02", "indicators[2].score.gain"),
    (MINMAX, "score: {method: zscore, m: 0.6, s: -0.1}", "indicators[3].score.s"),
    # Points and per cent instead of shares, and shares instead of points.
    (MINMAX, "score: {method: minmax, to: [60, 100]}", "indicators[3].score.to[0]"),
    (MINMAX, "score: {method: minmax, clamp: [0, 30]}", "indicators[3].score.clamp[1]"),
    (MINMAX, "score: {method: minmax, floor_share: 60}", "indicators[3].score.floor_share"),
    (MINMAX, "score: {method: zscore, m: 50, s: 10}", "indicators[3].score.m"),
    (MINMAX, PIECES + "[[0, 0], [5, 20]]}", "indicators[3].score.points[1][1]"),
    ("{ge: 500, y: 1.0}", "{ge: 500, y: 30}", "indicators[1].components[0].score.bands[0].y"),
    ("{else: 0.6}", "{else: 18}", "indicators[1].components[0].score.bands[3].else"),
    ("base: 0.6", "base: 12", "indicators[2].score.base"),
    ("gain: 0.02", "gain: 2", "indicators[2].score.gain"),
    ("share: 0.4", "share: 0.3", "indicators[0].components"),
    ("share: 0.6", "share: 60", "indicators[0].components[0].share"),
    ("treat: none", "treat: {clip_percentile: [0.025, 0.975]}", "indicators[0].treat.clip_percentile"),
    ("treat: none", "treat: {clip_percentile: [0.025, 97.5]}", "indicators[0].treat.clip_percentile"),
    ("per_item: 1, cap: 3", "per_item: 1, cap: -3", "adjustments[0].cap"),
    ("per_item: 1, cap: 3", "per_item: 1, floor: -3", "adjustments[0].floor"),
    ("per_item: 1, cap: 3", "per_item: 0, cap: 3", "adjustments[0].per_item"),
    ("per_item: -1, floor: -2", "per_item: -1, floor: 2", "adjustments[1].floor"),
    ("per_item: -1, floor: -2", "per_item: -1, cap: 2", "adjustments[1].cap"),
    ("clamp: [0, 105], round", "clamp: [0, 1.05], round", "total.clamp[1]"),
    (CUT, "cut: {5: 0.9, 4: 0.8, 3: 0.7, 2: 0.6, 1: 0}", "stars[0].cut.5"),
    (CUT, "cut: {5: 900, 4: 80, 3: 70, 2: 60, 1: 0}", "stars[0].cut.5"),
    ("cumulative: {5: 1/3", "cumulative: {5: 33", "stars[1].cumulative.5"),
    (CUT, CUT + "\n  guards: [{need: {score: {ref: total, ge: 0.95}}, for: 5, else: 4}]", "stars[0].guards[0].need.score.ge"),
    (CUT, CUT + "\n  guards: [{need: {score: {ref: tech_contracts, ge: 18}}, for: 5, else: 4}]", "stars[0].guards[0].need.score.ge"),
    (CUT, CUT + "\n  guards: [{need: {total: {ge: 0.9}}, for: 5, else: 4}]", "stars[0].guards[0].need.total.ge"),
    (CUT, CUT + "\n  guards: [{need: {rank: {id: in_class, le: 0.3}}, for: 5, else: 4}]", "stars[0].guards[0].need.rank.le"),
    ("weights: {dirichlet: 160}", "weights: {dirichlet: 0.25}", "scenarios.rank_robustness.weights.dirichlet"),
    ("draws: 10000", "draws: many", "scenarios.rank_robustness.draws"),
    ("dirichlet: 160", "gamma: 160", "scenarios.rank_robustness.weights.dirichlet"),
]


@pytest.mark.parametrize(("old", "new", "path"), WRONG, ids=[f"{number}-{path}" for number, (_, _, path) in enumerate(WRONG)])
def test_an_invalid_ruleset_is_refused_by_path(old: str, new: str, path: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(UsageError) as refused:
        parse_ruleset(text, "rules.yml")
    told = re.fullmatch(rf"rules\.yml: line (\d+): {re.escape(path)}: found .+; expected .+", str(refused.value))
    assert told, str(refused.value)
    key = re.findall(r"\w+", path)[-1]
    line = text.splitlines()[int(told[1]) - 1]
    assert key in line or key.isdigit() or "no such key" in told[0], f"{told[0]}\n{line}"


def test_geometric_children_that_can_be_zero_are_refused() -> None:
    children = TEXT.replace("combine: weighted_sum", "combine: geometric").replace("points:", "weight:")
    with pytest.raises(UsageError, match=r"line \d+: tree\.children\[0\]\.ref: found 'rd_intensity', whose score can be 0"):
        parse_ruleset(children, "rules.yml")


def test_calendars_that_leave_a_quarter_without_an_indicator_are_refused() -> None:
    text = TEXT.replace("- id: hightech_invest_growth\n", "- id: hightech_invest_growth\n  calendar: {published: [Q4]}\n")
    text = text.replace("- id: tech_contracts\n", "- id: tech_contracts\n  calendar: {published: [Q4]}\n").replace(
        "[Q1, Q2, Q3, Q4]", "[Q2, Q3]"
    )
    with pytest.raises(UsageError, match="indicators: found calendars that leave Q1 without an indicator"):
        parse_ruleset(text, "rules.yml")


def test_more_than_six_levels_are_refused() -> None:
    nested = "{ref: tech_contracts, points: 20}"
    for level in range(6):
        nested = f"{{id: n{level}, points: 20, children: [{nested}]}}"
    with pytest.raises(UsageError, match=r"found a node at level 7; expected at most 6 levels"):
        parse_ruleset(TEXT.replace("{ref: tech_contracts, points: 20}", nested), "rules.yml")


@pytest.mark.parametrize("text", ["", "a: [", "- 1\n- 2\n", "a: !!python/object:os.system x", "--- \na: 1\n---\nb: 2\n", "a: &a {b: *a}"])
def test_a_file_that_is_no_ruleset_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"rules\.yml"):
        parse_ruleset(text, "rules.yml")


def test_the_words_of_yaml_1_1_stay_text() -> None:
    assert (
        '"note":"on"' in parse_ruleset(TEXT.replace("note: 技术交易额 moved to class-relative scoring", "note: on"), "rules.yml").canonical
    )


def test_two_versions_in_force_in_one_quarter_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "zj315-county"
    folder.mkdir()
    (folder / "2025.2.yml").write_text(TEXT, encoding="utf-8")
    (folder / "2025.3.yml").write_text(
        TEXT.replace("version: 2025.2", "version: 2025.3").replace("from: 2025Q1", "from: 2025Q4"), encoding="utf-8"
    )
    with pytest.raises(UsageError, match=r"zj315-county/2025\.3\.yml: line 6: ruleset\.valid\.from: found 2025Q4"):
        load_rulesets(tmp_path)


def test_a_ruleset_lies_where_its_id_and_version_say(tmp_path: Path) -> None:
    (tmp_path / "zj315-county").mkdir()
    (tmp_path / "zj315-county" / "2025.9.yml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(UsageError, match=r"zj315-county/2025\.9\.yml: line 2: ruleset: found zj315-county/2025\.2"):
        write_rule_tables(tmp_path, tmp_path / "landing")
    assert not (tmp_path / "landing").exists()


def test_a_released_version_that_changed_or_went_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "zj315-county" / "2025.2.yml"
    file.parent.mkdir()
    file.write_text(TEXT, encoding="utf-8")
    with pytest.raises(UsageError, match=r"zj315-county/2025\.2\.yml: found content with the hash .* expected its line in released\.txt"):
        load_rulesets(tmp_path)
    released = tmp_path / "released.txt"
    released.write_text(f"{parse_ruleset(TEXT, 'rules.yml').sha256}  zj315-county/2025.2\n", encoding="utf-8")
    assert [ruleset.name for ruleset in load_rulesets(tmp_path)] == ["zj315-county/2025.2"]
    file.write_text(TEXT.replace("5: 90", "5: 91"), encoding="utf-8")
    with pytest.raises(UsageError, match="A released version never changes"):
        load_rulesets(tmp_path)
    file.write_text(TEXT.replace("version: 2025.2", "version: 2025.2\n  draft: true"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"released\.txt: found zj315-county/2025\.2, which no file holds"):
        load_rulesets(tmp_path)


def test_the_hash_ignores_layout_and_sees_every_value() -> None:
    ruleset = parse_ruleset(TEXT, "rules.yml")
    assert parse_ruleset("# a comment\n" + TEXT, "rules.yml").sha256 == ruleset.sha256
    assert parse_ruleset(TEXT.replace("points: 20}", "points: 20 }"), "rules.yml").sha256 == ruleset.sha256
    assert parse_ruleset(TEXT.replace("step: 1,", "step: 2,"), "rules.yml").sha256 != ruleset.sha256
    assert {row["sha256"] for rows in ruleset.rows.values() for row in rows} == {ruleset.sha256}


def test_the_shipped_rulesets_load_and_say_that_they_are_illustrative() -> None:
    for ruleset in load_rulesets(Path(__file__).resolve().parents[3] / "dbt_project" / "rulesets"):
        head = ruleset.rows["rule_set"][0]
        assert head["is_illustrative"]
        assert "示意" in head["note"]
