"""Fixtures of the scoring tests."""

from __future__ import annotations

import pytest
from scoring_example import Example


@pytest.fixture
def example() -> Example:
    """A fresh copy of the worked example, for a test to change."""
    return Example()
