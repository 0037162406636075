"""What follows the tree: adjustments, total, ranks, stars, robustness settings, as rows of the parameter tables.

Here: the keys `adjustments`, `total`, `ranks`, `stars`, `scenarios` and their checks. Not here: indicators and the tree.
"""

from __future__ import annotations

from fractions import Fraction

from pipelines.rulesets.parameters import Row, Rows
from pipelines.rulesets.reach import Reach, check_node_threshold
from pipelines.rulesets.scores import TIES, read_over
from pipelines.rulesets.section import Section, as_fraction, show

STARS = (5, 4, 3, 2, 1)
TIE_BREAKS_AT_MOST = 5


def read_total(top: Section, compare_dp: int, scale: float) -> Row:
    """The columns of `rule_set` that `total:` gives."""
    row: Row = {}
    if "total" in top:
        with top.inside("total") as total:
            low, high = row["total_low"], row["total_high"] = total.interval("clamp")
            if high is not None and high < scale / 10:
                total.refuse("clamp[1]", f"{high:g}", f"points on the scale of {scale:g}, not a share")
            if high is None and low is not None and 0 < low <= 1 < scale / 10:
                total.refuse("clamp[0]", f"{low:g}", f"points on the scale of {scale:g}, not a share")
            if "round" in total and total.raw("round") != "none":
                row["total_round"] = total.whole("round", 0, compare_dp)
    return row


def read_adjustments(top: Section, rows: Rows) -> None:
    """Fill `rule_adjustment`, in the order of the file."""
    for ordinal, section in enumerate(top.each("adjustments") if "adjustments" in top else ()):
        row: Row = {"ordinal": ordinal, "adjustment": _new(section, "id", rows["rule_adjustment"], "adjustment")}
        source = section.text("from")
        if not source.startswith("events.") or len(source) == len("events."):
            section.refuse("from", repr(source), "events.<name>")
        row["event"] = source.removeprefix("events.")
        if ("veto" in section) == ("per_item" in section):
            section.refuse("per_item", "both 'per_item' and 'veto', or neither", "exactly one of them")
        if "veto" in section:
            with section.inside("veto") as veto:
                row["max_star"] = veto.whole("max_star", 0, 4)
        else:
            row |= {"per_item": section.number("per_item"), "cap": section.maybe_number("cap"), "floor": section.maybe_number("floor")}
            _check_limits(section, row)
        rows["rule_adjustment"].append(row)


def _check_limits(section: Section, row: Row) -> None:
    """A cap limits what is added, a floor what is taken off; a unit without an event gains and loses nothing."""
    if row["per_item"] == 0:
        section.refuse("per_item", "0", "points for each event, above or below zero")
    limit, other, sign = ("cap", "floor", 1) if row["per_item"] > 0 else ("floor", "cap", -1)
    what = "added" if sign > 0 else "taken off"
    if row[limit] is not None and row[limit] * sign <= 0:
        section.refuse(limit, f"{row[limit]:g}", f"points {'above' if sign > 0 else 'below'} zero, because points are {what}")
    if row[other] is not None:
        section.refuse(other, f"{row[other]:g} with {row['per_item']:g} per item", f"'{limit}', because points are {what}")


def read_ranks(top: Section, rows: Rows, peer_groups: list[str], is_rounded: bool) -> None:
    """Fill `rule_rank` and `rule_tie_break`."""
    for ordinal, section in enumerate(top.each("ranks") if "ranks" in top else ()):
        row: Row = {"ordinal": ordinal, "rank_id": _new(section, "id", rows["rule_rank"], "rank_id"), "measure": "total"}
        if "by" in section and isinstance(section.raw("by"), dict):
            with section.inside("by") as by:
                if "node" in by:
                    row |= {"measure": "node", "node": by.choice("node", _nodes(rows))}
                else:
                    by.choice("change_of", ("total",))
                    row["measure"] = "change"
                    row["change_base"] = by.choice("base", ("same_period_last_year", "previous_period"))
                    row["change_rules"] = by.choice("rules", ("restated", "as_ruled"), "restated")
        else:
            section.choice("by", ("total",), "total")
        row["basis"] = _basis(section, row["measure"] == "node", is_rounded)
        row["is_descending"] = section.choice("order", ("desc", "asc"), "desc") == "desc"
        row["peer_group"] = read_over(section, "over", peer_groups)
        row["ties"] = section.choice("ties", TIES, "competition")
        breaks = section.names("tie_break") if "tie_break" in section else []
        known = [node["node"] for node in rows["rule_node"]] + ["total_raw", "unit"]
        for index, name in enumerate(breaks):
            if name not in known:
                section.refuse(f"tie_break[{index}]", repr(name), "an indicator, a node, 'total_raw' or 'unit'")
        if len(breaks) > TIE_BREAKS_AT_MOST:
            section.refuse("tie_break", f"{len(breaks)} names", f"at most {TIE_BREAKS_AT_MOST}")
        if row["ties"] == "ordinal" and not breaks:
            section.refuse("tie_break", "none", "an order that tells all equals apart, because ties are 'ordinal'")
        row["tie_breaks"] = ", ".join(breaks)
        rows["rule_rank"].append(row)
        rows["rule_tie_break"] += [{"rank_id": row["rank_id"], "ordinal": n, "tie_break": name} for n, name in enumerate(breaks, 1)]


