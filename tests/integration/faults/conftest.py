"""The bench that all fault tests share: the small office copied once, the models' SQL compiled for it once, one reading process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from pipelines.landing import files
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.settings import PROJECT
from pipelines.transform.project import dbt_environment
from tests.conftest import Office
from tests.integration.broken_deliveries import copied
from tests.integration.faults.bench import QUARTER, Bench


class SharedReader(WorkbookReader):
    """The reader of workbooks, whose process outlives the landing that started it."""

    def __exit__(self, *_: object) -> None:
        return None


def rendered(hook: str, model: str) -> str:
    """The SQL of a step after a table, as dbt renders it for the quarter."""
    macros = (PROJECT / "dbt_project" / "macros" / "landed.sql").read_text(encoding="utf-8")
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(macros + hook)
    return template.render(this=model, in_quarters=lambda column: f"{column} = '{QUARTER}'").strip()


@pytest.fixture(scope="session")
def bench(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = tmp_path_factory.mktemp("faults")
    office = copied(small, root)
    command = [str(Path(sys.executable).parent / "dbt"), "compile", "--quiet"]
    for option in ("--project-dir", "--profiles-dir"):
        command += [option, str(PROJECT / "dbt_project")]
    command += ["--target-path", str(root / "target"), "--log-path", str(root / "log")]
    environment = os.environ | dbt_environment(office.warehouse, 2) | {"RUN_QUARTERS": QUARTER, "RUN_SCORED": QUARTER}
    done = subprocess.run(command, cwd=office.warehouse, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    compiled = {path.stem: path.read_text(encoding="utf-8") for path in (root / "target" / "compiled").rglob("*.sql")}
    nodes = json.loads((root / "target" / "manifest.json").read_bytes())["nodes"].values()
    hooks = {node["name"]: hook["sql"] for node in nodes if node["resource_type"] == "model" for hook in node["config"]["post-hook"]}
    made = Bench(office, compiled, {model: rendered(hook, model) for model, hook in hooks.items()})
    reader = SharedReader()
    original = files.WorkbookReader
    files.WorkbookReader = lambda: reader
    try:
        yield made
    finally:
        files.WorkbookReader = original
        WorkbookReader.__exit__(reader, None, None, None)


@pytest.fixture(scope="session")
def served_at_first(bench: Bench) -> dict[str, str]:
    return bench.served()


@pytest.fixture(autouse=True)
def nothing_that_is_served_changes(bench: Bench, served_at_first: dict[str, str]) -> Iterator[None]:
    """Editions and latest.json are byte for byte what they were, whatever was delivered."""
    assert "latest.json" in served_at_first
    yield
    assert bench.served() == served_at_first
