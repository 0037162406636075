"""What dbt finds in its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.transform import project


def test_dbt_is_sent_to_the_last_parse_only_if_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = tmp_path / "partial_parse.msgpack"
    monkeypatch.setattr(project, "_PARSED", parsed)
    assert str(parsed) not in project.dbt_environment(tmp_path, 1).values()
    parsed.touch()
    assert str(parsed) in project.dbt_environment(tmp_path, 1).values()