def read_stars(top: Section, rows: Rows, is_rounded: bool, reach: Reach) -> None:
    """Fill `rule_star`, `rule_cut` and `rule_guard`."""
    for ordinal, section in enumerate(top.each("stars") if "stars" in top else ()):
        row: Row = {"ordinal": ordinal, "star_id": _new(section, "id", rows["rule_star"], "star_id"), "is_closed_left": True}
        if ("cut" in section) == ("cumulative" in section):
            section.refuse("cut", "both 'cut' and 'cumulative', or neither", "exactly one of them")
        if "cut" in section:
            row["kind"] = "score"
            if "by" in section and isinstance(section.raw("by"), dict):
                with section.inside("by") as by:
                    row["node"] = by.choice("node", _nodes(rows))
            else:
                section.choice("by", ("total",), "total")
            row["basis"] = _basis(section, "node" in row, is_rounded)
            row["is_closed_left"] = section.choice("closed", ("left", "right"), "left") == "left"
            _cuts(section, row, rows, reach)
        else:
            row["kind"] = "share"
            row["rank_id"] = section.choice("rank", _rank_ids(rows))
            _shares(section, row["star_id"], rows)
        rows["rule_star"].append(row)
        for number, guard in enumerate(section.each("guards") if "guards" in section else ()):
            _guard(guard, row["star_id"], number, rows, reach)


def _cuts(section: Section, rule: Row, rows: Rows, reach: Reach) -> None:
    with section.inside("cut") as cut:
        before: float | None = None
        for star in _stars(cut):
            value = cut.number(str(star))
            if rule.get("node") is not None:
                check_node_threshold(cut, str(star), value, _nodes(rows)[rule["node"]], rows, reach)
            elif before is None or star > 1:
                reach.check(cut, str(star), value, is_closed=rule["is_closed_left"])
            if before is not None and value >= before:
                cut.refuse(str(star), f"{value:g}", f"a cut below {before:g}, that of the better star")
            before = value
            rows["rule_cut"].append({"star_id": rule["star_id"], "star": star, "cut": value})


def _shares(section: Section, star_id: str, rows: Rows) -> None:
    with section.inside("cumulative") as cumulative:
        before = Fraction(0)
        for star in _stars(cumulative):
            share = _share(cumulative, str(star))
            if share <= before:
                cumulative.refuse(str(star), str(share), f"a cumulative share above {before}, that of the better star")
            before = share
            columns = {"share_numerator": share.numerator, "share_denominator": share.denominator}
            rows["rule_cut"].append({"star_id": star_id, "star": star} | columns)


def _stars(section: Section) -> list[int]:
    for key in section.names_found():
        if key not in map(str, STARS):
            section.refuse(key, "an unknown star", "a star from 1 to 5")
    if not section.names_found():
        section.refuse("", "an empty mapping", "at least one star")
    return [star for star in STARS if str(star) in section]


def _share(section: Section, key: str) -> Fraction:
    share = as_fraction(section.raw(key), section, key)
    if not 0 < share <= 1 or share.denominator > 10**9:
        section.refuse(key, show(section.raw(key)), "a share above 0 and at most 1")
    return share


