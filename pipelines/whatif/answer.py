"""A what-if from question to answer: the one place where it is put together.

Here: the order of the steps, which counties are shown, what an answer holds. Not here: any step itself, how an answer looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.language import Ruleset, load_ruleset
from pipelines.rulesets.resolved import refuse_unresolved
from pipelines.warehouse import Warehouse
from pipelines.whatif.amendments import read_amendments
from pipelines.whatif.edition import Edition, official_ruleset, open_edition
from pipelines.whatif.firms import Firm, find_firms
from pipelines.whatif.inclusion import SHARE, Inclusion, amend, include
from pipelines.whatif.scenarios import Scenario, score_both

_SAME = 1e-9


@dataclass(frozen=True)
class Question:
    """What a person asks, as typed: nothing is checked yet."""

    quarter: str
    ruleset: Path | None = None
    settings: list[str] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    target: str | None = None
    edition: str | None = None
    region: str | None = None
    family: str | None = None

    @property
    def asks_something(self) -> bool:
        """Whether anything is amended or one county is looked at."""
        return bool(self.ruleset or self.settings or self.include or self.without or self.region)


@dataclass(frozen=True)
class PointsMoved:
    """An indicator of one county whose points differ; `adjustments` is one too. Points of an indicator that does not count are none."""

    county: str
    indicator: str
    value_before: float | None
    value_after: float | None
    points_before: float | None
    points_after: float | None


@dataclass(frozen=True)
class Answer:
    """Both scenarios and what differs between them.

    `shown` are the counties whose place or stars move and those that the question names (or the one of `--region` alone), best
    first; `focus` those whose points are shown: the ones named, else those whose stars move; `firms` are for the terminal of the
    person who named them, nothing else.
    """

    quarter: str
    edition: str
    rulesets: tuple[str, str]
    official: Scenario
    whatif: Scenario
    names: dict[str, str]
    notes: list[str]
    inclusions: list[Inclusion]
    firms: list[Firm]
    shown: list[str]
    focus: list[str]
    moves: list[PointsMoved]
    is_unamended: bool


def answer(question: Question, warehouse: Warehouse) -> Answer:
    """Answer a question from an edition's files alone; `UsageError` if it is not well put, `NotReproduced` if code or rules differ."""
    if not question.asks_something:
        raise UsageError("nothing asked: found no amendment; expected --ruleset, --set, --include, --without or --region")
    draft = load_ruleset(question.ruleset) if question.ruleset else None
    edition = open_edition(warehouse, Quarter.parse(question.quarter), question.edition)
    if draft:
        memberships = set(edition.inputs.groups["group_name"].to_pylist())
        refuse_unresolved(draft, edition.catalogue, memberships, set(edition.inputs.events["event"].to_pylist()))
    official = official_ruleset(edition, _family(question, draft))
    rules = draft or official
    region = edition.county(question.region, "--region") if question.region else None

    made = read_amendments(question.settings, question.without, edition, rules)
    firms = find_firms(question.include, edition, region) if question.include else []
    asked_too = [region] if region and question.target else []
    inclusions = include(firms, edition, asked_too, _target(question.target)) if firms or asked_too else []
    amend(inclusions, made, edition)
    before, after = score_both(edition, official, rules, made)

    named = [region] if region else _named(question, firms, edition)
    moved, starred = _moved(before, after)
    shown = named if region else [code for code in _by_place(after) if code in moved or code in named]
    return Answer(
        quarter=str(edition.quarter),
        edition=edition.number,
        rulesets=(official.name, rules.name),
        official=before,
        whatif=after,
        names={code: row["region_name"] for code, row in edition.regions.items()},
        notes=[*_notes_on(rules, official, edition), *made.notes],
        inclusions=inclusions,
        firms=firms,
        shown=shown,
        focus=named or [code for code in shown if code in starred],
        moves=[move for code in sorted(after.standings) for move in _points_moved(code, before, after)],
        is_unamended=not (draft or question.settings or firms or question.without),
    )


def _family(question: Question, draft: Ruleset | None) -> str | None:
    """The family of rules that is asked about: the one named, else that of the rules given."""
    of_draft = draft.rows["rule_set"][0]["family"] if draft else None
    if question.family and of_draft and question.family != of_draft:
        raise UsageError(f"--family {question.family}: found rules of {of_draft} with --ruleset; expected the same family")
    return question.family or of_draft


def _target(text: str | None) -> float | None:
    if text is None:
        return None
    code, _, number = text.partition("=")
    try:
        value = Decimal(number)
    except InvalidOperation:
        value = Decimal("nan")
    if code != SHARE or not 0 < value <= 100:
        raise UsageError(f"--target {text}: found another form; expected {SHARE}=<percent above 0, at most 100>")
    return float(value)


def _notes_on(rules: Ruleset, official: Ruleset, edition: Edition) -> list[str]:
    """What the scenario overrides of the rules themselves."""
    head = rules.rows["rule_set"][0]
    notes = []
    if rules.sha256 != official.sha256:
        end = head["valid_to"] or "no end"
        kind = "a draft, " if rules.is_draft else ""
        notes.append(
            f"{rules.name} ({kind}valid {head['valid_from']} to {end}) is taken as in force in {edition.quarter} for this scenario only"
        )
    if head["is_illustrative"]:
        notes.append("illustrative weights and star cut-offs, not those of the authorities")
    others = [f"--family {each['id']}" for each in edition.manifest["rulesets"] if each["id"] != official.rows["rule_set"][0]["family"]]
    if others:
        notes.append(f"the edition was scored under other rules too: {', '.join(others)}")
    return notes


def _by_place(scenario: Scenario) -> list[str]:
    standings = scenario.standings
    return sorted(standings, key=lambda code: (standings[code].first_place(scenario.ruleset) or float("inf"), code))


def _moved(before: Scenario, after: Scenario) -> tuple[set[str], set[str]]:
    """The counties whose place or stars differ, and those whose stars do."""
    placed, starred = set(), set()
    for code, amended in after.standings.items():
        official = before.standings.get(code)
        if official is None or official.first_place(before.ruleset) != amended.first_place(after.ruleset):
            placed.add(code)
        if official is None or official.first_star(before.ruleset) != amended.first_star(after.ruleset):
            starred.add(code)
    return placed | starred, starred


def _named(question: Question, firms: list[Firm], edition: Edition) -> list[str]:
    """The counties that the question names, if it names any."""
    of_settings = [edition.county(text.partition(".")[0], "--set") for text in question.settings]
    return list(dict.fromkeys([*of_settings, *(firm.county for firm in firms)]))


def _points_moved(county: str, before: Scenario, after: Scenario) -> list[PointsMoved]:
    official, amended = before.standings.get(county), after.standings[county]
    if official is None:
        return []
    moved = []
    for indicator in dict.fromkeys([*official.leaves, *amended.leaves]):
        old, new = official.leaves.get(indicator), amended.leaves.get(indicator)
        points = (old.points if old else None, new.points if new else None)
        if abs((points[0] or 0.0) - (points[1] or 0.0)) > _SAME:
            moved.append(PointsMoved(county, indicator, old.value if old else None, new.value if new else None, *points))
    if abs(official.adjustment - amended.adjustment) > _SAME:
        moved.append(PointsMoved(county, "adjustments", None, None, official.adjustment, amended.adjustment))
    return moved
