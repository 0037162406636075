"""Whether the names in a ruleset stand for something: indicators, memberships, events; and the words of a membership column.

Here: what the tables of an edition or of `dbt_project/seeds` must hold. Not here: tables from outside (unused.py, outside.py).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.section import nearest
from pipelines.settings import PROJECT

YES = ("1", "true", "yes", "y", "是")
NO = ("", "0", "false", "no", "n", "否")
SEEDS = PROJECT / "dbt_project" / "seeds"
_BUILT = ("city",)
"""Memberships that models/indicators/int_scoring_groups.sql derives itself."""


def refuse_unresolved(ruleset: Ruleset, indicators: Collection[str], memberships: Collection[str], events: Collection[str]) -> None:
    """Refuse the first name in a ruleset that is none of these: its rows would be scored as if there were none."""
    rows = ruleset.rows
    for row in rows["rule_indicator"]:
        _known(ruleset, f"indicators[{row['ordinal']}].id", row["indicator"], indicators, "an indicator of the catalogue")
    _known(ruleset, "units.population", rows["rule_set"][0]["population"], memberships, "a membership")
    for row in rows["rule_peer_group"]:
        _known(ruleset, f"units.peer_groups.{row['peer_group']}", row["membership"], memberships, "a membership")
    ordinals = {row["indicator"]: row["ordinal"] for row in rows["rule_indicator"]}
    for row in rows["rule_applies"]:
        path = f"indicators[{ordinals[row['indicator']]}].applies.units.{'in' if row['is_member'] else 'not_in'}"
        _known(ruleset, path, row["membership"], memberships, "a membership")
    for row in rows["rule_adjustment"]:
        _known(ruleset, f"adjustments[{row['ordinal']}].from", row["event"], events, "an event that a feed delivers")


def refuse_unresolved_official(rulesets: Iterable[Ruleset], seeds: Path = SEEDS) -> None:
    """The same for the rulesets that a run scores with: the catalogue, the seed of peer groups, and no events, which no feed delivers."""
    with (seeds / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        indicators = {row["code"] for row in csv.DictReader(lines)}
    with (seeds / "peer_groups.csv").open(encoding="utf-8", newline="") as lines:
        peers = [row | {"line": str(number)} for number, row in enumerate(csv.DictReader(lines), 2)]
    memberships = {row["group_name"] for row in peers} | set(_BUILT)
    for ruleset in rulesets:
        refuse_unresolved(ruleset, indicators, memberships, ())
        asked = {row["membership"] for row in ruleset.rows["rule_applies"]} | {ruleset.rows["rule_set"][0]["population"]}
        for row in peers:
            if row["group_name"] in asked and row["group_value"].lower() not in (*YES, *NO):
                raise UsageError(
                    f"peer_groups.csv: line {row['line']}: column group_value: found {row['group_value']!r}; expected {yes_or_no()}, "
                    f"because {ruleset.name} asks who belongs to {row['group_name']!r}"
                )


def yes_or_no() -> str:
    """The words of a membership column, for an error."""
    return f"yes ({', '.join(YES)}) or no (blank, {', '.join(filter(None, NO))})"


def _known(ruleset: Ruleset, path: str, name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        listed = nearest(name, known) if known else " (there is none)"
        raise UsageError(f"{ruleset.source.where(path)}: found {name!r}; expected {what}{listed}")
