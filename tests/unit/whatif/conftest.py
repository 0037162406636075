"""Inputs of the tests: the scoring tests' example for comparisons, a small edition and questions put to it for answers."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scoring"))
from scoring_example import Example
from small_edition import QUARTER, Ask, SmallEdition, small_edition

from pipelines.warehouse import Warehouse
from pipelines.whatif import edition as edition_module
from pipelines.whatif import scenarios
from pipelines.whatif.answer import Answer, Question, answer


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> SmallEdition:
    return small_edition(tmp_path_factory.mktemp("template") / "root")


@pytest.fixture
def small(template: SmallEdition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallEdition:
    """A copy of the template, for a test to change."""
    root = template.rulesets.parent
    shutil.copytree(root, tmp_path / "root")
    made = replace(template, warehouse=Warehouse(tmp_path / "root" / "warehouse"), rulesets=tmp_path / "root" / "rulesets")
    monkeypatch.setattr(edition_module, "RULESETS", made.rulesets)
    monkeypatch.setattr(scenarios, "RULESETS", made.rulesets)
    return made


@pytest.fixture
def ask(small: SmallEdition) -> Ask:
    """Put a question by the fields of `Question` and get its answer."""

    def put(**fields: object) -> Answer:
        return answer(Question(QUARTER, **fields), small.warehouse)

    return put


@pytest.fixture
def example() -> Example:
    """A fresh copy of the worked example, for a test to change."""
    return Example()


@pytest.fixture
def later() -> Example:
    """Another copy of the worked example: the side after, for a test to change."""
    return Example()
