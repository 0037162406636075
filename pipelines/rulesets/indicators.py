"""Indicators of a ruleset: values, states and components, as rows of the parameter tables.

Here: the keys under `indicators:` and their checks. Not here: score methods (`scores.py`), the tree, adjustments, ranks.
"""

from __future__ import annotations

from fractions import Fraction

from pipelines.rulesets.directions import Scored, check_directions
from pipelines.rulesets.parameters import Row, Rows
from pipelines.rulesets.scores import EVERYONE, read_over, read_score
from pipelines.rulesets.section import Section, as_fraction

PARTS = ("Q1", "Q2", "Q3", "Q4")
_WITHOUT_VALUE = ("redistribute", "full_points", "zero_points", "group_mean", "mean")
_POLICIES = {
    "not_applicable": _WITHOUT_VALUE,
    "not_published": (*_WITHOUT_VALUE, "carry_last", "nowcast"),
    "missing": (*_WITHOUT_VALUE, "fail"),
}


def read_indicators(top: Section, rows: Rows, peer_groups: list[str]) -> None:
    """Fill the tables of `indicators:`; ids are unique, and every quarter has at least one published indicator."""
    seen: set[str] = set()
    open_parts: set[str] = set()
    for ordinal, section in enumerate(top.each("indicators")):
        indicator = section.identifier("id")
        if indicator in seen:
            section.refuse("id", repr(indicator), "an id that no other indicator has")
        seen.add(indicator)
        row: Row = {"ordinal": ordinal, "indicator": indicator, "name": section.text("name", indicator), "unit": section.text("unit", " ")}
        row["unit"] = row["unit"].strip()
        row["direction"] = section.choice("direction", ("up", "down", "target"), "up")
        row["ideal"] = section.maybe_number("ideal")
        if row["direction"] == "target" and row["ideal"] is None:
            section.refuse("ideal", "no such key", "the ideal value, because the direction is 'target'")
        if row["direction"] != "target" and row["ideal"] is not None:
            section.refuse("ideal", "an ideal value", "none, because the direction is not 'target'")
        open_parts |= _calendar(section, row, rows)
        _applies(section, indicator, rows)
        _states(section, row, peer_groups)
        _treat(section, row)
        rows["rule_indicator"].append(row)
        check_directions(row, "direction" in section, _components(section, indicator, rows, peer_groups))
    if not seen:
        top.refuse("indicators", "an empty list", "at least one indicator")
    for part in PARTS:
        if part not in open_parts:
            top.refuse("indicators", f"calendars that leave {part} without an indicator", "at least one published indicator each period")


def _calendar(section: Section, row: Row, rows: Rows) -> set[str]:
    row["has_calendar"], row["vintage"] = False, "latest_at_cutoff"
    if "calendar" not in section:
        return set(PARTS)
    with section.inside("calendar") as calendar:
        row["vintage"] = calendar.choice("vintage", ("latest_at_cutoff",), "latest_at_cutoff")
        parts = calendar.names("published") if "published" in calendar else list(PARTS)
        for index, part in enumerate(parts):
            if part not in PARTS:
                calendar.refuse(f"published[{index}]", repr(part), f"one of {', '.join(PARTS)}")
        if not parts:
            calendar.refuse("published", "an empty list", "at least one quarter")
    row["has_calendar"] = True
    rows["rule_calendar"] += [{"indicator": row["indicator"], "part": part} for part in parts]
    return set(parts)


def _applies(section: Section, indicator: str, rows: Rows) -> None:
    if "applies" not in section:
        return
    with section.inside("applies") as applies, applies.inside("units") as units:
        for key in units.names_found():
            if key not in ("in", "not_in"):
                units.refuse(key, "an unknown key", "'in' or 'not_in'")
            for membership in units.names(key):
                rows["rule_applies"].append({"indicator": indicator, "membership": membership, "is_member": key == "in"})


def _states(section: Section, row: Row, peer_groups: list[str]) -> None:
    row |= {"not_applicable": "redistribute", "not_published": "redistribute", "missing": "fail", "withheld": "use"}
    if "states" not in section:
        return
    with section.inside("states") as states:
        for state in _POLICIES:
            if state not in states:
                continue
            if state == "missing" and isinstance(states.raw(state), dict) and "then" in states.raw(state):
                with states.inside(state) as missing:
                    _policy(missing, "then", state, row, peer_groups)
                    row["coverage_min"] = missing.maybe_number("coverage_min")
                    if row["coverage_min"] is not None and not 0 <= row["coverage_min"] <= 1:
                        missing.refuse("coverage_min", f"{row['coverage_min']:g}", "a share from 0 to 1")
            else:
                _policy(states, state, state, row, peer_groups)
        row["withheld"] = states.choice("withheld", ("use",), "use")


