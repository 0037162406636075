"""Margins put back into the models move the star, and one per cent less does not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
from generated_rules import PERIOD, UNITS
from scored_worlds import Worlds
from scoring_example import table

from pipelines.robustness.margins import star_margins
from pipelines.robustness.measures import as_published
from pipelines.robustness.scored import Scored
from pipelines.rulesets.in_memory import EVENTS, score_tables
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.tables import flatten

GIFT_ORDINAL = 99


def with_gift(ruleset: Ruleset, scenario: str, unit: str) -> Ruleset:
    """A copy of the ruleset, scored in a scenario of its own, that gives its points to one unit by one event more."""
    rows = {name: [dict(row) | {"ruleset": scenario} for row in content] for name, content in ruleset.rows.items()}
    head = {"ruleset": scenario, "sha256": ruleset.sha256}
    gift = {"ordinal": GIFT_ORDINAL, "adjustment": "gift", "event": f"gift {scenario}", "per_item": 1.0}
    rows["rule_adjustment"].append(head | gift)
    rows["rule_scenario"] = [head | {"scenario": scenario, "valid_from": PERIOD, "valid_to": PERIOD}]
    return Ruleset(scenario, ruleset.sha256, ruleset.canonical, rows)


def stars_after(worlds: Worlds, gifts: list[tuple[str, str, float]]) -> list[float]:
    """The stars under the first star rule that the models give each unit after its gift of points; gifts are (world, unit, points)."""
    values = worlds.inputs[0].to_pylist()
    by_world: dict[str, list[dict[str, Any]]] = {}
    for row in values:
        by_world.setdefault(row["scenario"], []).append(row)
    rulesets, amended, events = [], [], worlds.inputs[2].to_pylist()
    for number, (world, unit, points) in enumerate(gifts):
        scenario = f"gift-{number}"
        rulesets.append(with_gift(worlds.rulesets[world], scenario, unit))
        amended += [row | {"scenario": scenario} for row in by_world[world]]
        events.append({"unit": unit, "period": PERIOD, "event": f"gift {scenario}", "count": points})
    given = score_tables(
        pa.Table.from_pylist(amended, schema=worlds.inputs[0].schema),
        worlds.inputs[1],
        table(EVENTS, [tuple(row[name] for name in EVENTS.names) for row in events]),
        flatten(rulesets),
        wanted=("score_stars",),
    )["score_stars"]
    found = {
        (row["scenario"], row["unit"]): row["stars"]
        for row in given.to_pylist()
        if row["star_id"] == "by_score" and row["period"] == PERIOD
    }
    return [found[f"gift-{number}", unit] for number, (_, unit, _) in enumerate(gifts)]


def is_plain(scored: Scored) -> bool:
    """Whether more points are better in every ranking, as in every real notice."""
    return all(row["is_descending"] for row in scored.rules["rule_rank"])


def test_a_margin_put_back_moves_the_star_and_one_per_cent_less_does_not(worlds: Worlds) -> None:
    gifts, expected, now = [], [], []
    for name, scored in worlds:
        if len(gifts) > 1200 or not is_plain(scored):
            continue
        standing, totals = as_published(scored)
        rule = standing.headline_star
        assert rule is not None
        stars = standing.stars(totals, rule)[0]
        for margins, sign in zip(star_margins(standing, totals, "total", rule), (1, -1), strict=True):
            for unit, margin, star in zip(UNITS, margins, stars, strict=True):
                if not math.isnan(margin):
                    # A margin is rounded up to 1e-6, which may be more than one per cent of it.
                    gifts += [(name, unit, sign * margin), (name, unit, sign * max(0.99 * margin - 1e-6, 0))]
                    expected += [sign, 0]
                    now += [star, star]
    moved = np.sign(np.array(stars_after(worlds, gifts)) - np.array(now))
    wrong = [(gift, want, got) for gift, want, got in zip(gifts, expected, moved, strict=True) if want != got]
    assert len(gifts) > 400
    assert not wrong, f"{len(wrong)} of {len(gifts)}: {wrong[:5]}"
