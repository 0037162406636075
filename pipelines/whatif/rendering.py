"""An answer as a person or a machine reads it.

Here: tables for the terminal, one JSON document. Not here: what is in the answer. Names and codes of firms are shown on a terminal
only: not in JSON, and not when the output goes to a file or another program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from pipelines.whatif.answer import Answer
from pipelines.whatif.firms import RECLASSIFIED
from pipelines.whatif.inclusion import YUAN_PER_YI, Inclusion
from pipelines.whatif.scenarios import Scenario, Standing

if TYPE_CHECKING:
    from rich.console import Console


def show(answer: Answer, out: Console) -> None:
    """Print the answer as tables: counties, points, inclusions, then what the scenario assumes."""
    official, rules = answer.rulesets
    beside = "what-if" if rules == official else f"what-if under {rules}"
    out.print(f"{answer.quarter}, edition {answer.edition}: {official} beside {beside}; internal", markup=False)
    if answer.shown:
        out.print(_counties(answer))
    else:
        out.print("no county's place or stars move", markup=False)
    if any(move.county in answer.focus for move in answer.moves):
        out.print(_points(answer))
    if answer.moves and not answer.focus:
        out.print("points by indicator: --region COUNTY, or --json for all", markup=False)
    if answer.inclusions:
        out.print(_inclusions(answer))
    if answer.firms and out.is_terminal:
        out.print(_firms(answer))
    elif answer.firms:
        out.print(f"{len(answer.firms)} firms included; they are named on a terminal only", markup=False)
    for note in answer.notes:
        out.print(f"- {note}", markup=False)


def _counties(answer: Answer) -> Table:
    table = Table("county", "stars", "→", "place", "→", "in city", "→", "total", "→", "difference", title="official → what-if")
    for code in answer.shown:
        old, new = answer.official.standings.get(code), answer.whatif.standings.get(code)
        stars = (_stars(old, answer.official), _stars(new, answer.whatif))
        places = [
            (old.first_place(answer.official.ruleset) if old else None, new.first_place(answer.whatif.ruleset) if new else None),
            (old.ranks.get("city") if old else None, new.ranks.get("city") if new else None),
        ]
        totals = (old.total if old else None, new.total if new else None)
        cells = (
            [_star_text(star) for star in stars] + [_place(place) for pair in places for place in pair] + [_number(each) for each in totals]
        )
        table.add_row(f"{code} {answer.names.get(code, '')}", *cells, _difference(*totals))
    return table


def _points(answer: Answer) -> Table:
    table = Table("county", "indicator", "value", "→", "points", "→", "difference", title="points that moved")
    for move in (move for move in answer.moves if move.county in answer.focus):
        cells = [_number(each, 4) for each in (move.value_before, move.value_after, move.points_before, move.points_after)]
        table.add_row(
            answer.names.get(move.county, move.county),
            move.indicator,
            *cells,
            _difference(move.points_before or 0.0, move.points_after or 0.0, 4),
        )
    return table


def _inclusions(answer: Answer) -> Table:
    table = Table("", *(f"{each.county} {answer.names.get(each.county, '')}" for each in answer.inclusions), title="高新纳统, year to date")
    rows: list[tuple[str, Any]] = [
        ("H 高新技术产业增加值, 亿元", lambda each: _yi(each.high_tech_yuan)),
        ("T 规上工业增加值, 亿元", lambda each: _yi(each.industry_yuan)),
        ("H / T now, %", lambda each: _number(each.share_now, 4)),
        ("v of the firms, 亿元", lambda each: _yi(each.value_added_yuan)),
        ("all reclassified: (H + v) / T, %", lambda each: _number(each.share_reclassified, 4)),
        ("all newly admitted: (H + v) / (T + v), %", lambda each: _number(each.share_admitted, 4)),
        ("each by its own kind, in the scenario, %", lambda each: _number(each.share_after, 4)),
        ("target, %", lambda each: _number(each.target)),
        ("v needed, reclassified, 亿元", lambda each: _needed(each, each.needed_reclassified_yuan)),
        ("v needed, newly admitted, 亿元", lambda each: _needed(each, each.needed_admitted_yuan)),
    ]
    for label, cell in rows:
        table.add_row(label, *(cell(each) for each in answer.inclusions))
    return table


def _needed(inclusion: Inclusion, yuan: float | None) -> str:
    return ("out of reach" if inclusion.target is not None else "–") if yuan is None else _yi(yuan)


def _firms(answer: Answer) -> Table:
    table = Table(title="firms included: confidential, for this screen only")
    for header in ("firm", "name", "county", "kind", "v, 亿元"):
        table.add_column(header, overflow="fold", no_wrap=header == "firm")
    for firm in answer.firms:
        basis = (
            _yi(firm.value_added_yuan)
            if firm.kind == RECLASSIFIED
            else f"≈ {_yi(firm.value_added_yuan)} (from VAT sales {_yi(firm.sales_yuan)})"
        )
        table.add_row(firm.uscc, firm.name, answer.names.get(firm.county, firm.county), firm.kind, basis)
    return table


def document(answer: Answer) -> dict[str, Any]:
    """The answer for machines: every county, both sides; firms only as the sums of their county."""
    return {
        "quarter": answer.quarter,
        "edition": answer.edition,
        "rulesets": {"official": answer.rulesets[0], "whatif": answer.rulesets[1]},
        "notes": answer.notes,
        "shown": answer.shown,
        "counties": {
            code: {
                "name": answer.names.get(code, ""),
                "official": _side(answer.official.standings.get(code), answer.official),
                "whatif": _side(answer.whatif.standings.get(code), answer.whatif),
            }
            for code in sorted(answer.official.standings.keys() | answer.whatif.standings.keys())
        },
        "moves": [vars(move) for move in answer.moves],
        "inclusions": [vars(each) for each in answer.inclusions],
    }


def _side(standing: Standing | None, scenario: Scenario) -> dict[str, Any] | None:
    if standing is None:
        return None
    places = {name: int(place) if place == int(place) else place for name, place in standing.ranks.items()}
    return {"total": standing.total, "total_raw": standing.total_raw, "ranks": places, "stars": _stars(standing, scenario)}


def _stars(standing: Standing | None, scenario: Scenario) -> int | None:
    return standing.first_star(scenario.ruleset) if standing else None


def _star_text(stars: int | None) -> str:
    return "–" if stars is None else "★" * stars or "0"


def _place(place: float | None) -> str:
    return "–" if place is None else f"{place:g}"


def _number(number: float | None, decimals: int = 2) -> str:
    return "–" if number is None else f"{number:.{decimals}f}"


def _yi(yuan: float | None) -> str:
    return "–" if yuan is None else f"{yuan / YUAN_PER_YI:.4f}"


def _difference(old: float | None, new: float | None, decimals: int = 2) -> str:
    return "–" if old is None or new is None else f"{new - old:+.{decimals}f}"
