"""Values set and indicators left out: from what a person typed to changed cells of the quarter, with what follows and what does not.

Here: `--set` and `--without`, the indicators that depend on a set one by definition. Not here: firms (inclusion.py), scoring.
A dependent value is recomputed exactly as `ind_computed` does it, and only where the catalogue's definition leaves no choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pipelines.errors import UsageError
from pipelines.rulesets.language import Ruleset
from pipelines.whatif.edition import Edition, Row, nearest
from pipelines.whatif.possible import possible

Cell = tuple[str, str]


@dataclass
class Amendments:
    """What the scenario changes: values by (county, indicator), indicators left out, indicators published out of turn.

    `notes` says what follows from the changes and what does not; every answer shows them. `typed` are the values of `--set` alone.
    """

    values: dict[Cell, float] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    typed: dict[Cell, Decimal] = field(default_factory=dict)


def read_amendments(settings: list[str], without: list[str], edition: Edition, rules: Ruleset) -> Amendments:
    """The amendments typed as `REGION.INDICATOR=VALUE` and as indicator codes; a usage error names the first that is wrong."""
    made = Amendments()
    typed = made.typed
    for text in settings:
        cell, value = _setting(text, edition, rules)
        if cell in typed:
            raise UsageError(f"--set {text}: found a second value of {cell[1]} for {cell[0]}; expected one")
        typed[cell] = value
    for code in without:
        _check_indicator(code, f"--without {code}", edition, rules, is_scored=True)
        if any(code == indicator for _, indicator in typed):
            raise UsageError(f"--without {code}: found a value set for it too; expected one of the two")
        if code not in made.without:
            made.without.append(code)
    scored = _scored(rules)
    for cell, value in typed.items():
        if cell[1] in scored:
            made.values[cell] = float(value)
            _open(cell[1], made, edition, rules)
    for region in dict.fromkeys(region for region, _ in typed):
        _follow({code: value for (where, code), value in typed.items() if where == region}, region, made, edition, rules)
    return made


def followers(changed: dict[str, float], county: str, made: Amendments, edition: Edition, rules: Ruleset) -> dict[str, float]:
    """The values of one county's other indicators that follow from changed ones by definition, as `--set` has them follow.

    `made` are the amendments that hold already: values typed in them stay, and are the other parts of what is recomputed.
    """
    typed = {code: value for (region, code), value in made.typed.items() if region == county}
    found = Amendments()
    _follow(typed | {code: Decimal(repr(float(value))) for code, value in changed.items()}, county, found, edition, rules)
    return {code: value for (_, code), value in found.values.items()}


def _setting(text: str, edition: Edition, rules: Ruleset) -> tuple[Cell, Decimal]:
    where = f"--set {text}"
    name, equals, number = text.partition("=")
    region, dot, code = name.partition(".")
    if not (equals and dot and region and code and number):
        raise UsageError(f"{where}: found no REGION.INDICATOR=VALUE; expected for example 330108.HT_SHARE=88")
    county = edition.county(region, where)
    _check_indicator(code, where, edition, rules, is_scored=False)
    try:
        value = Decimal(number)
    except InvalidOperation:
        value = Decimal("nan")
    entry = edition.catalogue.get(code, {})
    if not value.is_finite() or abs(value) > 10**15:
        raise UsageError(f"{where}: found {number!r}; expected a number in {entry.get('unit') or 'the unit of the indicator'}")
    if fault := possible(entry).fault_of(float(value), entry.get("unit", "")):
        raise UsageError(f"{where}: {fault}")
    return (county, code), value


def _check_indicator(code: str, where: str, edition: Edition, rules: Ruleset, *, is_scored: bool) -> None:
    """A usage error unless the code is an indicator that the rules score, or one of the catalogue on which a scored one depends."""
    scored = _scored(rules)
    if code in scored:
        return
    nodes = {row["node"] for row in rules.rows["rule_node"]}
    near = ", ".join(nearest(code, [*scored, *edition.catalogue])) or ", ".join(sorted(scored))
    if code in nodes:
        children = ", ".join(row["node"] for row in rules.rows["rule_node"] if row["parent"] == code)
        raise UsageError(f"{where}: found {code}, which {rules.name} computes from {children}; expected an indicator")
    if code not in edition.catalogue:
        raise UsageError(f"{where}: found indicator {code!r}; expected one of the catalogue, such as {near}")
    if is_scored:
        raise UsageError(f"{where}: found {code}, which {rules.name} does not score; expected one of {', '.join(sorted(scored))}")
    if not scored & set(_dependents(edition.catalogue[code], edition)):
        near = ", ".join(nearest(code, scored)) or ", ".join(sorted(scored))
        raise UsageError(f"{where}: found {code}, on which no score of {rules.name} depends; expected one such as {near}")


def _scored(rules: Ruleset) -> set[str]:
    return {row["indicator"] for row in rules.rows["rule_indicator"]}


def _dependents(entry: Row, edition: Edition) -> list[str]:
    """Codes whose definition names this indicator's measure, or which differ it from the year before."""
    others = [other for other in edition.catalogue.values() if other["code"] != entry["code"]]
    if entry["rule"] == "sum":
        named = [other for other in others if entry["numerator"] in (other["numerator"], other["denominator"])]
        return [other["code"] for other in named if other["rule"] in ("ratio", "growth_pct")]
    parts = (entry["numerator"], entry["denominator"])
    return [other["code"] for other in others if other["rule"] == "difference" and (other["numerator"], other["denominator"]) == parts]


