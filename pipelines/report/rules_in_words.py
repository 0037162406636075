"""Rulesets in words: what a ruleset's parameter tables say, as Chinese sentences for the methods page.

Here: who is ranked, points, missing values, adjustments, ranks, stars and their guards, the draws. Not here: how one indicator is
scored (score_in_words.py), computing anything. Every number is a parameter of the ruleset.
"""

from __future__ import annotations

from typing import Any

from pipelines.report.content import Board, Row
from pipelines.report.score_in_words import plain, scoring, within
from pipelines.report.words import word

_COMBINE = {
    "weighted_sum": "加权求和",
    "arithmetic": "算术平均",
    "geometric": "几何平均",
    "harmonic": "调和平均",
    "power": "幂平均",
    "min": "取最小",
    "worst_k": "取最差几项平均",
    "kth_worst": "取倒数第几",
    "mpi": "平均减离散惩罚",
    "formula": "按公式",
}
_POLICY = {
    "redistribute": "权重分给同级其他项",
    "full_points": "得满分",
    "zero_points": "得 0 分",
    "group_mean": "取同组平均得分率",
    "mean": "取平均得分率",
    "carry_last": "沿用上次数值",
    "fail": "不得缺失，缺则不出分",
}
_STATES = {"not_applicable": "不适用", "not_published": "本期不发布", "missing": "缺报"}
_NORMALISED = {"as_ruled": "按规则", "minmax": "极差法", "zscore": "标准分", "rank": "位次法"}


def rules_in_words(board: Board) -> list[Row]:
    """Per ruleset in the order of the listings: `title`, `note`, `facts` as sentences, and `leaves` as rows of the tree in order."""
    names = [listing.ruleset for listing in board.listings]
    return [_in_words(board, name) for name in names if any(row["ruleset"] == name for row in board.rules.get("rule_set", []))]


def _in_words(board: Board, ruleset: str) -> Row:
    rules = {table: [row for row in rows if row["ruleset"] == ruleset] for table, rows in board.rules.items()}
    (head,) = rules["rule_set"]
    facts = [
        _validity(head),
        *_groups(rules),
        *_totals(head),
        *_adjustments(rules),
        *_ranks(board, rules),
        *_stars(board, rules),
        *_draws(rules),
    ]
    return {
        "title": board.rules_title(ruleset),
        "note": board.rules_note(ruleset),
        "facts": facts,
        "nodes": [_node(board, rules, row) for row in sorted(rules["rule_node"], key=lambda each: each["ordinal"])],
    }


def _validity(head: Row) -> str:
    least = "" if head.get("coverage_min") is None else f"（应报指标有值不足 {plain(head['coverage_min'] * 100)}% 的不参评）"
    until = f"至 {head['valid_to']}" if head["valid_to"] else "起"
    field = f"{word('populations', head['population'])}{least}"
    return f"适用季度：{head['valid_from']} {until}；满分 {plain(head['scale'])} 分；参评范围：{field}。"


def _groups(rules: dict[str, list[Row]]) -> list[str]:
    named = "、".join(word("groups", row["peer_group"]) for row in rules.get("rule_peer_group", []))
    return [f"比较组：{named}。"] if named else []


def _totals(head: Row) -> list[str]:
    parts = []
    if head["total_low"] is not None or head["total_high"] is not None:
        parts.append(f"总分{within(head['total_low'], head['total_high'])} 分")
    if head["total_round"] is not None:
        parts.append(f"总分四舍五入到 {head['total_round']} 位小数")
    spread = "同级各项" if head["redistribute_within"] == "siblings" else "全部有值各项"
    return ["；".join([*parts, f"无值项的权重在{spread}间重新分配"]) + "。"]


def _node(board: Board, rules: dict[str, list[Row]], node: Row) -> Row:
    share = (
        f"{plain(node['points'])} 分" if node["points"] is not None else "—" if node["weight"] is None else f"权重 {plain(node['weight'])}"
    )
    method, absent = "", ""
    if node["is_leaf"] and node["indicator"]:
        method = scoring(rules, node["indicator"])
        (entry,) = (row for row in rules["rule_indicator"] if row["indicator"] == node["indicator"])
        parts = sorted(row["part"] for row in rules.get("rule_calendar", []) if row["indicator"] == node["indicator"])
        published = f"仅 {'、'.join(parts)} 发布；" if 0 < len(parts) < 4 else ""
        absent = published + "；".join(_policy(entry, state, name) for state, name in _STATES.items())
    elif not node["is_leaf"]:
        method = _combination(rules, node)
    name = "总分" if not node["parent"] else board.node_name(node["node"])
    return {"name": name, "depth": node["depth"], "is_leaf": node["is_leaf"], "share": share, "method": method, "absent": absent}


def _combination(rules: dict[str, list[Row]], node: Row) -> str:
    method = _COMBINE[node["combine"]]
    if node["combine"] == "kth_worst":
        method = f"取倒数第 {node['worst_k']}"
    if node["combine"] == "formula":
        factors = sorted((row for row in rules["rule_node"] if row["parent"] == node["node"]), key=lambda row: row["factor"])
        signs = ["÷" if row["is_divisor"] else "×" for row in factors]
        named = [f"(1 − {row['node']})" if row["is_complement"] else row["node"] for row in factors]
        method = named[0] + "".join(f" {sign} {name}" for sign, name in zip(signs[1:], named[1:], strict=True))
    if node.get("rescale_over") is not None:
        method += f"，折算为与{'全体' if node['rescale_over'] == 'all' else word('groups', node['rescale_over']) + '内'}最高者之比"
    return method if node.get("out_of") is None else f"{method}，按 {plain(node['out_of'])} 分制公布"