def _guard(guard: Section, star_id: str, ordinal: int, rows: Rows, reach: Reach) -> None:
    row: Row = {"star_id": star_id, "ordinal": ordinal, "star": guard.whole("for", 1, 5), "else_star": guard.whole("else", 0, 4)}
    if row["else_star"] >= row["star"]:
        guard.refuse("else", str(row["else_star"]), f"a star below {row['star']}: guards only lower")
    with guard.inside("need") as need:
        kinds = [key for key in ("rank", "score", "total") if key in need]
        if len(kinds) != 1:
            need.refuse("", f"{len(kinds)} conditions", "exactly one of rank, score, total")
        row["need"] = kinds[0]
        with need.inside(kinds[0]) as condition:
            if kinds[0] == "rank":
                row["rank_id"] = condition.choice("id", _rank_ids(rows))
                if ("le" in condition) == ("le_share" in condition):
                    condition.refuse("le_share", "both 'le' and 'le_share', or neither", "exactly one of them")
                if "le" in condition:
                    row["max_rank"] = float(condition.whole("le", 1, 10**6))
                else:
                    share = _share(condition, "le_share")
                    row |= {"share_numerator": share.numerator, "share_denominator": share.denominator}
            else:
                row["at_least"] = condition.number("ge")
                if kinds[0] == "score":
                    nodes = _nodes(rows)
                    row["node"] = condition.choice("ref", nodes)
                    check_node_threshold(condition, "ge", row["at_least"], nodes[row["node"]], rows, reach)
                else:
                    reach.check(condition, "ge", row["at_least"])
    rows["rule_guard"].append(row)


def read_scenarios(top: Section, rows: Rows) -> None:
    """Fill `rule_robustness`: how the draws behind the published intervals vary the rule."""
    if "scenarios" not in top:
        return
    settings = rows["rule_robustness"]
    with top.inside("scenarios") as scenarios, scenarios.inside("rank_robustness") as robustness:
        settings.append({"setting": "draws", "ordinal": 0, "number_value": float(robustness.whole("draws", 1, 1_000_000))})
        settings.append({"setting": "seed", "ordinal": 0, "number_value": float(robustness.whole("seed", 0, 2**31 - 1))})
        if "weights" in robustness:
            with robustness.inside("weights") as weights:
                kind = "uniform" if "uniform" in weights else "dirichlet"
                value = weights.number(kind)
                if kind == "uniform" and not 0 < value < 1:
                    weights.refuse(kind, f"{value:g}", "a share above 0 and below 1, half the width of the interval around each weight")
                if kind == "dirichlet" and value < 1:
                    weights.refuse(kind, f"{value:g}", "a concentration of at least 1 (160: a weight of 1/8 varies by 21 %)")
                settings.append({"setting": kind, "ordinal": 0, "number_value": value})
        for key, words in (("normalise", ("as_ruled", "minmax", "zscore", "rank")), ("combine", ("arithmetic", "geometric", "harmonic"))):
            for ordinal, word in enumerate(robustness.names(key) if key in robustness else ()):
                if word not in words:
                    robustness.refuse(f"{key}[{ordinal}]", repr(word), f"one of {', '.join(words)}")
                settings.append({"setting": key, "ordinal": ordinal, "text_value": word})
        for key in ("leave_one_out", "revision_noise"):
            if robustness.flag(key):
                settings.append({"setting": key, "ordinal": 0, "number_value": 1.0})


def _basis(section: Section, is_of_node: bool, is_rounded: bool) -> str:
    """Whether the total is compared before or after rounding; a node has no rounded score."""
    basis = section.choice("basis", ("rounded", "raw"), "rounded" if is_rounded and not is_of_node else "raw")
    if basis == "rounded" and is_of_node:
        section.refuse("basis", "'rounded'", "'raw', because only the total is rounded")
    if basis == "rounded" and not is_rounded:
        section.refuse("basis", "'rounded'", "'raw', because the total is not rounded")
    return basis


def _nodes(rows: Rows) -> dict[str, Row]:
    return {node["node"]: node for node in rows["rule_node"]}


def _rank_ids(rows: Rows) -> list[str]:
    return [row["rank_id"] for row in rows["rule_rank"]]


def _new(section: Section, key: str, before: list[Row], column: str) -> str:
    name = section.identifier(key)
    if any(row[column] == name for row in before):
        section.refuse(key, repr(name), "an id that is used only once")
    return name
