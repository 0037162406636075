"""How near a county is to its next star and to losing one: in points, by indicator, and by the cheapest path, for a scored scenario.

Here: putting the three together. Not here: each of them (pipelines/robustness/margins.py, margins.py, path.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.robustness.margins import star_margins
from pipelines.robustness.measures import as_published
from pipelines.whatif.margins import Margin, margins
from pipelines.whatif.neighbourhood import Neighbourhood
from pipelines.whatif.path import Path, cheapest_path
from pipelines.whatif.scenarios import Scenario


@dataclass(frozen=True)
class NearStars:
    """One county under one scenario; points are those added to or taken from its total, none where points cannot do it."""

    county: str
    points_to_next_star: float | None
    points_to_lose_star: float | None
    by_indicator: list[Margin]
    path: Path | None


def near_stars(scenario: Scenario, quarter: str, county: str) -> NearStars:
    """The margins of a county as a scenario stands; a usage error if the rules do not rank it."""
    place = Neighbourhood(
        scenario.ruleset,
        scenario.values,
        scenario.groups,
        scenario.events,
        quarter,
        county,
        lambda changed: scenario.followers(changed, county),
        scenario.catalogue,
    )
    standing, totals = as_published(place.scored)
    rule = standing.headline_star
    points = (float("nan"), float("nan"))
    if rule is not None:
        gain, loss = star_margins(standing, totals, place.tree.root["node"], rule)
        points = (float(gain[place.row]), float(loss[place.row]))
    shown = [None if value != value else value for value in points]
    return NearStars(county, shown[0], shown[1], margins(place), cheapest_path(place))