def _policy(entry: Row, state: str, name: str) -> str:
    text = _POLICY[entry[state]]
    if entry[state] == "carry_last":
        text += f"（至多 {entry['carry_quarters']} 个季度）"
    if state == "missing" and entry["coverage_min"] is not None:
        text += f"（有值的县不少于 {plain(entry['coverage_min'] * 100)}%，否则不出分）"
    return f"{name}：{text}"


def _adjustments(rules: dict[str, list[Row]]) -> list[str]:
    return [_adjustment(row) for row in sorted(rules.get("rule_adjustment", []), key=lambda each: each["ordinal"])]


def _adjustment(row: Row) -> str:
    if row["max_star"] is not None:
        return f"一票否决：有 {row['event']} 的，至多 {row['max_star']} 星。"
    limits = [f"{what} {plain(row[key])} 分" for key, what in (("cap", "至多"), ("floor", "至少")) if row[key] is not None]
    return f"加减分：{row['event']} 每项 {plain(row['per_item'])} 分" + (f"（{'，'.join(limits)}）" if limits else "") + "。"


def _ranks(board: Board, rules: dict[str, list[Row]]) -> list[str]:
    ties = {"competition": "并列占位", "dense": "并列不占位", "average": "并列取平均", "ordinal": "不并列"}
    told = []
    for row in sorted(rules.get("rule_rank", []), key=lambda each: each["ordinal"]):
        by = {"total": "总分", "change": "总分的变动"}.get(row["measure"]) or f"“{board.node_name(row['node'])}”得分率"
        within = "" if row["peer_group"] == "all" else f"，在{word('groups', row['peer_group'])}内"
        broken_by = "、".join(board.node_name(name) for name in row["tie_breaks"].split(", ") if name)
        breaks = f"，同分依次看{broken_by}" if broken_by else ""
        order = "从高到低" if row["is_descending"] else "从低到高"
        told.append(f"{word('ranks', row['rank_id'])}：按{by}{order}{within}，{ties[row['ties']]}{breaks}")
    return [f"位次——{'；'.join(told)}。"] if told else []


def _stars(board: Board, rules: dict[str, list[Row]]) -> list[str]:
    told = []
    for row in sorted(rules.get("rule_star", []), key=lambda each: each["ordinal"]):
        cuts = sorted((cut for cut in rules["rule_cut"] if cut["star_id"] == row["star_id"]), key=lambda cut: -cut["star"])
        if row["kind"] == "score":
            edge = "及以上" if row["is_closed_left"] else "以上（不含）"
            of = "" if row.get("node") is None else f"按“{board.node_name(row['node'])}”得分，"
            levels = of + "，".join(f"{cut['star']}星 {plain(cut['cut'])} 分{edge}" for cut in cuts)
        else:
            shares = (f"{cut['star']}星为前 {cut['share_numerator']}/{cut['share_denominator']}" for cut in cuts)
            levels = f"按{word('ranks', row['rank_id'])}：" + "，".join(shares) + "（名额向上取整，并列取较高星级）"
        guards = [guard for guard in rules.get("rule_guard", []) if guard["star_id"] == row["star_id"]]
        conditions = "".join(f"；{_guard(board, guard, rules['rule_node'])}" for guard in sorted(guards, key=lambda each: each["ordinal"]))
        told.append(f"星级（{word('stars', row['star_id'])}{'，公布用' if row['ordinal'] == 0 else ''}）：{levels}{conditions}。")
    return told


def _guard(board: Board, guard: Row, nodes: list[Row]) -> str:
    if guard["need"] == "rank":
        limit = (
            f"前 {plain(guard['max_rank'])} 位"
            if guard["max_rank"] is not None
            else f"前 {guard['share_numerator']}/{guard['share_denominator']}"
        )
        need = f"{word('ranks', guard['rank_id'])}在{limit}"
    elif guard["need"] == "total":
        need = f"总分不低于 {plain(guard['at_least'])}"
    else:
        node = next(row for row in nodes if row["node"] == guard["node"])
        is_sum = node.get("out_of") is not None or (not node["is_leaf"] and (node["combine"] == "weighted_sum" or node["parent"] is None))
        score = f"得分不低于 {plain(guard['at_least'])} 分" if is_sum else f"得分率不低于 {plain(guard['at_least'])}"
        need = f"“{board.node_name(guard['node'])}”{score}"
    return f"{guard['star']}星另需{need}，否则 {guard['else_star']} 星"


def _draws(rules: dict[str, list[Row]]) -> list[str]:
    settings: dict[str, list[Any]] = {}
    for row in sorted(rules.get("rule_robustness", []), key=lambda each: (each["setting"], each["ordinal"])):
        settings.setdefault(row["setting"], []).append(row["text_value"] if row["text_value"] is not None else row["number_value"])
    if "draws" not in settings:
        return []
    parts = [f"抽样 {settings['draws'][0]:,.0f} 次（随机种子 {settings['seed'][0]:.0f}）"]
    if "dirichlet" in settings:
        parts.append(f"权重按 Dirichlet（集中度 {plain(settings['dirichlet'][0])}）变动")
    if "uniform" in settings:
        parts.append(f"权重在 ±{plain(settings['uniform'][0] * 100)}% 内变动")
    for key, what, names in (("normalise", "标准化", _NORMALISED), ("combine", "合成", _COMBINE)):
        if key in settings:
            parts.append(f"{what}：{'、'.join(names[each] for each in settings[key])}")
    parts += [what for key, what in (("leave_one_out", "逐一剔除一项指标"), ("revision_noise", "按历次修订幅度加噪")) if key in settings]
    return [f"位次区间与星级概率——{'；'.join(parts)}。"]
