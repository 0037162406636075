"""All mutations of tests/unit/scoring/test_mutations.py, which tries every fourth."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "scoring"))
from test_mutations import Files, check, other, worked


@pytest.mark.parametrize("world", [worked, other])
def test_no_mutation_at_all_gives_a_wrong_total_unsaid(tmp_path: Path, world: Callable[[], Files]) -> None:
    check(tmp_path, world, 1)
