"""How one indicator is scored, in a Chinese sentence made from a ruleset's parameters.

Here: methods, components, bands, clamps. Not here: the rest of a ruleset (rules_in_words.py).
"""

from __future__ import annotations

from pipelines.report.content import Row
from pipelines.report.words import word

_STAT = {"mean": "平均值", "median": "中位数", "min": "最小值", "max": "最大值"}
_CHANGE = {"diff": "增减量", "pct": "增长率", "ratio": "比值", "rank_gain": "位次提升"}
_BASE = {"same_period_last_year": "上年同期", "previous_period": "上季度"}


def plain(number: float | None) -> str:
    """A parameter as it stands in the ruleset; an open bound has no number."""
    return "不限" if number is None else f"{number:g}"


def scoring(rules: dict[str, list[Row]], indicator: str) -> str:
    """The sentence for an indicator, its components joined in order."""
    (entry,) = (row for row in rules["rule_indicator"] if row["indicator"] == indicator)
    components = sorted((row for row in rules["rule_component"] if row["indicator"] == indicator), key=lambda row: row["ordinal"])
    told = [_component(rules, row, is_only=len(components) == 1) for row in components]
    return _treated(entry) + "；".join(told)


def _treated(entry: Row) -> str:
    if entry["treat"] == "clip_percentile":
        return f"先把极端值限于第 {plain(entry['treat_low'])} 至 {plain(entry['treat_high'])} 百分位；"
    treated = {"none": "", "log": "先取对数；", "sqrt": "先取平方根；"}[entry["treat"]]
    direction = {"up": "", "down": "（越小越好）", "target": f"（越接近 {plain(entry['ideal'])} 越好）"}[entry["direction"]]
    return treated + direction


def within(low: float | None, high: float | None, to: str = " 至 ") -> str:
    """An interval that may be open on one side, in words."""
    if low is None or high is None:
        return f"不低于 {plain(low)}" if high is None else f"不高于 {plain(high)}"
    return f"限于 {plain(low)}{to}{plain(high)}"


def _component(rules: dict[str, list[Row]], row: Row, *, is_only: bool) -> str:
    of = "水平" if row["change"] == "level" else f"较{_BASE[row['base']]}的{_CHANGE[row['change']]}"
    share = "" if is_only and row["change"] == "level" else f"{of}（占 {plain(round(row['share'] * 100, 6))}%）："
    limits = ""
    if row["clamp_low"] is not None or row["clamp_high"] is not None:
        limits += f"，得分率{within(row['clamp_low'], row['clamp_high'], '–')}"
    if row["floor_share"] is not None:
        limits += f"，有数即不低于 {plain(row['floor_share'])}"
    if row["min_base"] is not None:
        limits += f"，基数小于 {plain(row['min_base'])} 不计"
    return share + _method(rules, row) + limits


def _method(rules: dict[str, list[Row]], row: Row) -> str:
    among = "全体" if row["peer_group"] == "all" else f"{word('groups', row['peer_group'])}内"
    span = f"得分率 {plain(row['to_low'])}–{plain(row['to_high'])}"
    match row["method"]:
        case "goalposts":
            scale = "按对数" if row["transform"] == "ln" else "按线性"
            return f"目标区间法：{plain(row['worst'])} 得 0，{plain(row['best'])} 得满，其间{scale}插值"
        case "minmax":
            return f"极差法：{among}最小至最大，{span}"
        case "zscore":
            return f"标准分法：{among}，均值 {plain(row['z_mean'])}、标准差 {plain(row['z_scale'])}"
        case "rank" | "percentile":
            return f"{'位次法' if row['method'] == 'rank' else '百分位法'}：{among}排位，{span}"
        case "ratio_to_target":
            return f"与目标值 {plain(row['target'])} 之比"
        case "ratio_to_best":
            return f"与{among}最大值之比"
        case "piecewise":
            return "分段线性：" + "，".join(f"{plain(x)} 得 {plain(y)}" for x, y in _points(rules, row))
        case "steps":
            return "分档：" + "，".join(_bands(rules, row))
        case "around":
            return _around(row, among)
        case "given":
            return "专家给定得分率"
    raise ValueError(f"method {row['method']}: not a method of the rule language")


def _own(rules: dict[str, list[Row]], table: str, row: Row) -> list[Row]:
    own = [each for each in rules[table] if (each["indicator"], each["component"]) == (row["indicator"], row["component"])]
    return sorted(own, key=lambda each: each["ordinal"])


def _points(rules: dict[str, list[Row]], row: Row) -> list[tuple[float, float]]:
    return [(each["x"], each["y"]) for each in _own(rules, "rule_point", row)]


def _bands(rules: dict[str, list[Row]], row: Row) -> list[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    told = []
    for band in _own(rules, "rule_band", row):
        edges = " 且 ".join(f"{sign}{plain(band[key])}" for key, sign in signs.items() if band[key] is not None)
        told.append(f"{edges or '其余'} 得 {plain(band['y'])}")
    return told


def _around(row: Row, among: str) -> str:
    centre = plain(row["centre"]) if row["centre_stat"] is None else f"{among}{_STAT[row['centre_stat']]}"
    step = f"{plain(row['step'] * 100)}%" if row["is_relative"] else plain(row["step"])
    whole = "（整档计）" if row["whole_steps"] else ""
    return f"基准法：达到{centre}得 {plain(row['base_y'])}，每高（低）{step} 加（减）{plain(row['gain'])}{whole}"