def _open(code: str, made: Amendments, edition: Edition, rules: Ruleset) -> None:
    """Let an indicator count in a quarter in which its calendar publishes none; the other counties have their latest annual value."""
    if is_published(code, edition, rules) or code in made.opened:
        return
    made.opened.append(code)
    year = str(edition.quarter.year - 1)
    others = {
        region: row["value"]
        for (region, indicator, period), row in edition.cells.items()
        if (indicator, period, row["level"], row["status"]) == (code, year, "c", "value")
    }
    for region, value in others.items():
        made.values.setdefault((region, code), value)
    told = f"{len(others)} counties have their value of {year}" if others else "the other counties stay without a value"
    made.notes.append(
        f"{code} is not published in a quarter {edition.quarter.number} under {rules.name}: "
        f"its calendar is opened for this scenario only; {told}"
    )


def is_published(code: str, edition: Edition, rules: Ruleset) -> bool:
    """Whether the rules' calendar has the indicator in this quarter."""
    (indicator,) = (row for row in rules.rows["rule_indicator"] if row["indicator"] == code)
    parts = {row["part"] for row in rules.rows["rule_calendar"] if row["indicator"] == code}
    return not indicator["has_calendar"] or f"Q{edition.quarter.number}" in parts


def _follow(typed: dict[str, Decimal], region: str, made: Amendments, edition: Edition, rules: Ruleset) -> None:
    """Set what depends on the typed values of one county, and note what stays although it is related to them."""
    catalogue, scored = edition.catalogue, _scored(rules)
    name = edition.regions[region]["region_name"]
    amounts = {
        catalogue[code]["numerator"]: value * Decimal(catalogue[code]["divisor"])
        for code, value in typed.items()
        if catalogue.get(code, {}).get("rule") == "sum"
    }
    seen: set[str] = set()
    for code in [code for code in typed if code in catalogue]:
        is_part = catalogue[code]["rule"] == "sum"
        for other in (each for each in _dependents(catalogue[code], edition) if each in scored and each not in {*typed, *seen}):
            seen.add(other)
            if not is_published(other, edition, rules):
                made.notes.append(f"{name}: {other} follows {code} but is not published in this quarter; name it with --set to have it in")
                continue
            value = _recomputed(other, amounts, region, edition) if is_part else _difference(code, typed[code], other, region, edition)
            if value is None:
                made.notes.append(f"{name}: {other} depends on {code}, but its other part is not known: it stays as it is")
            else:
                made.values[region, other] = value
                made.notes.append(f"{name}: {other} follows {code} by definition: {value:.4f} {catalogue[other]['unit']}")
        _note_what_stays(code, name, typed, made, edition, scored)


def _recomputed(code: str, amounts: dict[str, Decimal], region: str, edition: Edition) -> float | None:
    """A ratio or growth with the amended amounts in place of the delivered ones; the order of operations is that of `ind_computed`."""
    entry, cell = edition.catalogue[code], edition.cell(region, code)
    delivered = {part: None if cell.get(part) is None else Decimal(repr(cell[part])) for part in ("numerator", "denominator")}
    numerator = amounts.get(entry["numerator"], delivered["numerator"])
    denominator = delivered["denominator"]
    if entry["rule"] == "ratio":
        denominator = amounts.get(entry["denominator"], denominator)
    if numerator is None or not denominator:
        return None
    if entry["rule"] == "growth_pct":
        numerator -= denominator
    return int(entry["multiplier"]) * float(numerator) / float(denominator)


def _difference(code: str, value: Decimal, other: str, region: str, edition: Edition) -> float | None:
    """An increase over the year before: it moves by as much as the value itself, whose base stays."""
    now, increase = edition.cell(region, code).get("value"), edition.cell(region, other).get("value")
    return None if now is None or increase is None else float(value) - (now - increase)


def _note_what_stays(code: str, name: str, typed: dict[str, Decimal], made: Amendments, edition: Edition, scored: set[str]) -> None:
    entry = edition.catalogue[code]
    grown = [
        other["code"]
        for other in edition.catalogue.values()
        if other["rule"] == "delivered" and other["name_zh"] == f"{entry['name_zh']}增速" and other["code"] in scored - set(typed)
    ]
    for other in grown:
        made.notes.append(f"{name}: {other} is delivered, at comparable prices, and not recomputed from {code}: it stays as it is")
    parts = [
        other["code"]
        for other in edition.catalogue.values()
        if entry["rule"] == "ratio" and other["rule"] == "sum" and other["numerator"] in (entry["numerator"], entry["denominator"])
    ]
    stays = [other for other in parts if other not in typed]
    if stays:
        made.notes.append(f"{name}: {code} alone does not say which of its parts moved: {', '.join(stays)} and what rests on them stay")
