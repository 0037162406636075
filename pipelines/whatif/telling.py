"""Explanations and margins as a person or a machine reads them.

Here: tables for the terminal, JSON documents. Not here: what is in them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from pipelines.whatif.explanation import Change, Effects, Explanation, UnitChange
from pipelines.whatif.margins import GOALS
from pipelines.whatif.near_stars import NearStars

if TYPE_CHECKING:
    from rich.console import Console

_GOALS = dict(zip(GOALS, ("gains a star", "loses a star", "gains a place", "loses a place"), strict=True))


def show_explanation(found: Explanation, names: dict[str, str], units: list[UnitChange], out: Console) -> None:
    """Every unit in a line; for one unit alone its subjects too."""
    table = Table(
        *("county", "total", "→", "values", "weights", "rules", "membership"),
        *("place", "→", "data", "rules", "membership", "stars", "→", "unchanged rules"),
    )
    for unit in units:
        table.add_row(
            f"{unit.unit} {names.get(unit.unit, '')}",
            *_pair(unit.total_raw, 2),
            *_four(unit.total_effects, unit.weights_effect),
            *_pair(unit.place, 0),
            *_rises(unit.place_effects),
            *_pair(unit.stars, 0),
            _number(unit.place_under_unchanged_rules, 0),
        )
    out.print(table)
    if len(units) == 1:
        out.print(_subjects(units[0]))
        out.print(f"own change {_risen(units[0].own)} places, the others' {_risen(units[0].others)}", markup=False)
        out.print(f"Monte Carlo error of a contribution to a place: at most {found.place_standard_error:.3f}", markup=False)
    for word, codes in (("entered", found.entered), ("left", found.left)):
        if codes:
            out.print(f"{word}: {', '.join(codes)}", markup=False)
    for code, reason in found.undetermined.items():
        out.print(f"{code}: effects cannot be told apart: {reason}", markup=False)


def _subjects(unit: UnitChange) -> Table:
    table = Table("", "points", "→", "value", "weights", "rules", "membership", "places")
    for subject in unit.subjects:
        effects = _four(subject.effects, subject.weights_effect)
        if (subject.points.before or 0) == (subject.points.after or 0) == 0 and not subject.place_contribution:
            continue
        table.add_row(subject.subject, *_pair(subject.points, 4), *effects, _risen(subject.place_contribution))
    return table


def explanation_document(found: Explanation, names: dict[str, str], units: list[UnitChange]) -> dict[str, Any]:
    """The explanation for machines."""
    return asdict(found) | {"units": [{"name": names.get(unit.unit, "")} | asdict(unit) for unit in units]}


def show_near_stars(found: NearStars, title: str, out: Console) -> None:
    """The margins of one county: points, then each indicator, then the cheapest path."""
    short, spare = _number(found.points_to_next_star, 6), _number(found.points_to_lose_star, 6)
    out.print(f"{title}: {short} points to the next star, {spare} to the loss of one", markup=False)
    table = Table(
        "indicator",
        "value",
        *_GOALS.values(),
        title="smallest change of one value, with what follows from it by definition; all else as it is",
    )
    for margin in found.by_indicator:
        table.add_row(margin.indicator, f"{margin.value:.6g}", *(_change(margin.changes[goal]) for goal in GOALS))
    out.print(table)
    if found.path is None:
        out.print("no path of at most three moves, none beyond the best county, leads to a further star", markup=False)
        return
    moves = "; ".join(f"{move.indicator} {move.now:.6g} → {move.then:.6g}" for move in found.path.moves)
    out.print(
        f"cheapest path: {moves} (effort {found.path.effort:.2f} standard deviations of the counties): "
        f"{found.path.stars} stars, total {found.path.total_raw:.2f}, place {found.path.place:g}",
        markup=False,
    )


def near_stars_document(found: NearStars) -> dict[str, Any]:
    """The margins for machines."""
    return asdict(found)


def _change(change: float | None) -> str:
    return "–" if change is None else f"{change:+.6g}"


def _pair(change: Change, decimals: int) -> tuple[str, str]:
    return _number(change.before, decimals), _number(change.after, decimals)


def _four(effects: Effects | None, of_weights: float | None) -> tuple[str, str, str, str]:
    """The effects of values and weights, which are those of data, of rules and of membership."""
    if effects is None or of_weights is None:
        return "–", "–", "–", "–"
    return _signed(effects.data - of_weights), _signed(of_weights), _signed(effects.rule), _signed(effects.membership)


def _rises(effects: Effects | None) -> tuple[str, str, str]:
    return ("–", "–", "–") if effects is None else (_risen(effects.data), _risen(effects.rule), _risen(effects.membership))


def _risen(change: float | None) -> str:
    """A change of place as people say it: up is more. In the documents for machines it is the difference of places."""
    if change is None or abs(change) < 0.005:
        return _signed(change)
    return f"{'▲' if change < 0 else '▼'}{abs(change):.2f}"


def _number(number: float | None, decimals: int) -> str:
    return "–" if number is None else f"{number:.{decimals}f}"


def _signed(number: float | None) -> str:
    return "–" if number is None else f"{number:+.2f}"
