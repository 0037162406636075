"""Where a ruleset's keys stand in its file, so that a score can be held against the line that gave it.

Here: line numbers by section and id. Not here: what the keys mean (pipelines/rulesets).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from pipelines.settings import PROJECT


@dataclass(frozen=True)
class RuleFile:
    """The file of a ruleset."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the project."""
        return self.path.relative_to(PROJECT).as_posix()

    @cached_property
    def _text(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def _lines(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        root = yaml.compose("\n".join(self._text), Loader=yaml.BaseLoader)
        for key, value in root.value if root else ():
            found[key.value, ""] = key.start_mark.line + 1
            self._gather(key.value, value, found)
        return found

    def _gather(self, section: str, node: yaml.Node, found: dict[tuple[str, str], int]) -> None:
        """Every mapping below a section that has an `id` or a `ref`, at the line where it starts."""
        if isinstance(node, yaml.SequenceNode):
            for child in node.value:
                self._gather(section, child, found)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value in ("id", "ref") and isinstance(value, yaml.ScalarNode):
                    found.setdefault((section, value.value), node.start_mark.line + 1)
                else:
                    self._gather(section, value, found)

    def line(self, section: str, name: str = "") -> int:
        """The line of a section, or of the entry of that id in it."""
        return self._lines[section, name]

    def place(self, section: str, name: str = "") -> str:
        """`dbt_project/rulesets/zj315-county/2023.1.yml:57`."""
        return f"{self.name}:{self.line(section, name)}"

    def text(self, section: str, name: str = "") -> str:
        """The line itself."""
        return self._text[self.line(section, name) - 1].strip()
