"""Files that people edit: YAML read strictly, so that a typo is an error with its place and never a rule that does nothing.

Here: reading, keys. Not here: what the keys mean (suites, waivers).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import UsageError


def read_yaml(path: Path) -> Any:
    """A YAML file that people edit; a usage error where it cannot be parsed or holds a key twice."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: found {' '.join(str(error).split())}; expected YAML in UTF-8") from error


def check_keys(entry: Any, required: Iterable[str], optional: Iterable[str], where: str) -> dict[str, Any]:
    """The entry as a mapping with all required keys and no unknown one; else a usage error naming the place."""
    required, optional = set(required), set(optional)
    if not isinstance(entry, dict):
        raise UsageError(f"{where}: found {type(entry).__name__}; expected a mapping with {', '.join(sorted(required))}")
    if unknown := sorted(str(key) for key in set(entry) - required - optional):
        raise UsageError(f"{where}: found unknown key {', '.join(unknown)}; expected {', '.join(sorted(required | optional))}")
    if missing := sorted(required - set(entry)):
        raise UsageError(f"{where}: found no {', '.join(missing)}; expected {', '.join(sorted(required))}")
    return entry


class _StrictLoader(yaml.CSafeLoader):
    """SafeLoader (libyaml's, ten times as fast) that refuses a key given twice instead of keeping the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping, if every key of the file is a key of it."""
        made = super().construct_mapping(node, deep)
        if len(made) != len(node.value):
            raise yaml.constructor.ConstructorError(problem="found a key twice", problem_mark=node.start_mark)
        return made
