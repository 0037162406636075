"""The ranking of a comparison: which ranking of a ruleset is compared, and the field that it ranks in an evaluation.

Here: from rule rows and scored rows to `places.Ranking` and `places.Field`; the star rule that is told. Not here: ranking itself.
"""

from __future__ import annotations

import numpy as np

from pipelines.errors import UsageError
from pipelines.rulesets.compared import Floats, at_dp
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.parameters import Row
from pipelines.whatif.evaluations import Scored
from pipelines.whatif.places import Field, Ranking


def rankings(before: Ruleset, after: Ruleset, rank_id: str | None) -> tuple[Ranking, Ranking]:
    """The ranking of `after` by the total with this id (none: the first), and its counterpart before: same id, or the first by total."""
    chosen = _by_total(after)
    if rank_id is not None:
        if rank_id not in chosen:
            raise UsageError(f"{after.name}: rank_id: found {rank_id!r}; expected a ranking by the total ({', '.join(chosen)})")
        chosen = {rank_id: chosen[rank_id]}
    row = next(iter(chosen.values()))
    counterparts = _by_total(before)
    return _ranking(before, counterparts.get(row["rank_id"], next(iter(counterparts.values())))), _ranking(after, row)


def field_of(scored: Scored, ranking: Ranking, units: tuple[str, ...]) -> Field:
    """Who the ranking holds in an evaluation; columns are positions in `units`, which is in the order of the names."""
    places, peers = scored.places[ranking.rank_id], scored.peers[ranking.rank_id]
    ranked = [(column, peers[unit]) for column, unit in enumerate(units) if unit in places]
    groups = sorted({group for _, group in ranked})
    return Field(
        ranking,
        tuple(np.array([column for column, own in ranked if own == group], dtype=np.intp) for group in groups),
        tuple(_break(scored, name, ranking, units) for name in ranking.tie_breaks if name != "total_raw"),
        np.array([places.get(unit, np.nan) for unit in units]),
    )


def first_star(ruleset: Ruleset) -> str | None:
    """The first star rule; none if there is none, or if it rests on a ranking by change as ruled, which two single periods cannot give."""
    rows = ruleset.rows
    if not rows["rule_star"]:
        return None
    star = min(rows["rule_star"], key=lambda row: row["ordinal"])
    guards = [row.get("rank_id") for row in rows["rule_guard"] if row["star_id"] == star["star_id"]]
    as_ruled = {row["rank_id"] for row in rows["rule_rank"] if row.get("change_rules") == "as_ruled"}
    return None if as_ruled & {star.get("rank_id"), *guards} else str(star["star_id"])


def _by_total(ruleset: Ruleset) -> dict[str, Row]:
    rows = sorted(ruleset.rows["rule_rank"], key=lambda row: row["ordinal"])
    by_total = {row["rank_id"]: row for row in rows if row["measure"] == "total"}
    if not by_total:
        raise UsageError(f"{ruleset.name}: ranks: found none by the total; expected at least one, to explain a place")
    return by_total


def _ranking(ruleset: Ruleset, row: Row) -> Ranking:
    head = ruleset.rows["rule_set"][0]
    breaks = [found for found in ruleset.rows["rule_tie_break"] if found["rank_id"] == row["rank_id"]]
    names = [found["tie_break"] for found in sorted(breaks, key=lambda found: found["ordinal"])]
    # the models compare the unit's name after all that is a number
    names.sort(key=lambda name: name == "unit")
    return Ranking(
        row["rank_id"],
        row["ties"],
        row["is_descending"],
        tuple(names),
        head["compare_dp"],
        head["total_round"] if row["basis"] == "rounded" else None,
        head["rounding"],
    )


def _break(scored: Scored, name: str, ranking: Ranking, units: tuple[str, ...]) -> Floats:
    if name == "unit":
        return np.arange(len(units), dtype=float)
    scores = scored.scores.get(name, {})
    return -at_dp(np.array([scores.get(unit, -np.inf) for unit in units]), ranking.compare_dp)
