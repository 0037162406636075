"""Formulas: from the sums of a cell's terms to its value, in the very arithmetic of the models, and as text with the numbers in it.

Here: exact decimals, one rounding to a double per figure, status. Not here: which contributions a term has (recipes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from pipelines.tracing.recipes import DELIVERED, DIFFERENCE, GROWTH, LEDGER, RATIO, SUM, Recipe

_EXACT = Context(prec=60)
Sums = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Outcome:
    """A cell as its edition publishes it; figures are None where it has none."""

    value: float | None
    numerator: float | None
    denominator: float | None
    status: str


def outcome(recipe: Recipe, sums: Sums) -> Outcome:
    """What the sums of the terms, by name, give; None for a term without a value."""
    if recipe.rule == LEDGER:
        value = _double(sums["delivered"])
        return Outcome(value, _double(sums["numerator"]), _double(sums["denominator"]), "missing" if value is None else "value")
    status = _status(recipe, sums)
    shown = sums if recipe.is_published else dict.fromkeys(sums)
    numerator = _double(shown["numerator"]) if recipe.rule in (RATIO, GROWTH) else None
    below = {RATIO: "denominator", GROWTH: "base_numerator"}.get(recipe.rule)
    denominator = _double(shown[below]) if below else None
    return Outcome(_value(recipe, sums) if status == "value" else None, numerator, denominator, status)


def _status(recipe: Recipe, sums: Sums) -> str:
    if not recipe.is_published:
        return "not_published"
    if any(sums[name] is None for name in recipe.terms):
        return "missing"
    divisors = {RATIO: ("denominator",), DIFFERENCE: ("denominator", "base_denominator"), GROWTH: ("base_numerator",)}
    return "not_applicable" if any(sums[name] == 0 for name in divisors.get(recipe.rule, ())) else "value"


def _value(recipe: Recipe, sums: Sums) -> float:
    numbers = {name: amount for name, amount in sums.items() if amount is not None}
    numerator, multiplier = numbers["numerator"], float(recipe.multiplier)
    if recipe.rule == SUM:
        return float(_EXACT.divide(numerator, Decimal(recipe.divisor)))
    if recipe.rule == DELIVERED:
        return float(numerator)
    if recipe.rule == RATIO:
        return multiplier * float(numerator) / float(numbers["denominator"])
    base = numbers["base_numerator"]
    if recipe.rule == GROWTH:
        return multiplier * float(_EXACT.subtract(numerator, base)) / float(base)
    now = multiplier * float(numerator) / float(numbers["denominator"])
    return now - multiplier * float(base) / float(numbers["base_denominator"])


def _double(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def formula(recipe: Recipe) -> str:
    """The rule in names: `100 × TECH_TX.amount / GDP.amount`."""
    return _written(recipe, {name: f"{term.indicator}.{term.role}" + _when(name) for name, term in recipe.terms.items()})


def formula_with_numbers(recipe: Recipe, sums: Sums) -> str:
    """The rule with the sums in it: `100 × 23598000000 / 245700000000`; a term without a value reads `(missing)`."""
    return _written(recipe, {name: plain(sums[name]) if sums[name] is not None else "(missing)" for name in recipe.terms})


def _when(name: str) -> str:
    return " a year before" if name.startswith("base_") else ""


def _written(recipe: Recipe, terms: Mapping[str, str]) -> str:
    if recipe.rule == LEDGER:
        return terms["delivered"]
    by = f"{recipe.multiplier} × " if recipe.multiplier != 1 else ""
    if recipe.rule == SUM:
        return terms["numerator"] + (f" / {recipe.divisor}" if recipe.divisor != 1 else "")
    if recipe.rule == DELIVERED:
        return terms["numerator"]
    if recipe.rule == RATIO:
        return f"{by}{terms['numerator']} / {terms['denominator']}"
    if recipe.rule == GROWTH:
        return f"{by}({terms['numerator']} - {terms['base_numerator']}) / {terms['base_numerator']}"
    now, before = (f"{by}{terms[f'{side}numerator']} / {terms[f'{side}denominator']}" for side in ("", "base_"))
    return f"{now} - {before}"


def plain(amount: Decimal | None) -> str:
    """A decimal without an exponent and without closing zeros; empty for None."""
    if amount is None:
        return ""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
