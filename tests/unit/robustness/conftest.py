"""Fixtures of the robustness tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scoring"))
from scored_worlds import WORLDS, Worlds
from scoring_example import Example

from pipelines.robustness.scored import Scored, read_scored, rules_of, slices_of
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten


@pytest.fixture(scope="session")
def worlds() -> Worlds:
    return Worlds(WORLDS)


@pytest.fixture(scope="session")
def example() -> Scored:
    """The arrays of the worked example."""
    made = Example()
    ruleset = parse_ruleset(made.rules, "example.yml")
    slices = slices_of(made.score(), "official")[ruleset.name, "2025Q1"]
    return read_scored(slices, rules_of(flatten([ruleset]), ruleset.name), "2025Q1")
