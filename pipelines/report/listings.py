"""Listings: the ranking of an edition taken apart by ruleset, in the one order in which every output shows them.

Here: which ruleset leads, and by which place its counties are listed. Not here: layout, words for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """The counties that one ruleset ranks, best first, those without a place last.

    `place` is the column of their place: `rank_province` if the ruleset ranks the province, else `rank_city`; `scope` says among
    whom, in Chinese.
    """

    ruleset: str
    place: str
    scope: str
    rows: list[Row]

    @property
    def is_of_province(self) -> bool:
        """Whether it ranks the province, so that cities and places within them stand beside."""
        return self.place == "rank_province"

    @property
    def has_ranges(self) -> bool:
        """Whether any county has an interval of ranks."""
        return any(row["rank_p05"] is not None for row in self.rows)

    @property
    def has_margins(self) -> bool:
        """Whether any county has a margin to a star."""
        return any(row["margin_to_next_star"] is not None or row["margin_to_lose_star"] is not None for row in self.rows)


def listings(ranking: Sequence[Row]) -> list[Listing]:
    """A listing per ruleset of the ranking's rows; the ruleset with the most counties leads, of equals the first by name."""
    of_ruleset: dict[str, list[Row]] = {}
    for row in ranking:
        of_ruleset.setdefault(row["ruleset"], []).append(row)
    return [_listing(ruleset, of_ruleset[ruleset]) for ruleset in sorted(of_ruleset, key=lambda name: (-len(of_ruleset[name]), name))]


def _listing(ruleset: str, rows: list[Row]) -> Listing:
    is_of_province = any(row["rank_province"] is not None for row in rows)
    place = "rank_province" if is_of_province else "rank_city"
    cities = {row["city_name"] for row in rows if row["city_name"]}
    scope = "全省" if is_of_province else cities.pop() if len(cities) == 1 else "各市"
    return Listing(ruleset, place, scope, sorted(rows, key=lambda row: (row[place] is None, row[place] or 0, row["region_code"])))
