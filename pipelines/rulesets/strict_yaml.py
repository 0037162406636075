"""YAML as rulesets are written: mappings, lists and text, nothing else.

Here: every scalar stays the text that stands in the file (no YAML 1.1 booleans, no numbers, no dates), keys are unique, and the
line of every key and list item is known.
Not here: what a key means (`section.py` reads typed values, `language.py` the rule language).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import yaml

from pipelines.errors import UsageError

_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_DEEPEST = 60
_MOST_NODES = 100_000


@dataclass(frozen=True)
class Source:
    """The file named in errors, with the line of each path that stands in it (`tree.children[0].ref`)."""

    name: str
    lines: dict[str, int] = field(default_factory=dict)

    def where(self, path: str) -> str:
        """File, line and path; a key that is not there has the line of the nearest mapping or list above it."""
        above = path
        while above and above not in self.lines:
            above = above[: max(above.rfind("."), above.rfind("["), 0)]
        line = self.lines.get(above, 1)
        return f"{self.name}: line {line}: {path or 'top level'}"


def parse(text: str, name: str) -> tuple[Any, Source]:
    """The one document of `text` as dicts, lists and strings, and its source; `name` is the file named in errors."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}: line {mark.line + 1}" if mark else name
        raise UsageError(f"{where}: not readable as YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: found nesting too deep to read; expected at most {_DEEPEST} levels") from error
    if node is None:
        raise UsageError(f"{name}: line 1: found an empty file; expected a ruleset")
    source = Source(name)
    return _plain(node, "", source, 0, count()), source


def _plain(node: yaml.Node, path: str, source: Source, depth: int, nodes: Iterator[int]) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    where = source.where(path)
    if next(nodes) > _MOST_NODES:
        raise UsageError(f"{where}: found more than {_MOST_NODES} values, aliases written out; expected fewer")
    if depth > _DEEPEST:
        raise UsageError(f"{where}: found nesting deeper than {_DEEPEST} levels")
    if node.tag not in _PLAIN_TAGS:
        raise UsageError(f"{where}: found the YAML tag {node.tag}; expected plain text, a list or a mapping")
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, f"{path}[{index}]", source, depth + 1, nodes) for index, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key_node, child in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise UsageError(f"{where}: found a list or mapping as a key; expected text")
        key, line = str(key_node.value), key_node.start_mark.line + 1
        inner = f"{path}.{key}" if path else key
        if key in found:
            before, source.lines[inner] = source.lines[inner], line
            raise UsageError(f"{source.where(inner)}: found the key again, as in line {before}; expected it once")
        source.lines[inner] = line
        found[key] = _plain(child, inner, source, depth + 1, nodes)
    return found
