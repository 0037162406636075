"""Chinese words for the names of nodes, groups, ranks and star rules that rulesets give in Latin letters (words.yml).

Here: looking one up. Not here: names of indicators, which the catalogue and the rulesets have in Chinese.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

WORDS = Path(__file__).resolve().parent / "words.yml"
Kind = Literal["nodes", "groups", "populations", "ranks", "stars"]


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


def word(kind: Kind, name: str) -> str:
    """The Chinese word, or the name itself if there is none."""
    return _words()[kind].get(name, name)
