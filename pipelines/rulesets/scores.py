"""Score methods: from a `score:` mapping to the columns of `rule_component`, `rule_band` and `rule_point`.

Here: the eleven methods of scoring.md, 2.2 no. 5, and the checks of each. Not here: states, components, trees.
"""

from __future__ import annotations

from pipelines.rulesets.parameters import Row
from pipelines.rulesets.reach import HIGHEST_SCORE, LOWEST_SCORE
from pipelines.rulesets.section import Section, as_number, show

METHODS = (
    *("goalposts", "minmax", "zscore", "rank", "percentile", "ratio_to_target", "ratio_to_best"),
    *("piecewise", "steps", "around", "given"),
)
TIES = ("competition", "dense", "average", "ordinal")
EVERYONE = "all"
_EDGES = {"left": ("ge", "lt"), "right": ("gt", "le")}


def read_over(section: Section, key: str, peer_groups: list[str], default: str | None = EVERYONE) -> str:
    """`all` or `{peer_group: name}` as the name of the peer group; the group must be declared under `units.peer_groups`."""
    if key not in section and default is not None:
        return default
    if isinstance(section.raw(key), str):
        return section.choice(key, (EVERYONE,))
    with section.inside(key) as inner:
        return (
            inner.choice("peer_group", peer_groups) if peer_groups else inner.refuse("peer_group", "a peer group", "none: none is declared")
        )


def read_score(section: Section, peer_groups: list[str]) -> tuple[Row, list[Row], list[Row]]:
    """The columns, bands and points of one `score:` mapping."""
    row: Row = {"method": section.choice("method", METHODS), "peer_group": EVERYONE, "is_relative": False, "whole_steps": False}
    bands: list[Row] = []
    points: list[Row] = []
    match row["method"]:
        case "goalposts":
            _goalposts(section, row)
        case "minmax" | "rank" | "percentile":
            row["peer_group"] = read_over(section, "over", peer_groups)
            row["to_low"], row["to_high"] = _to(section)
            if row["method"] != "minmax":
                row["ties"] = section.choice("ties", TIES[:3], "competition")
        case "zscore":
            row["peer_group"] = read_over(section, "over", peer_groups)
            row["z_mean"] = _as_share(section, "m", section.number("m")) if "m" in section else 0.0
            row["z_scale"] = section.number("s") if "s" in section else 1.0
            if not 0 < row["z_scale"] <= HIGHEST_SCORE:
                section.refuse("s", f"{row['z_scale']:g}", f"a spread of scores above 0 and at most {HIGHEST_SCORE:g}")
        case "ratio_to_target":
            row["target"] = _post(section, "target")
            if row["target"] == 0:
                section.refuse("target", "0", "a target that is not zero")
        case "ratio_to_best":
            row["peer_group"] = read_over(section, "over", peer_groups)
        case "piecewise":
            points = _points(section)
        case "steps":
            bands = _bands(section)
        case "around":
            _around(section, row, peer_groups)
    row["clamp_low"], row["clamp_high"] = (
        None if value is None else _as_share(section, f"clamp[{end}]", value) for end, value in enumerate(section.interval("clamp"))
    )
    row["floor_share"] = section.maybe_number("floor_share")
    if row["floor_share"] is not None and not 0 <= row["floor_share"] <= 1:
        section.refuse("floor_share", f"{row['floor_share']:g}", "a share from 0 to 1")
    return row, bands, points


def _to(section: Section) -> tuple[float, float]:
    low, high = section.pair("to") or (0.0, 1.0)
    return _as_share(section, "to[0]", low), _as_share(section, "to[1]", high)


def _as_share(section: Section, key: str, score: float) -> float:
    """A stated score, which is a share of full points; points and per cent are out of its range."""
    if not LOWEST_SCORE <= score <= HIGHEST_SCORE:
        section.refuse(key, f"{score:g}", f"a share of full points from {LOWEST_SCORE:g} to {HIGHEST_SCORE:g}, such as 0.6")
    return score


def _post(section: Section, key: str) -> float:
    if isinstance(section.raw(key), str):
        return section.number(key)
    with section.inside(key) as inner:
        return inner.number("target")


