"""From exact parts to a reading: value in the unit shown, numerator and denominator undivided, status ("Rows and readings")."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Reading:
    """One indicator value; `exact` is the value before it becomes a double."""

    value: float | None
    numerator: float | None
    denominator: float | None
    status: str
    exact: Fraction | None = None


def _double(number: Decimal | Fraction | int | None) -> float | None:
    return None if number is None else float(number)


def _valued(exact: Fraction, numerator: Decimal | int | None = None, denominator: Decimal | int | None = None) -> Reading:
    return Reading(float(exact), _double(numerator), _double(denominator), "value", exact)


def not_published() -> Reading:
    """The calendar says that this period has none."""
    return Reading(None, None, None, "not_published")


def missing() -> Reading:
    """It should be there and is not."""
    return Reading(None, None, None, "missing")


def amount(number: Decimal | int | None, per_unit: int) -> Reading:
    """A sum or a level, shown in units of `per_unit`."""
    return missing() if number is None else _valued(Fraction(number) / per_unit)


def as_delivered(number: Decimal | None) -> Reading:
    """A value that the office computed."""
    return amount(number, 1)


def ratio(numerator: Decimal | int | None, denominator: Decimal | int | None, factor: int) -> Reading:
    """`factor` × numerator / denominator, of the sums."""
    if numerator is None or denominator is None:
        return Reading(None, _double(numerator), _double(denominator), "missing")
    if denominator == 0:
        return Reading(None, _double(numerator), _double(denominator), "not_applicable")
    return _valued(factor * Fraction(numerator) / Fraction(denominator), numerator, denominator)


def growth(now: Decimal | int | None, base: Decimal | int | None) -> Reading:
    """Per cent against the same year-to-date period of the year before."""
    if now is None or base is None:
        return Reading(None, _double(now), _double(base), "missing")
    if base == 0:
        return Reading(None, _double(now), _double(base), "not_applicable")
    return _valued(100 * (Fraction(now) - Fraction(base)) / Fraction(base), now, base)


def difference(now: Reading, before: Reading) -> Reading:
    """Points between two readings; it has no parts of its own in yuan."""
    if now.exact is None or before.exact is None:
        without = now if now.exact is None else before
        statuses = {now.status, before.status}
        return missing() if "missing" in statuses else Reading(None, None, None, without.status)
    return _valued(now.exact - before.exact)
