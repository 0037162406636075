"""Whether a score method rewards what the indicator's direction calls better (docs/scoring.md, Directions).

Here: the checks that a ruleset alone allows. Not here: what only the values tell (score_component_scores.sql fails there).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.rulesets.parameters import Row
from pipelines.rulesets.section import Section

_FALLING = "a score that falls as the value rises, because lower is better"
_RISING = "a score that rises with the value, because higher is better (lower is better: 'direction: down')"


@dataclass(frozen=True)
class Scored:
    """One component with its `score:` section, bands and points."""

    section: Section
    row: Row
    bands: list[Row]
    points: list[Row]

    @property
    def falls(self) -> bool:
        """Whether the stated scores never rise with the value and somewhere fall."""
        ys = self._scores_by_value()
        return all(right <= left for left, right in pairwise(ys)) and ys[-1:] < ys[:1]

    @property
    def rises(self) -> bool:
        """Whether the stated scores never fall with the value and somewhere rise."""
        ys = self._scores_by_value()
        return all(left <= right for left, right in pairwise(ys)) and ys[:1] < ys[-1:]

    def _scores_by_value(self) -> list[float]:
        if self.row["method"] == "goalposts":
            return [0.0, 1.0] if self.row["worst"] < self.row["best"] else [1.0, 0.0]
        if self.points:
            return [point["y"] for point in self.points]
        return [y for _, y in sorted(_bands_by_edge(self.bands))]


def check_directions(indicator: Row, is_written: bool, components: Sequence[Scored]) -> None:
    """Refuse a component that contradicts the direction; a direction that is left out is the one that all stated scores have."""
    levels = [each for each in components if each.row["change"] != "rank_gain"]
    if not is_written and levels == list(components) and all(each.falls for each in levels):
        indicator["direction"] = "down"
    for each in components:
        # A gain of places is better the larger it is, whatever the direction.
        direction = "up" if each.row["change"] == "rank_gain" else indicator["direction"]
        _check_stated(each, direction)
        _check_ratio(each, direction)
        if direction == "target":
            _check_distances(each)
        if each.row["method"] == "given" and direction != "up":
            each.section.refuse(
                "method", f"'given' under direction '{direction}'", "no direction: a given score is better the higher it is"
            )


def _check_stated(each: Scored, direction: str) -> None:
    if each.row["method"] not in ("goalposts", "piecewise", "steps"):
        return
    key = {"goalposts": "worst", "piecewise": "points", "steps": "bands"}[each.row["method"]]
    if direction == "down" and each.rises:
        each.section.refuse(key, "a score that rises with the value under direction 'down'", _FALLING)
    if direction != "down" and each.falls:
        each.section.refuse(key, f"a score that falls as the value rises under direction '{direction}'", _RISING)


def _check_ratio(each: Scored, direction: str) -> None:
    method = each.row["method"]
    if method in ("ratio_to_best", "ratio_to_target") and direction == "target":
        each.section.refuse("method", f"'{method}' under direction 'target'", "another method: a distance from the ideal has no ratio")
    if method == "ratio_to_target" and direction == "up" and each.row["target"] < 0:
        each.section.refuse("target", f"{each.row['target']:g} under direction 'up'", "a target above zero, because higher is better")


def _check_distances(each: Scored) -> None:
    """Under `target` a method sees minus the distance from the ideal, which is never above zero."""
    expected = "minus the distance from the ideal, which is at most 0"
    found = [(key, each.row[key]) for key in ("worst", "best", "centre") if each.row.get(key) is not None]
    found += [(f"points[{number}]", point["x"]) for number, point in enumerate(each.points)]
    for number, band in enumerate(each.bands):
        found += [(f"bands[{number}]", band[key]) for key in ("ge", "gt", "le", "lt") if band.get(key) is not None]
    for key, value in found:
        if value > 0:
            each.section.refuse(key, f"{value:g} under direction 'target'", expected)
    if each.row.get("transform") == "ln":
        each.section.refuse("transform", "'ln' under direction 'target'", f"no logarithm: values are {expected}")


def _bands_by_edge(bands: list[Row]) -> list[tuple[float, float]]:
    """Each band's lower edge and score; the loader has checked that they follow one another from the ends of the line."""
    found: list[tuple[float, float]] = []
    low, high = float("-inf"), float("inf")
    for band in bands:
        lower = next((band[key] for key in ("ge", "gt") if band.get(key) is not None), low)
        upper = next((band[key] for key in ("le", "lt") if band.get(key) is not None), high)
        found.append((max(lower, low), band["y"]))
        low, high = (low, lower) if upper >= high else (upper, high)
    return found
