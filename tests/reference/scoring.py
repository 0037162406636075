"""A plain reading of the scoring rules (semantics 1 to 11), slow and without SQL: the oracle that the models are compared with.

It takes a ruleset as YAML text and Python dictionaries; it shares no code with the project.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import yaml

Values = dict[tuple[str, str, str], tuple[float | None, str]]  # (unit, period, indicator) -> value, state
Groups = dict[tuple[str, str], dict[str, str]]  # (period, membership) -> unit -> group
Events = dict[tuple[str, str, str], float]  # (unit, period, event) -> count
NO = ("", "0", "false", "no", "n", "否")


class Refused(Exception):
    """The rule says that no total can be given."""


class Scoring:
    """All results of one ruleset for one period; attributes are filled by `run`, in the order of the semantics."""

    def __init__(self, rules: str, values: Values, groups: Groups, events: Events, period: str) -> None:
        self.rules: dict[str, Any] = yaml.safe_load(rules)
        self.values, self.groups, self.events, self.period = values, groups, events, period
        numbers = self.rules.get("numbers", {})
        self.scale, self.dp = numbers.get("scale", 100), numbers.get("compare_dp", 9)
        self.rounding = ROUND_HALF_EVEN if numbers.get("rounding") == "half_even" else ROUND_HALF_UP
        units = self.rules["units"]
        self.peer_tables = units.get("peer_groups", {})
        self.units = sorted(u for u, group in groups.get((period, units["population"]), {}).items() if group.lower() not in NO)
        self.state: dict[tuple[str, str], str] = {}
        self.y: dict[tuple[str, str], float | None] = {}
        self.weight: dict[tuple[str, str], float] = {}
        self.failed: set[str] = set()

    # ---- comparing and grouping

    def at(self, x: float) -> Decimal:
        return Decimal(repr(float(x))).quantize(Decimal(1).scaleb(-self.dp), ROUND_HALF_UP)

    def peers(self, unit: str, over: Any) -> set[str]:
        if over in (None, "all"):
            return set(self.units)
        table = self.groups.get((self.period, self.peer_tables[over["peer_group"]]), {})
        return {u for u in self.units if u in table and table[u] == table.get(unit)}

    def observed(self, unit: str, period: str, indicator: str) -> float | None:
        value, state = self.values.get((unit, period, indicator), (None, "missing"))
        return value if state in ("value", "withheld") else None

    # ---- 2 and 3: states and values

    def state_of(self, unit: str, rule: dict[str, Any]) -> str:
        for key, memberships in rule.get("applies", {}).get("units", {}).items():
            inside = [self.groups.get((self.period, name), {}).get(unit, "").lower() not in NO for name in memberships]
            if (key == "not_in" and any(inside)) or (key == "in" and not all(inside)):
                return "not_applicable"
        published = rule.get("calendar", {}).get("published")
        if published is not None and (self.period[4:] or "Q4") not in published:
            return "not_published"
        value, state = self.values.get((unit, self.period, rule["id"]), (None, "missing"))
        return "missing" if state == "value" and value is None else state

    def value_of(self, unit: str, rule: dict[str, Any], state: str) -> tuple[float | None, str]:
        if state in ("value", "withheld"):
            return self.values[unit, self.period, rule["id"]][0], self.period
        policy = rule.get("states", {}).get("not_published")
        if state == "not_published" and isinstance(policy, dict) and "carry_last" in policy:
            for age in range(1, int(policy["carry_last"]["max_age"][:-1]) + 1):
                period = quarters_before(self.period, age)
                if period[4:] in rule.get("calendar", {}).get("published", period[4:]):
                    value = self.observed(unit, period, rule["id"])
                    if value is not None:
                        return value, period
        if state == "not_published" and policy == "nowcast":
            return self.values.get((unit, self.period, rule["id"]), (None, ""))[0], self.period
        return None, self.period

    def changed(self, rule: dict[str, Any], component: dict[str, Any], now: dict[str, tuple[float, str]]) -> dict[str, float | None]:
        value = component.get("value", "level")
        if value == "level":
            return dict.fromkeys(now) | {unit: x for unit, (x, _) in now.items()}
        bases = {unit: self.observed(unit, base_of(period, value["base"]), rule["id"]) for unit, (_, period) in now.items()}
        gains = self.rank_gains(rule, now, bases)
        found: dict[str, float | None] = {}
        for unit, (x, _) in now.items():
            b = bases[unit]
            if b is None or ("min_base" in value and self.at(abs(b)) < self.at(value["min_base"])):
                continue
            if value["change"] == "diff":
                found[unit] = x - b
            elif value["change"] == "rank_gain":
                found[unit] = gains[unit]
            elif b != 0 and value["change"] == "pct":
                found[unit] = 100 * (x - b) / abs(b)
            elif b != 0:
                found[unit] = x / b if b > 0 else None
        return found

    def rank_gains(self, rule: dict[str, Any], now: dict[str, tuple[float, str]], bases: dict[str, float | None]) -> dict[str, float]:
        def oriented(x: float) -> Decimal:
            return self.at(directed(x, rule))

        today = [oriented(x) for x, _ in now.values()]
        before = [oriented(b) for b in bases.values() if b is not None]
        return {
            unit: float(sum(1 for other in before if other > oriented(b)) - sum(1 for other in today if other > oriented(now[unit][0])))
            for unit, b in bases.items()
            if b is not None
        }

    # ---- 4 and 5: treatment and scores

    def treated(self, rule: dict[str, Any], xs: dict[str, float | None]) -> dict[str, float | None]:
        treat = rule.get("treat", "none")
        if treat == "log":
            return {unit: math.log(x) if x is not None and x > 0 else None for unit, x in xs.items()}
        if treat == "sqrt":
            return {unit: math.sqrt(x) if x is not None and x >= 0 else None for unit, x in xs.items()}
        members = sorted(x for x in xs.values() if x is not None)
        if treat == "none" or not members:
            return dict(xs)
        low, high = (percentile(members, p) for p in treat["clip_percentile"])
        return {unit: None if x is None else min(max(x, low), high) for unit, x in xs.items()}

    def scored(self, rule: dict[str, Any], component: dict[str, Any], now: dict[str, tuple[float, str]]) -> dict[str, float | None]:
        score = component["score"]
        xs: dict[str, float | None] = self.treated(rule, self.changed(rule, component, now))
        relative = score["method"] in ("minmax", "zscore", "rank", "percentile", "ratio_to_best", "around")
        is_gain = isinstance(component.get("value"), dict) and component["value"]["change"] == "rank_gain"
        flips = rule.get("direction", "up") == "target" or (rule.get("direction") == "down" and relative)
        if flips and not is_gain and score["method"] != "given":
            xs = {unit: None if x is None else directed(x, rule) for unit, x in xs.items()}
        over = score["centre"].get("over") if isinstance(score.get("centre"), dict) else score.get("over")
        found: dict[str, float | None] = {}
        for unit, x in xs.items():
            mates = sorted(v for mate in self.peers(unit, over) if (v := xs.get(mate)) is not None)
            y = None if x is None else self.method(score, x, mates, rule.get("direction", "up"), is_gain)
            if y is not None:
                y = self.clamped(y, score.get("clamp"))
                y = max(y, score["floor_share"]) if "floor_share" in score else y
            found[unit] = y
        return found

    def clamped(self, y: float, clamp: list[Any] | None) -> float:
        low, high = clamp or ("none", "none")
        if low != "none" and self.at(y) <= self.at(low):
            return float(low)
        return float(high) if high != "none" and self.at(y) >= self.at(high) else y

    def method(self, score: dict[str, Any], x: float, mates: list[float], direction: str, is_gain: bool) -> float | None:
        low, high = score.get("to", [0, 1])
        is_lower_better = direction == "down" and not is_gain
        match score["method"]:
            case "goalposts":
                worst, best = (post["target"] if isinstance(post, dict) else post for post in (score["worst"], score["best"]))
                if score.get("transform") == "ln":
                    return None if x <= 0 else (math.log(x) - math.log(worst)) / (math.log(best) - math.log(worst))
                return (x - worst) / (best - worst)
            case "minmax":
                if self.at(mates[0]) == self.at(mates[-1]):
                    return high
                return low + (high - low) * (x - mates[0]) / (mates[-1] - mates[0])
            case "zscore":
                m, s = score.get("m", 0), score.get("s", 1)
                if self.at(mates[0]) == self.at(mates[-1]):
                    return m
                mean = math.fsum(mates) / len(mates)
                return m + s * (x - mean) / math.sqrt(math.fsum((v - mean) ** 2 for v in mates) / (len(mates) - 1))
            case "rank" | "percentile":
                rank, last = self.place(self.at(x), [self.at(v) for v in mates], score.get("ties", "competition"))
                if score["method"] == "percentile":
                    return low + (high - low) * (last - rank + 1) / last
                return high if last == 1 else low + (high - low) * (last - rank) / (last - 1)
            case "ratio_to_target":
                target = score["target"]["target"] if isinstance(score["target"], dict) else score["target"]
                if is_lower_better and target > 0:
                    return target / x if x > 0 else None
                return x / target
            case "ratio_to_best":
                best = mates[-1]
                if is_lower_better:  # the values and the best of them come with their sign turned
                    return best / x if best < 0 else None
                return x / best if best > 0 else None
            case "piecewise":
                return along(score["points"], x)
            case "steps":
                return next((band["else"] if "else" in band else band["y"]) for band in score["bands"] if self.matches(band, x))
            case "around":
                return self.around(score, x, mates, direction)
        return x if -1 <= x <= 1.5 else None

    def place(self, x: Decimal, mates: list[Decimal], ties: str) -> tuple[float, int]:
        better = [v for v in mates if v > x]
        if ties == "dense":
            return 1 + len(set(better)), len(set(mates))
        equal = sum(1 for v in mates if v == x)
        return 1 + len(better) + ((equal - 1) / 2 if ties == "average" else 0), len(mates)

    def matches(self, band: dict[str, Any], x: float) -> bool:
        tests = {"ge": Decimal.__ge__, "gt": Decimal.__gt__, "le": Decimal.__le__, "lt": Decimal.__lt__}
        return all(test(self.at(x), self.at(band[key])) for key, test in tests.items() if key in band)

    def around(self, score: dict[str, Any], x: float, mates: list[float], direction: str) -> float | None:
        centre = score["centre"]
        if isinstance(centre, dict):
            ends = (mates[-1], mates[0]) if direction == "down" else (mates[0], mates[-1])
            stats = {"mean": math.fsum(mates) / len(mates), "median": percentile(mates, 50), "min": ends[0], "max": ends[1]}
            centre = stats[centre["stat"]]
        elif direction == "down":
            centre = -centre
        step = score["step"] * (abs(centre) if score.get("relative") else 1)
        if step == 0:
            return None
        k = (x - centre) / step
        return score["base"] + score["gain"] * (int(self.at(k)) if score.get("whole_steps") else k)

    # ---- 6: no value

    def indicators(self) -> None:
        for rule in self.rules["indicators"]:
            name = rule["id"]
            now: dict[str, tuple[float, str]] = {}
            for unit in self.units:
                self.state[unit, name] = self.state_of(unit, rule)
                value, period = self.value_of(unit, rule, self.state[unit, name])
                if value is not None:
                    now[unit] = (value, period)
            components = rule.get("components") or [{"share": 1, "score": rule["score"]}]
            scores = [(float(Fraction(str(c["share"]))), self.scored(rule, c, now)) for c in components]
            own: dict[str, float] = {}
            for unit in now:
                parts = [(share, ys[unit]) for share, ys in scores if unit in ys]
                if any(y is None for _, y in parts):
                    self.failed.add(unit)
                elif parts:
                    own[unit] = math.fsum(share * y for share, y in parts) / math.fsum(share for share, _ in parts)
                else:
                    self.state[unit, name] = "not_applicable"
            for unit in self.units:
                self.y[unit, name] = own[unit] if unit in own else self.without_value(unit, rule, own)
        self.uncovered = {unit for unit in self.units if not self.is_covered(unit)}
        self.failed -= self.uncovered

    def is_covered(self, unit: str) -> bool:
        """Whether enough of the indicators that the unit should report have a value."""
        states = [self.state[unit, rule["id"]] for rule in self.rules["indicators"]]
        reported = sum(s in ("value", "withheld") for s in states)
        return self.at(reported) >= self.at(self.rules["units"].get("coverage_min", 0) * (reported + states.count("missing")))

    def without_value(self, unit: str, rule: dict[str, Any], own: dict[str, float]) -> float | None:
        state = self.state[unit, rule["id"]]
        if state in ("value", "withheld"):
            return None
        policy = rule.get("states", {}).get(state, "fail" if state == "missing" else "redistribute")
        if isinstance(policy, dict) and "then" in policy:
            states = [self.state[u, rule["id"]] for u in self.units]
            reported = sum(s in ("value", "withheld") for s in states)
            expected = policy.get("coverage_min", 0) * (reported + states.count("missing"))
            if self.at(reported) < self.at(expected):
                self.failed.add(unit)
                return None
            policy = policy["then"]
        if policy == "fail":
            self.failed.add(unit)
        if policy in ("full_points", "zero_points"):
            return float(policy == "full_points")
        if policy == "mean" or policy == "group_mean" or (isinstance(policy, dict) and "group_mean" in policy):
            over = (
                "all"
                if policy == "mean"
                else policy["group_mean"]
                if isinstance(policy, dict)
                else {"peer_group": next(iter(self.peer_tables))}
            )
            mates = [own[mate] for mate in self.peers(unit, over) if mate in own]
            return math.fsum(mates) / len(mates) if mates else None
        return None

    # ---- 7 and 8: the tree

    def tree(self) -> None:
        self.combine(self.rules["tree"], None)
        for unit in self.units:
            if self.y[unit, self.rules["tree"]["id"]] is not None:
                self.weigh(unit, self.rules["tree"], float(self.scale))

    def combine(self, node: dict[str, Any], fill: Any) -> None:
        below = node.get("missing_branch", fill)
        for child in node["children"]:
            if "children" in child:
                self.combine(child, below)
        own: dict[str, float] = {}
        for unit in self.units:
            parts = [(child, y) for child in node["children"] if (y := self.y[unit, name_of(child)]) is not None]
            if parts and unit not in self.failed | self.uncovered and self.is_complete(unit, node):
                try:
                    own[unit] = self.combined(
                        node, [(self.heft(unit, child), y) for child, y in parts], {name_of(child): y for child, y in parts}
                    )
                except Refused:
                    self.failed.add(unit)
        own = self.rescaled(node, own)
        real = {unit: y for unit, y in own.items() if self.has_own(unit, node)}
        for unit in self.units:
            y = own.get(unit)
            if y is None and isinstance(fill, dict) and unit not in self.failed | self.uncovered:
                mates = [real[mate] for mate in self.peers(unit, fill["mean_over"]) if mate in real]
                y = math.fsum(mates) / len(mates) if mates else None
            self.y[unit, node["id"]] = y

    def rescaled(self, node: dict[str, Any], own: dict[str, float]) -> dict[str, float]:
        """Each unit's score as a part of the best one among its peers, of those that have the node by their own values."""
        if "rescale" not in node:
            return own
        over = "all" if node["rescale"] == "best" else node["rescale"]["best"]
        found: dict[str, float] = {}
        for unit, y in own.items():
            best = max((own[mate] for mate in self.peers(unit, over) if mate in own and self.has_own(mate, node)), default=0.0)
            if self.at(best) > 0:
                found[unit] = y / best
            else:
                self.failed.add(unit)
        return found

    def is_complete(self, unit: str, node: dict[str, Any]) -> bool:
        how = node.get("combine")
        is_formula = isinstance(how, dict) and "formula" in how
        return not is_formula or all(self.y[unit, name_of(child)] is not None for child in node["children"])

    def has_own(self, unit: str, node: dict[str, Any]) -> bool:
        return self.is_complete(unit, node) and any(
            self.has_own(unit, child) if "children" in child else self.y[unit, child["ref"]] is not None for child in node["children"]
        )

    def heft(self, unit: str, child: dict[str, Any]) -> float:
        """What the child weighs among its siblings: its weight or points, or its present leaves' points if they stay in the tree."""
        if self.rules["tree"].get("redistribute_within") != "tree" or "children" not in child:
            return float(child.get("points", child.get("weight", 1)))
        if not self.has_own(unit, child):
            return float(child["points"])
        return math.fsum(self.heft(unit, c) for c in child["children"] if self.y[unit, name_of(c)] is not None)

    def combined(self, node: dict[str, Any], parts: list[tuple[float, float]], named: dict[str, float]) -> float:
        how = node.get("combine", "weighted_sum")
        kind, detail = next(iter(how.items())) if isinstance(how, dict) else (how, None)
        total = math.fsum(w for w, _ in parts)
        ys = sorted(y for _, y in parts)
        if kind in ("geometric", "harmonic") or (kind == "power" and detail < 0):
            if ys[0] <= 0:
                raise Refused
        elif kind == "power" and ys[0] < 0:
            raise Refused
        mean = math.fsum(ys) / len(ys)
        match kind:
            case "geometric":
                return math.exp(math.fsum(w * math.log(y) for w, y in parts) / total)
            case "harmonic":
                return total / math.fsum(w / y for w, y in parts)
            case "power":
                return (math.fsum(w * y**detail for w, y in parts) / total) ** (1 / detail)
            case "min":
                return ys[0]
            case "formula":
                return self.product(detail, named)
            case "kth_worst":
                return ys[min(detail, len(ys)) - 1]
            case "worst_k":
                return math.fsum(ys[:detail]) / len(ys[:detail])
            case "mpi":
                if mean <= 0:
                    raise Refused
                free = len(ys) if detail.get("population") else max(len(ys) - 1, 1)
                penalty = math.fsum((y - mean) ** 2 for y in ys) / free / mean
                return mean - penalty if detail.get("penalty", "pos") == "pos" else mean + penalty
        return math.fsum(w * y for w, y in parts) / total

    def product(self, text: str, named: dict[str, float]) -> float:
        found = 1.0
        for sign, complement, name in re.findall(r"([*/]?)\s*(\(1 - )?([\w.]+)\)?", text):
            x = 1 - named[name] if complement else named[name]
            if sign == "/" and self.at(x) == 0:
                raise Refused
            found = found / x if sign == "/" else found * x
        if not abs(found) < 1e9:
            raise Refused
        return found

    def weigh(self, unit: str, node: dict[str, Any], points: float) -> None:
        self.weight[unit, name_of(node)] = points
        if not self.is_complete(unit, node):
            return
        present = [child for child in node.get("children", []) if self.y[unit, name_of(child)] is not None]
        total = math.fsum(self.heft(unit, child) for child in present)
        for child in present:
            self.weigh(unit, child, points * self.heft(unit, child) / total)

    # ---- 9 to 11: totals, ranks, stars

    def totals(self) -> None:
        self.raw: dict[str, float] = {}
        self.total: dict[str, float] = {}
        self.max_star: dict[str, int] = {}
        rule = self.rules.get("total", {})
        for unit in self.units:
            y = self.y[unit, self.rules["tree"]["id"]]
            if y is None or unit in self.failed:
                continue
            raw = self.scale * y
            for adjustment in self.rules.get("adjustments", []):
                count = self.events.get((unit, self.period, adjustment["from"].removeprefix("events.")), 0)
                if "veto" in adjustment:
                    if count > 0:
                        self.max_star[unit] = min(self.max_star.get(unit, 5), adjustment["veto"]["max_star"])
                else:
                    gain = min(adjustment["per_item"] * count, adjustment.get("cap", math.inf))
                    raw += max(gain, adjustment.get("floor", -math.inf))
            self.raw[unit] = self.clamped(raw, rule.get("clamp"))
            self.total[unit] = self.raw[unit]
            if rule.get("round", "none") != "none":
                self.total[unit] = float(self.at(self.raw[unit]).quantize(Decimal(1).scaleb(-rule["round"]), self.rounding))

    def ranks(self) -> None:
        self.rank: dict[tuple[str, str], float] = {}
        self.ranked: dict[tuple[str, str], int] = {}
        is_rounded = self.rules.get("total", {}).get("round", "none") != "none"
        for rule in self.rules.get("ranks", []):
            basis = self.total if rule.get("basis", "rounded" if is_rounded else "raw") == "rounded" else self.raw
            measure = dict(basis)
            if isinstance(rule.get("by"), dict) and "node" in rule["by"]:
                measure = {u: y for u in self.raw if (y := self.shown(u, rule["by"]["node"])) is not None}
            elif isinstance(rule.get("by"), dict):
                before = Scoring(
                    yaml.safe_dump(self.rules), self.values, self.groups, self.events, base_of(self.period, rule["by"]["base"])
                )
                before.until_totals()
                bases = before.total if basis is self.total else before.raw
                measure = {unit: x - bases[unit] for unit, x in basis.items() if unit in bases}
            sign = -1 if rule.get("order", "desc") == "asc" else 1
            keys = {unit: self.rank_key(unit, sign * self.at(x), rule) for unit, x in measure.items()}
            for unit in keys:
                mates = [keys[mate] for mate in self.peers(unit, rule.get("over")) if mate in keys]
                self.ranked[unit, rule["id"]] = len(mates)
                better = [key for key in mates if key < keys[unit]]
                ties = rule.get("ties", "competition")
                rank = 1.0 + len(set(better)) if ties == "dense" else 1.0 + len(better)
                equal = [mate for mate in self.peers(unit, rule.get("over")) if mate in keys and keys[mate] == keys[unit]]
                if ties == "average":
                    rank += (len(equal) - 1) / 2
                if ties == "ordinal":
                    rank += sorted(equal).index(unit)
                self.rank[unit, rule["id"]] = rank

    def shown(self, unit: str, node: str) -> float | None:
        """The score of a node, unless it is an indicator's that is withheld."""
        return None if self.state.get((unit, node)) == "withheld" else self.y[unit, node]

    def rank_key(self, unit: str, measure: Decimal, rule: dict[str, Any]) -> tuple[Any, ...]:
        key: list[Any] = [-measure]
        for name in rule.get("tie_break", []):
            if name == "unit":
                key.append(unit)
            elif name == "total_raw":
                key.append(-self.at(self.raw[unit]))
            else:
                y = self.y[unit, name]
                key.append(Decimal("Infinity") if y is None else -self.at(y))
        return tuple(key)

    def stars(self) -> None:
        self.star: dict[tuple[str, str], int] = {}
        is_rounded = self.rules.get("total", {}).get("round", "none") != "none"
        for rule in self.rules.get("stars", []):
            basis = self.total if rule.get("basis", "rounded" if is_rounded else "raw") == "rounded" else self.raw
            if isinstance(rule.get("by"), dict):
                name = rule["by"]["node"]
                basis = {
                    u: s
                    for u in self.total
                    if self.shown(u, name) is not None and (s := self.score_of(u, name, self.rules["tree"])) is not None
                }
            for unit, total in basis.items():
                if "cut" in rule:
                    closed = rule.get("closed", "left") == "left"
                    reached = [
                        k for k, cut in rule["cut"].items() if self.at(total) > self.at(cut) or (closed and self.at(total) == self.at(cut))
                    ]
                elif (unit, rule["rank"]) not in self.rank:
                    continue
                else:
                    reached = [k for k, share in rule["cumulative"].items() if self.within(unit, rule["rank"], Fraction(str(share)))]
                star = max(reached, default=0)
                limits = [g["else"] for g in rule.get("guards", []) if star >= g["for"] and not self.fulfils(unit, g["need"])]
                self.star[unit, rule["id"]] = min([star, *limits, self.max_star.get(unit, 5)])

    def within(self, unit: str, rank: str, share: Fraction) -> bool:
        return (unit, rank) in self.rank and self.rank[unit, rank] <= math.ceil(share * self.ranked[unit, rank])

    def fulfils(self, unit: str, need: dict[str, Any]) -> bool:
        if "total" in need:
            return self.at(self.total[unit]) >= self.at(need["total"]["ge"])
        if "score" in need:
            score = self.score_of(unit, need["score"]["ref"], self.rules["tree"])
            return score is not None and self.at(score) >= self.at(need["score"]["ge"])
        rank = need["rank"]
        if "le" in rank:
            return (unit, rank["id"]) in self.rank and self.rank[unit, rank["id"]] <= rank["le"]
        return self.within(unit, rank["id"], Fraction(str(rank["le_share"])))

    def score_of(self, unit: str, name: str, node: dict[str, Any], depth: int = 0) -> float | None:
        """A node's score as `scores.csv` gives it: points of the root and of a weighted sum, else the mean of its children."""
        if name_of(node) != name:
            return next((s for child in node.get("children", []) if (s := self.score_of(unit, name, child, depth + 1)) is not None), None)
        y = self.y[unit, name]
        if "out_of" in node and y is not None and (unit, name) in self.weight:
            return float(node["out_of"]) * y
        is_sum = "children" in node and (depth == 0 or node.get("combine", "weighted_sum") == "weighted_sum")
        return None if y is None or (unit, name) not in self.weight else y * (self.weight[unit, name] if is_sum else 1)

    def until_totals(self) -> None:
        self.indicators()
        self.tree()
        self.totals()

    def run(self) -> Scoring:
        self.until_totals()
        self.ranks()
        self.stars()
        return self


def name_of(node: dict[str, Any]) -> str:
    return str(node.get("ref", node.get("id")))


def directed(x: float, rule: dict[str, Any]) -> float:
    direction = rule.get("direction", "up")
    return -x if direction == "down" else -abs(x - rule["ideal"]) if direction == "target" else x


def percentile(ordered: list[float], p: float) -> float:
    place = p / 100 * (len(ordered) - 1)
    low = ordered[math.floor(place)]
    return low + (place - math.floor(place)) * (ordered[math.ceil(place)] - low)


def along(points: list[list[float]], x: float) -> float:
    if x < points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def quarters_before(period: str, quarters: int) -> str:
    index = int(period[:4]) * 4 + int(period[5]) - 1 - quarters
    return f"{index // 4}Q{index % 4 + 1}"


def base_of(period: str, base: str) -> str:
    return quarters_before(period, 4 if base == "same_period_last_year" else 1)