def _policy(section: Section, key: str, state: str, row: Row, peer_groups: list[str]) -> None:
    """A policy word, `{carry_last: {max_age: 4q}}`, or `{group_mean: {peer_group: name}}`."""
    if isinstance(section.raw(key), str):
        row[state] = section.choice(key, _POLICIES[state])
        if row[state] == "carry_last":
            section.refuse(key, "'carry_last' alone", "{carry_last: {max_age: 4q}}")
        if row[state] == "mean":
            row[f"{state}_over"] = EVERYONE
        if row[state] == "group_mean":
            if len(peer_groups) != 1:
                section.refuse(key, f"'group_mean' with {len(peer_groups)} peer groups", "{group_mean: {peer_group: name}}")
            row[f"{state}_over"] = peer_groups[0]
        return
    with section.inside(key) as inner:
        if state == "not_published" and "carry_last" in inner:
            with inner.inside("carry_last") as carry:
                age = carry.text("max_age")
                if not (age.endswith("q") and age[:-1].isascii() and age[:-1].isdigit() and 1 <= int(age[:-1]) <= 40):
                    carry.refuse("max_age", repr(age), "a number of quarters from 1q to 40q")
                row["carry_quarters"] = int(age[:-1])
            row[state] = "carry_last"
        else:
            row[f"{state}_over"] = read_over(inner, "group_mean", peer_groups, None)
            row[state] = "group_mean"


def _treat(section: Section, row: Row) -> None:
    row["treat"] = "none"
    if "treat" not in section:
        return
    if isinstance(section.raw("treat"), str):
        row["treat"] = section.choice("treat", ("none", "log", "sqrt"))
        return
    with section.inside("treat") as treat:
        low, high = treat.pair("clip_percentile") or treat.refuse("clip_percentile", "no such key", "two percentiles")
        if low < 0 or high > 100:
            treat.refuse("clip_percentile", f"[{low:g}, {high:g}]", "percentiles from 0 to 100")
        if high <= 1 or 100 * low == 100 - high:
            treat.refuse("clip_percentile", f"[{low:g}, {high:g}]", "percentiles from 0 to 100 such as [2.5, 97.5], not shares")
        row |= {"treat": "clip_percentile", "treat_low": low, "treat_high": high}


def _components(section: Section, indicator: str, rows: Rows, peer_groups: list[str]) -> list[Scored]:
    if ("score" in section) == ("components" in section):
        section.refuse("components", "both 'score' and 'components', or neither", "exactly one of them")
    if "score" in section:
        with section.inside("score") as score:
            row: Row = {"indicator": indicator, "component": "level", "ordinal": 0, "share": 1.0, "change": "level"}
            return [_add(rows, row, score, peer_groups)]
    seen: set[str] = set()
    found: list[Scored] = []
    total = Fraction(0)
    for ordinal, component in enumerate(section.each("components")):
        row = {"indicator": indicator, "component": component.identifier("id"), "ordinal": ordinal, "change": "level"}
        if row["component"] in seen:
            component.refuse("id", repr(row["component"]), "an id that no other component of the indicator has")
        seen.add(row["component"])
        share = as_fraction(component.raw("share"), component, "share")
        if not 0 < share <= 1:
            component.refuse("share", str(share), "a share above 0 and at most 1")
        row["share"] = float(share)
        total += share
        _value(component, row)
        with component.inside("score") as score:
            if row["change"] != "level" and score.text("method") == "given":
                score.refuse("method", "'given' on a change", "'given' on the level only")
            found.append(_add(rows, row, score, peer_groups))
    if not seen:
        section.refuse("components", "an empty list", "at least one component")
    if total != 1:
        section.refuse("components", f"shares that add up to {float(total):g}", "shares that add up to 1 (a third is 1/3)")
    return found


def _value(component: Section, row: Row) -> None:
    if "value" not in component or isinstance(component.raw("value"), str):
        component.choice("value", ("level",), "level")
        return
    with component.inside("value") as value:
        row["change"] = value.choice("change", ("diff", "pct", "ratio", "rank_gain"))
        row["base"] = value.choice("base", ("same_period_last_year", "previous_period"))
        row["base_vintage"] = value.choice("base_vintage", ("latest", "as_published"), "latest")
        row["min_base"] = value.maybe_number("min_base")
        if row["min_base"] is not None and row["min_base"] < 0:
            value.refuse("min_base", f"{row['min_base']:g}", "a number that is not negative")
        value.choice("below_min_base", ("not_applicable",), "not_applicable")


def _add(rows: Rows, row: Row, score: Section, peer_groups: list[str]) -> Scored:
    columns, bands, points = read_score(score, peer_groups)
    key = {"indicator": row["indicator"], "component": row["component"]}
    rows["rule_component"].append(row | columns)
    rows["rule_band"] += [key | band for band in bands]
    rows["rule_point"] += [key | point for point in points]
    return Scored(score, row | columns, bands, points)
