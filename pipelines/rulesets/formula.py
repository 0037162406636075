"""`combine: {formula: "…"}`: a product of the children's scores, each as it is or as 1 − x, multiplied or divided by.

Here: reading the text. Not here: which children the node has (tree.py), what the product is (score_nodes.sql).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.rulesets.section import Section

FACTORS_AT_MOST = 6
_NAME = r"[^\W\d]\w*(?:[.-]\w+)*"
_FACTOR = re.compile(rf"(?P<plain>{_NAME})|[(（]\s*1\s*[-−]\s*(?P<complement>{_NAME})\s*[)）]")
_FORM = "factors with × or ÷ between them, each the id of a child or (1 - id), such as 'score × coefficient × (1 - deduction) ÷ base'"


@dataclass(frozen=True)
class Factor:
    """One factor: the child that it names, whether it divides, whether it is 1 − x."""

    child: str
    is_divisor: bool
    is_complement: bool


def read_formula(section: Section, key: str) -> list[Factor]:
    """The factors in the order of the text; each child once, the first one never a divisor."""
    text = section.text(key)
    parts = re.split(r"([*/×÷])", text)
    found: list[Factor] = []
    for sign, part in zip(("×", *parts[1::2]), parts[::2], strict=True):
        match = _FACTOR.fullmatch(part.strip())
        if match is None:
            section.refuse(key, repr(part.strip() or text), _FORM)
        name = match["plain"] or match["complement"]
        if any(factor.child == name for factor in found):
            section.refuse(key, f"{name!r} again", "each child once")
        found.append(Factor(name, sign in "/÷", match["plain"] is None))
    if len(found) > FACTORS_AT_MOST:
        section.refuse(key, f"{len(found)} factors", f"at most {FACTORS_AT_MOST} (a factor may be a node with a formula of its own)")
    return found
