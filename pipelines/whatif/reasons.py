"""Which two sides an explanation compares: two published quarters, or the official and the amended scenario of one.

Here: the sides. Not here: the explanation itself.
"""

from __future__ import annotations

from pipelines.whatif.answer import Answer
from pipelines.whatif.edition import Edition, official_ruleset
from pipelines.whatif.explanation import Explanation, Side, explain


def why(before: Edition, after: Edition, family: str | None) -> Explanation:
    """Why totals and places changed between two published quarters, under the rules of one family as each was scored."""
    rules = official_ruleset(after, family)
    sides = [
        Side(
            each.inputs.values,
            each.inputs.groups,
            each.inputs.events,
            official_ruleset(each, rules.rows["rule_set"][0]["family"]),
            str(each.quarter),
        )
        for each in (before, after)
    ]
    return explain(*sides)


def why_amended(found: Answer) -> Explanation:
    """Why totals and places of the amended scenario differ from the official ones."""
    sides = [Side(each.values, each.groups, each.events, each.ruleset, found.quarter) for each in (found.official, found.whatif)]
    return explain(*sides)
