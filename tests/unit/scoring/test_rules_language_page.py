"""docs/rules-language.md says what the loader does: every example loads, every refusal is the loader's, no key is left out."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
import yaml

from pipelines.errors import UsageError
from pipelines.rulesets.indicators import _POLICIES, PARTS
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.outside import ROBUSTNESS, UNUSED
from pipelines.rulesets.outside_tables import STATES
from pipelines.rulesets.scores import METHODS, TIES
from pipelines.rulesets.tree import _PLAIN, _WITH_VALUE
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "rules-language.md").read_text(encoding="utf-8")
BASE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("| ").split(" | ")]
    for line in PAGE.partition("## Keys")[2].partition("Words:")[0].split("\n")
    if line.startswith("| `")
]
LOADER = PROJECT / "pipelines" / "rulesets"
READERS = {
    *("raw", "text", "identifier", "choice", "number", "maybe_number", "whole", "flag", "pair", "interval"),
    *("items", "names", "inside", "each"),
}


def loaded_with(path: str, value: str) -> None:
    """Load the page's ruleset with one key changed."""
    document = yaml.load(BASE, Loader=yaml.BaseLoader)
    keys: list[Any] = [int(key[1:-1]) if key[0] == "[" else key for key in re.findall(r"\[\d+\]|[^.\[\]]+", path)]
    inner = document
    for key in keys[:-1]:
        if isinstance(inner, dict) and not isinstance(inner.get(key), dict | list):
            inner[key] = {}
        inner = inner[key]
    inner[keys[-1]] = yaml.load(value, Loader=yaml.BaseLoader)
    parse_ruleset(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "office.yml")


def keys_of_the_loader() -> set[str]:
    """Every key that the loader's source asks a section for by name."""
    found: set[str] = set()
    for path in (LOADER / f"{name}.py" for name in ("language", "indicators", "scores", "tree", "outcome", "formula")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS and node.args:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(node.left, ast.Constant):
                found.add(node.left.value)
    return {key for key in found if isinstance(key, str)}


def test_the_ruleset_of_the_page_loads() -> None:
    assert parse_ruleset(BASE, "office.yml").name == "office/2025.1"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_an_example_loads_and_a_refusal_is_the_loaders(row: list[str]) -> None:
    path, _, _, example, refused, because = row
    if example != "—":
        loaded_with(path, example)
    with pytest.raises(UsageError) as error:
        loaded_with(path, refused)
    assert str(error.value).partition(": found ")[2] == because.removeprefix("found ")


def test_every_key_and_word_of_the_loader_stands_on_the_page() -> None:
    known = keys_of_the_loader()
    assert len(known) > 80
    words = {*known, *METHODS, *TIES, *STATES, *PARTS, *_PLAIN, *_WITH_VALUE, *_POLICIES, *ROBUSTNESS, *UNUSED}
    words |= {policy for policies in _POLICIES.values() for policy in policies}
    on_the_page = set(re.findall(r"\w+", PAGE))
    assert sorted(words - on_the_page - {f"p_star_{star}" for star in (2, 3, 4)}) == []
