"""How dbt is called: what it finds in its environment, and that nothing of it is made twice."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from pipelines.transform import project
from pipelines.transform.assets import dbt_resource


def test_dbt_is_sent_to_the_last_parse_only_if_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = tmp_path / "partial_parse.msgpack"
    monkeypatch.setattr(project, "_PARSED", parsed)
    assert str(parsed) not in project.dbt_environment(tmp_path, 1).values()
    parsed.touch()
    assert str(parsed) in project.dbt_environment(tmp_path, 1).values()


def test_dbt_is_called_without_an_adapter_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_DBT_VERSION", version("dbt-core"))
    invocation = dbt_resource().cli(["--version"], target_path=tmp_path)
    assert invocation.process.wait() == 0
    assert invocation.adapter is None
