"""One county among all others, and what becomes of it when its own values change with all that follows from them.

Here: the surroundings seen from one county. Not here: scoring (surroundings.py), which changes to try (margins.py, path.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.language import Ruleset
from pipelines.whatif.possible import Possible, possible
from pipelines.whatif.surroundings import Outcome, Surroundings

Followers = Callable[[dict[str, float]], dict[str, float]]


class Neighbourhood:
    """A county (`unit`) among all others, under one ruleset in one period; `now` is the outcome of no change.

    `values`, `groups` and `events` are the models' inputs of one scenario (its name does not matter). `followers` gives the unit's
    other values that follow from changed ones by definition; they move along. The catalogue says which values are possible.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        values: pa.Table,
        groups: pa.Table,
        events: pa.Table,
        period: str,
        unit: str,
        followers: Followers = lambda _: {},
        catalogue: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._catalogue = catalogue or {}
        self.surroundings = Surroundings(ruleset, values, groups, events, period)
        self.ruleset, self.unit, self.followers = ruleset, unit, followers
        self.scored, self.tree = self.surroundings.scored, self.surroundings.tree
        if unit not in self.surroundings.rows:
            raise UsageError(f"{unit}: found no such unit under {ruleset.name} in {period}; expected one of its population")
        self.row = self.surroundings.rows[unit]
        self.now = self.surroundings.now(unit)

    def movable(self) -> dict[str, float]:
        """The county's value of each indicator that has a score now, by indicator."""
        return self.surroundings.movable(self.unit)

    def possible(self, indicator: str) -> Possible:
        """The values that an indicator can have."""
        return possible(self._catalogue.get(indicator, {}))

    def everyone(self, indicator: str) -> Floats:
        """The values of all units that are scored, in the period."""
        return self.surroundings.everyone(indicator)

    def after_single(self, changes: Sequence[tuple[str, float]]) -> Outcome:
        """The outcome of each change of one indicator's value to another one."""
        return self.after_all([{indicator: value} for indicator, value in changes])

    def after_all(self, bundles: Sequence[dict[str, float]]) -> Outcome:
        """The outcome of each bundle of changes made together, with what follows from them."""
        movable = self.movable().keys()
        bundles = [{name: value for name, value in self.followers(bundle).items() if name in movable} | bundle for bundle in bundles]
        return self.surroundings.after([(self.unit, bundle) for bundle in bundles])
