"""The small edition, and questions put to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_edition import QUARTER, Ask, SmallEdition, small_edition

from pipelines.whatif import edition as edition_module
from pipelines.whatif import scenarios
from pipelines.whatif.answer import Answer, Question, answer


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallEdition:
    made = small_edition(tmp_path)
    monkeypatch.setattr(edition_module, "RULESETS", made.rulesets)
    monkeypatch.setattr(scenarios, "RULESETS", made.rulesets)
    return made


@pytest.fixture
def ask(small: SmallEdition) -> Ask:
    """Put a question by the fields of `Question` and get its answer."""

    def put(**fields: object) -> Answer:
        return answer(Question(QUARTER, **fields), small.warehouse)

    return put
