"""What a firm of a list would add to its county: in the indicator's unit, in points, in places.

Here: which values of the county a firm moves, by the definitions of indicators.md; scoring all of them together by the models, each firm
by itself with every other county as it is. Not here: firms, order, layout. The effect of including a firm is the what-if's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.rulesets.language import Ruleset
from pipelines.whatif.amendments import Amendments
from pipelines.whatif.edition import Edition
from pipelines.whatif.firms import ADMITTED, RECLASSIFIED, Firm
from pipelines.whatif.inclusion import AMOUNT, SHARE, YUAN_PER_YI, include
from pipelines.whatif.scenarios import score_both
from pipelines.whatif.surroundings import Surroundings
from pipelines.worklists.kinds import Kind

Row = dict[str, Any]
Values = dict[str, float]


@dataclass(frozen=True)
class Effect:
    """What a firm would add: `added` in the unit of the kind's indicator, points of the total, places gained, stars then.

    None where the firm moves nothing that is known: it has to be admitted first, its county is not scored, or has no value.
    """

    added: float | None = None
    points: float | None = None
    places: float | None = None
    stars: float | None = None


def effects(kind: Kind, rows: list[Row], edition: Edition, rules: Ruleset) -> list[Effect]:
    """The effect of each row under the rules that the edition was scored by; `NotReproduced` if the code at hand scores otherwise."""
    official, _ = score_both(edition, rules, rules, Amendments())
    around = Surroundings(official.ruleset, official.values, official.groups, official.events, str(edition.quarter))
    moved = [_moved(kind, row, edition) for row in rows]
    counties = sorted({row["region_code"] for row, values in zip(rows, moved, strict=True) if values} & around.rows.keys())
    movable = {county: around.movable(county).keys() for county in counties}
    now = dict(zip(counties, _standing(around, [(county, {}) for county in counties]), strict=True))
    bundles = []
    for row, values in zip(rows, moved, strict=True):
        county = row["region_code"]
        if county in now and values:
            everything = official.followers(values, county) | values
            bundles.append((county, {code: value for code, value in everything.items() if code in movable[county]}))
    scored = iter(_standing(around, bundles))
    found = []
    for row, values in zip(rows, moved, strict=True):
        county = row["region_code"]
        added = _added(kind.indicator, values, edition, county)
        if county in now and values:
            then = next(scored)
            found.append(Effect(added, then[0] - now[county][0], now[county][1] - then[1], then[2]))
        else:
            found.append(Effect(added))
    return found


def _standing(around: Surroundings, changes: list[tuple[str, Values]]) -> list[tuple[float, float, float]]:
    """Total, place and stars that each change leaves its county with."""
    after = around.after(changes)
    return [(float(a), float(b), float(c)) for a, b, c in zip(after.total_raw, after.place, after.stars, strict=True)]


def _moved(kind: Kind, row: Row, edition: Edition) -> Values:
    """The county's new values by indicator; empty where the firm moves none, or what it would move has no value."""
    if edition.regions.get(row["region_code"], {}).get("level") != "c":
        return {}
    return _MOVES[kind.name](row, edition)


def _added(indicator: str, values: Values, edition: Edition, county: str) -> float | None:
    now = edition.cell(county, indicator).get("value")
    return None if indicator not in values or now is None else values[indicator] - now


def _plus(row: Row, edition: Edition, **added: float) -> Values:
    """The county's values of these indicators with so much added, those without a value left out."""
    now = {code: edition.cell(row["region_code"], code).get("value") for code in added}
    return {code: value + added[code] for code, value in now.items() if value is not None}


def _rd_uncounted(row: Row, edition: Edition) -> Values:
    cell = edition.cell(row["region_code"], "IRD_REV")
    if row["reasons"] == "not_listed" or cell.get("numerator") is None or not cell.get("denominator"):
        return {}
    amount = float(row["amount"])
    share = 100 * (cell["numerator"] + amount) / cell["denominator"]
    return _plus(row, edition, IRD_AMT=amount / YUAN_PER_YI) | {"IRD_REV": share}


def _contracts_unregistered(row: Row, edition: Edition) -> Values:
    return _plus(row, edition, TECH_TX=float(row["amount"]) / YUAN_PER_YI)


def _above_scale(row: Row, edition: Edition) -> Values:
    """A newly admitted firm: its value added is estimated as the what-if does it, and counts as high-tech only if its class does."""
    industry, revenue = (edition.cell(row["region_code"], code).get("denominator") for code in (SHARE, "IRD_REV"))
    high_tech = edition.cell(row["region_code"], SHARE).get("numerator")
    if high_tech is None or not industry or not revenue or not row["sales_ytd_yuan"]:
        return {}
    sales = float(row["sales_ytd_yuan"])
    value_added = sales * industry / revenue
    if not row["is_high_tech_class"]:
        return {SHARE: 100 * high_tech / (industry + value_added)}
    return _included(Firm(row["uscc"], row["firm_name"], row["region_code"], ADMITTED, value_added, sales), edition)


def _high_tech(row: Row, edition: Edition) -> Values:
    cell = edition.cell(row["region_code"], SHARE)
    if row["amount"] is None or cell.get("numerator") is None or not cell.get("denominator"):
        return {}
    return _included(Firm(row["uscc"], row["firm_name"], row["region_code"], RECLASSIFIED, float(row["amount"])), edition)


def _included(firm: Firm, edition: Edition) -> Values:
    (found,) = include([firm], edition, [], None)
    return {SHARE: found.share_after, AMOUNT: found.high_tech_after_yuan / YUAN_PER_YI}


def _double_tenants(row: Row, edition: Edition) -> Values:
    """Struck from the county, unless it is only twice in carriers of the same one, which counts it once."""
    if row["reasons"] == "two_carriers" and row["carriers"] == row["carriers_here"]:
        return {}
    return _plus(row, edition, INC_FIRMS=-1.0, INC_JOBS=-float(row["amount"] or 0))


def _ladder(row: Row, edition: Edition) -> Values:
    return _plus(row, edition, HNTE_VALID=1.0, HNTE_NEW=1.0)


_MOVES: dict[str, Callable[[Row, Edition], Values]] = {
    "rd_uncounted": _rd_uncounted,
    "contracts_unregistered": _contracts_unregistered,
    "above_scale": _above_scale,
    "high_tech": _high_tech,
    "double_tenants": _double_tenants,
    "ladder": _ladder,
}