def _goalposts(section: Section, row: Row) -> None:
    row["worst"], row["best"] = _post(section, "worst"), _post(section, "best")
    if row["worst"] == row["best"]:
        section.refuse("best", f"{row['best']:g} for both posts", "a best value that differs from the worst")
    row["transform"] = section.choice("transform", ("none", "ln"), "none")
    if row["transform"] == "ln":
        for key in ("worst", "best"):
            if row[key] <= 0:
                section.refuse(key, f"{row[key]:g}", "a post above zero, because its logarithm is taken")


def _points(section: Section) -> list[Row]:
    points: list[Row] = []
    for index, item in enumerate(section.items("points")):
        where = f"points[{index}]"
        if not isinstance(item, list) or len(item) != 2:
            section.refuse(where, show(item), "a pair [x, y]")
        x, y = (as_number(value, section, f"{where}[{place}]") for place, value in enumerate(item))
        if points and x <= points[-1]["x"]:
            section.refuse(where, f"x = {x:g} after {points[-1]['x']:g}", "x values that increase")
        points.append({"ordinal": index, "x": x, "y": _as_share(section, f"{where}[1]", y)})
    if len(points) < 2:
        section.refuse("points", f"{len(points)} points", "at least two")
    return points


def _bands(section: Section) -> list[Row]:
    """Bands in the order of the file; each value of the line must match one, and no band may lie within an earlier one."""
    closed = section.choice("closed", _EDGES, "left")
    lower, upper = _EDGES[closed]
    bands: list[Row] = []
    rest = (float("-inf"), float("inf"))  # the part of the line that no band has matched yet
    for index, band in enumerate(section.each("bands")):
        row: Row = {"ordinal": index, "y": _as_share(band, "y", band.number("y")) if "y" in band else None}
        if rest[0] >= rest[1]:
            band.refuse("", "a band that can never match", "no band after the line is covered")
        if "else" in band:
            row["y"] = _as_share(band, "else", band.number("else"))
            low, high = rest
        else:
            if row["y"] is None:
                band.refuse("y", "no such key", "the score of the band")
            for key in ("ge", "gt", "le", "lt"):
                if key in band and key not in (lower, upper):
                    band.refuse(key, f"an edge '{key}'", f"'{lower}' or '{upper}', because the bands are closed on the {closed}")
            row[lower], row[upper] = band.maybe_number(lower), band.maybe_number(upper)
            low = float("-inf") if row[lower] is None else row[lower]
            high = float("inf") if row[upper] is None else row[upper]
            if row[lower] is None and row[upper] is None:
                band.refuse("", "no edge", f"'{lower}', '{upper}' or 'else'")
        explicit = (row.get(lower) is not None and low < rest[0]) or (row.get(upper) is not None and high > rest[1])
        low, high = max(low, rest[0]), min(high, rest[1])
        if explicit or low >= high or (low > rest[0] and high < rest[1]):
            band.refuse("", "a band that overlaps an earlier one or leaves a gap", "bands that follow one another along the line")
        rest = (rest[0], low) if high == rest[1] else (high, rest[1])
        bands.append(row)
    if rest[0] < rest[1]:
        section.refuse(
            "bands", f"bands that leave {rest[0]:g} to {rest[1]:g} without a score", "bands that cover the line, or a last 'else'"
        )
    return bands


def _around(section: Section, row: Row, peer_groups: list[str]) -> None:
    if isinstance(section.raw("centre"), str):
        row["centre"] = section.number("centre")
    else:
        with section.inside("centre") as centre:
            row["centre_stat"] = centre.choice("stat", ("mean", "median", "min", "max"))
            row["peer_group"] = read_over(centre, "over", peer_groups)
    row["base_y"], row["step"], row["gain"] = (
        _as_share(section, "base", section.number("base")),
        section.number("step"),
        section.number("gain"),
    )
    if row["step"] <= 0:
        section.refuse("step", f"{row['step']:g}", "a step above zero")
    if not 0 < row["gain"] <= 1:
        section.refuse("gain", f"{row['gain']:g}", "a share above 0 and at most 1, gained by each step to the better")
    row["is_relative"], row["whole_steps"] = section.flag("relative"), section.flag("whole_steps")
    if row["is_relative"] and row.get("centre") == 0:
        section.refuse("centre", "0", "a centre that is not zero, because steps are relative to it")
