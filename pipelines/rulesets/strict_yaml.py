"""YAML as rulesets are written: mappings, lists and text, nothing else.

Here: every scalar stays the text that stands in the file (no YAML 1.1 booleans, no numbers, no dates), and keys are unique.
Not here: what a key means (`section.py` reads typed values, `language.py` the rule language).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import yaml

from pipelines.errors import UsageError

_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_DEEPEST = 60
_MOST_NODES = 100_000


def parse(text: str, name: str) -> Any:
    """The one document of `text` as dicts, lists and strings; `name` is the file named in errors."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: found nesting too deep to read; expected at most {_DEEPEST} levels") from error
    if node is None:
        raise UsageError(f"{name}: found an empty file; expected a ruleset")
    return _plain(node, "", name, 0, count())


def _plain(node: yaml.Node, path: str, name: str, depth: int, nodes: Iterator[int]) -> Any:
    where = f"{name}: {path or 'top level'}"
    if next(nodes) > _MOST_NODES:
        raise UsageError(f"{where}: found more than {_MOST_NODES} values, aliases written out; expected fewer")
    if depth > _DEEPEST:
        raise UsageError(f"{where}: found nesting deeper than {_DEEPEST} levels")
    if node.tag not in _PLAIN_TAGS:
        raise UsageError(f"{where}: found the YAML tag {node.tag}; expected plain text, a list or a mapping")
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, f"{path}[{index}]", name, depth + 1, nodes) for index, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key_node, child in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise UsageError(f"{where}: found a list or mapping as a key (line {key_node.start_mark.line + 1}); expected text")
        key = str(key_node.value)
        inner = f"{path}.{key}" if path else key
        if key in found:
            raise UsageError(f"{name}: {inner}: found the key twice (line {key_node.start_mark.line + 1}); expected it once")
        found[key] = _plain(child, inner, name, depth + 1, nodes)
    return found
