"""The scoring tests' inputs, for the tests of explanations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scoring"))
from scoring_example import Example


@pytest.fixture
def example() -> Example:
    """A fresh copy of the worked example, for a test to change."""
    return Example()


@pytest.fixture
def later() -> Example:
    """Another copy of the worked example: the side after, for a test to change."""
    return Example()
