"""An empty drop folder for the oracle's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from oracle_drop import Drop


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path)
