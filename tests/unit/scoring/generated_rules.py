"""Rulesets and tables of values made at random from a seed, which together use every key of the rule language."""

from __future__ import annotations

import random
from typing import Any

PERIOD = "2024Q3"
PERIODS = ("2022Q3", "2023Q2", "2023Q3", "2023Q4", "2024Q1", "2024Q2", "2024Q3")
UNITS = tuple(f"U{number}" for number in range(1, 10))
GROUPS = {"everyone": dict.fromkeys(UNITS, "1"), "class_2024": {u: "ab"[i % 2] for i, u in enumerate(UNITS)}}
GROUPS |= {
    "region_2024": {u: "xyz"[i % 3] for i, u in enumerate(UNITS)},
    "dev_zones": {"U2": "1", "U3": "0"},
    "reporters": dict.fromkeys(UNITS[:7], "yes"),
}
EVENTS = {("U1", PERIOD, "award"): 5.0, ("U2", PERIOD, "late"): 2.0, ("U3", PERIOD, "fraud"): 1.0, ("U4", PERIOD, "award"): 1.0}

GIVEN = "i6"
"""The indicator whose values are scores."""


class Maker:
    """One random world: `rules` as a document and `values` by unit, period and indicator."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.seed = seed
        self.ids = [f"i{number}" for number in range(1, self.r.randint(3, 7))]
        self.positive = self.r.random() < 0.6
        self.above_zero = self.r.random() < 0.6
        self.given = {GIVEN}
        self.logs = {i for i in self.ids if i not in self.given and self.r.random() < 0.15}
        self.values = {(u, p, i): self.value(i, p) for i in self.ids for u in UNITS for p in PERIODS if self.r.random() < 0.97}
        self.rules = self.document()

    def value(self, indicator: str, period: str) -> tuple[float | None, str]:
        state = self.r.choices(("value", "withheld", "not_applicable", "missing", "not_published"), (88, 3, 3, 3, 3))[0]
        x = round(self.r.gauss(50, 25), self.r.choice((0, 1, 6))) if self.r.random() < 0.9 else float(self.r.choice((0, 10, 50)))
        if indicator in self.logs or self.above_zero:
            x = abs(x) + 1
        if indicator in self.given:
            x = max(0.1, min(1.5, x / 60))
        return (x if state in ("value", "withheld") or self.r.random() < 0.3 else None), state

    def over(self) -> Any:
        return self.r.choice(("all", {"peer_group": "class"}, {"peer_group": "region"}))

    def document(self) -> dict[str, Any]:
        r = self.r
        rules: dict[str, Any] = {
            "schema": "scoring-rules/1",
            "ruleset": {"id": f"made-{self.seed}", "version": "1", "valid": {"from": "2024Q3", "to": "2024Q3"}},
            "numbers": {"scale": r.choice((100, 10)), "compare_dp": r.choice((9, 6)), "rounding": r.choice(("half_up", "half_even"))},
            "units": {"population": "everyone", "peer_groups": {"class": "class_2024", "region": "region_2024"}}
            | r.choice(({}, {"coverage_min": r.choice((0.6, 0.8, 1))})),
            "indicators": [self.indicator(name) for name in self.ids],
        }
        within = r.choice(("siblings", "siblings", "tree"))
        self.sums: list[tuple[str, float]] = []
        self.inner: list[str] = []
        root = self.node("total", list(self.ids), 0, rules["numbers"]["scale"], within == "tree")
        rules["tree"] = root | {
            "redistribute_within": within,
            "missing_branch": r.choice(("none", {"mean_over": {"peer_group": "region"}})),
        }
        if r.random() < 0.7:
            rules["adjustments"] = [
                {"id": "a", "from": "events.award", "per_item": 1, "cap": 3},
                {"id": "b", "from": "events.late", "per_item": -1.5, "floor": -2},
                {"id": "c", "from": "events.fraud", "veto": {"max_star": 2}},
            ]
        rules["total"] = r.choice(
            (
                {"clamp": [0, 105], "round": 2},
                {"round": 1},
                {},
                {"clamp": [3, 80], "round": 0},
                {"clamp": ["none", 80]},
                {"clamp": [3, "none"]},
            )
        )
        names = [*self.ids, "total_raw"]
        breaks = r.sample(names, 2)
        rules["ranks"] = [
            {"id": "r1", "by": "total", "ties": r.choice(("competition", "dense", "average")), "order": r.choice(("desc", "asc"))},
            {"id": "r2", "over": self.over(), "ties": r.choice(("competition", "average", "dense")), "tie_break": breaks, "basis": "raw"},
            {"id": "r3", "by": {"change_of": "total", "base": r.choice(("same_period_last_year", "previous_period")), "rules": "restated"}},
            {"id": "r4", "ties": "ordinal", "tie_break": [*breaks, "unit"]},
            {
                "id": "r5",
                "by": {"node": r.choice([*self.ids, *self.inner])},
                "over": self.over(),
                "ties": r.choice(("competition", "dense")),
            },
        ]
        scale = rules["numbers"]["scale"]
        summed, points = r.choice(self.sums)
        guards = (
            {"score": {"ref": self.ids[0], "ge": 0.5}},
            {"total": {"ge": 0.65 * scale}},
            {"score": {"ref": "total", "ge": 0.5 * scale}},
            {"score": {"ref": summed, "ge": 0.6 * points}},
        )
        rules["stars"] = [
            {
                "id": "by_score",
                "closed": r.choice(("left", "right")),
                "cut": {5: 0.7 * scale, 4: 0.6 * scale, 3: 0.5 * scale, 2: 0.4 * scale, 1: 0},
                "guards": [
                    {"need": {"rank": {"id": "r2", "le_share": "0.3"}}, "for": 5, "else": 4},
                    {"need": r.choice(guards), "for": 4, "else": 3},
                    {"need": {"rank": {"id": "r1", "le": 5}}, "for": 3, "else": 2},
                ],
            },
            {"id": "by_node", **self.node_star(), "guards": [{"need": {"rank": {"id": "r5", "le": 4}}, "for": 5, "else": 4}]},
            {"id": "by_share", "rank": r.choice(("r1", "r2", "r4", "r5")), "cumulative": {5: "1/3", 4: "2/3", 3: 1}},
        ]
        return rules

    def node_star(self) -> dict[str, Any]:
        """Cuts on the score of a node, on the scale of `scores.csv`."""
        if self.r.random() < 0.3:
            return {"by": {"node": self.ids[0]}, "cut": {5: 0.9, 4: 0.6, 3: 0.3}, "closed": "right"}
        name, points = self.r.choice(self.sums)
        return {"by": {"node": name}, "cut": {5: 0.7 * points, 4: 0.5 * points, 2: 0.3 * points}}

    def indicator(self, name: str) -> dict[str, Any]:
        r = self.r
        direction = "up" if name in self.given else r.choice(("up", "up", "down", "target"))
        found: dict[str, Any] = {"id": name, "direction": direction, "states": self.states()}
        if direction == "target":
            found["ideal"] = 50
        if r.random() < 0.25 and name != self.ids[0]:
            found["calendar"] = {"published": r.choice((["Q4"], ["Q1", "Q3"], ["Q2", "Q4"]))}
        if r.random() < 0.2:
            found["applies"] = {"units": r.choice(({"not_in": ["dev_zones"]}, {"in": ["reporters"]}))}
        if r.random() < 0.25:
            found["treat"] = {"clip_percentile": r.choice(([2.5, 97.5], [10, 90]))}
        if name in self.logs:
            ln = {"method": "goalposts", "worst": 1, "best": {"target": 150}, "transform": "ln", "clamp": [0.1, 1]}
            if direction == "down":
                ln |= {"worst": 150, "best": 1}
            treated = r.choice(("log", "sqrt"))
            found |= {"score": ln} if direction != "target" and r.random() < 0.3 else {"treat": treated, "score": self.score(direction)}
        elif name in self.given:
            found["score"] = self.clamped({"method": "given"})
        elif r.random() < 0.5:
            found["score"] = self.score(direction, is_level=True)
        else:
            shares = r.choice(((0.6, 0.4), ("1/3", "2/3"), (0.2, 0.4, 0.4), ("1/3", "1/3", "1/3")))
            found["components"] = [{"id": "now", "share": shares[0], "score": self.score(direction, is_level=True)}]
            for number, share in enumerate(shares[1:]):
                value = self.change()
                score = self.score("up" if value["change"] == "rank_gain" else direction)
                found["components"].append({"id": f"c{number}", "share": share, "value": value, "score": score})
        return found

    def change(self) -> dict[str, Any]:
        change: dict[str, Any] = {"change": self.r.choice(("diff", "pct", "ratio", "rank_gain"))}
        change["base"] = self.r.choice(("same_period_last_year", "previous_period"))
        if self.r.random() < 0.5:
            change |= {"min_base": 10, "below_min_base": "not_applicable"}
        return change

    def states(self) -> dict[str, Any]:
        r = self.r
        plain = ("redistribute", "full_points", "mean", {"group_mean": {"peer_group": "class"}}, "zero_points")
        if self.positive:
            plain = plain[:4]
        states: dict[str, Any] = {"not_applicable": r.choice(plain), "withheld": "use"}
        states["not_published"] = r.choice((*plain, {"carry_last": {"max_age": r.choice(("1q", "4q"))}}, "nowcast"))
        states["missing"] = r.choice(({"then": r.choice(plain), "coverage_min": 0.2}, {"then": r.choice(plain)}, r.choice(plain)))
        return states

    def score(self, direction: str, *, is_level: bool = False) -> dict[str, Any]:
        """A method that agrees with the direction; under `target` it sees minus the distance from the ideal, and a change has no ratio."""
        r = self.r
        low = 0.1 if self.positive else r.choice((0, 0.2))
        methods: list[dict[str, Any]] = [
            {"method": "minmax", "over": self.over(), "to": [max(low, 0.1), 1.0]},
            {"method": "zscore", "over": self.over(), "m": 0.5, "s": 0.2},
            {"method": "zscore"},
            {"method": "rank", "over": self.over(), "ties": r.choice(("competition", "dense", "average")), "to": [0.2, 1]},
            {"method": "percentile", "ties": r.choice(("competition", "dense", "average")), "over": self.over()},
            {
                "method": "around",
                "centre": {"stat": r.choice(("mean", "median", "min", "max")), "over": self.over()},
                "base": 0.6,
                "step": 5,
                "gain": 0.02,
            },
        ]
        if is_level and direction != "target":
            methods += [{"method": "ratio_to_best", "over": self.over()}, {"method": "ratio_to_target", "target": 60}]
        methods += {"up": self.rising, "down": self.falling, "target": self.distances}[direction]()
        return self.clamped(r.choice(methods))

    def rising(self) -> list[dict[str, Any]]:
        return [
            {"method": "goalposts", "worst": 0, "best": {"target": 70.5}},
            {"method": "goalposts", "worst": 1, "best": 100},
            {"method": "ratio_to_target", "target": self.r.choice((60, {"target": 25.5}))},
            {"method": "piecewise", "points": [[-10, 0.1], [20, 0.4], [50, 0.9], [80, 1]]},
            {"method": "piecewise", "points": [[0, 0.2], [50, 1], [90, 0.3]]},
            {"method": "steps", "closed": "left", "bands": [{"ge": 60, "y": 1}, {"ge": 50, "y": 0.8}, {"ge": 10, "y": 0.5}, {"else": 0.3}]},
            {"method": "steps", "closed": "right", "bands": [{"le": 10, "y": 0.2}, {"gt": 10, "le": 50, "y": 0.6}, {"gt": 50, "y": 1}]},
            {"method": "around", "centre": 40, "base": 0.6, "step": 0.05, "gain": 0.01, "relative": True, "whole_steps": True},
        ]

    def falling(self) -> list[dict[str, Any]]:
        return [
            {"method": "goalposts", "worst": 120, "best": {"target": 70.5}},
            {"method": "ratio_to_target", "target": -25.5},
            {"method": "piecewise", "points": [[-10, 1], [20, 0.9], [50, 0.4], [80, 0.1]]},
            {"method": "steps", "closed": "left", "bands": [{"ge": 60, "y": 0.3}, {"ge": 50, "y": 0.5}, {"ge": 10, "y": 0.8}, {"else": 1}]},
            {"method": "around", "centre": 40, "base": 0.6, "step": 0.05, "gain": 0.01, "relative": True, "whole_steps": True},
        ]

    def distances(self) -> list[dict[str, Any]]:
        return [
            {"method": "goalposts", "worst": -60, "best": 0},
            {"method": "piecewise", "points": [[-80, 0.1], [-20, 0.4], [0, 1]]},
            {"method": "steps", "closed": "left", "bands": [{"ge": -10, "y": 1}, {"ge": -40, "y": 0.5}, {"else": 0.3}]},
            {"method": "around", "centre": -20, "base": 0.6, "step": 5, "gain": 0.02},
        ]

    def clamped(self, score: dict[str, Any]) -> dict[str, Any]:
        r = self.r
        low = 0.1 if self.positive else r.choice((0, 0.2))
        if self.positive or r.random() < 0.7:
            score["clamp"] = [low, r.choice((1, 1.2, "none"))]
        elif r.random() < 0.3:
            score["clamp"] = ["none", 1]
        if r.random() < 0.2:
            score["floor_share"] = 0.3
        return score

    def node(self, name: str, ids: list[str], depth: int, points: int | None, only_sums: bool) -> dict[str, Any]:
        r = self.r
        combines: list[Any] = [
            "weighted_sum",
            "arithmetic",
            "min",
            {"worst_k": 2},
            {"kth_worst": r.choice((1, 2, 3))},
            {"mpi": {"penalty": r.choice(("pos", "neg")), "population": r.choice((True, False))}},
        ]
        if self.positive:
            combines += ["geometric", "harmonic", {"power": 2}, {"power": -1.5}, {"power": 0.5}]
        combine = "weighted_sum" if only_sums else r.choice(combines)
        parts: list[list[str]] = [[i] for i in ids]
        while depth < 5 and len(parts) > 2 and r.random() < 0.6:
            parts[0:2] = [parts[0] + parts[1]]
        if not only_sums and depth > 0 and len(parts) <= 3 and r.random() < 0.3:
            combine = {"formula": self.formula([f"{name}_{n}" if len(part) > 1 else part[0] for n, part in enumerate(parts)])}
        kind = combine if isinstance(combine, str) else next(iter(combine))
        self.inner.append(name)
        extra: dict[str, Any] = {"rescale": r.choice(("best", {"best": self.over()}))} if self.above_zero and r.random() < 0.2 else {}
        if depth > 0 and r.random() < 0.3:
            extra |= {"out_of": 100}
            self.sums.append((name, 100.0))
        elif depth == 0 or (kind == "weighted_sum" and points is not None and points >= 2):
            self.sums.append((name, float(points or 1)))
        children = []
        left = points if points is not None else 10 * len(parts)
        for number, part in enumerate(parts):
            share = left if number == len(parts) - 1 else left / 2
            left -= share
            has_points = kind == "weighted_sum"
            own: dict[str, Any] = {"points": share} if has_points else {}
            if kind in ("arithmetic", "geometric", "harmonic", "power") and r.random() < 0.7:
                own = {"weight": r.choice((1, 2, 0.5))}
            if len(part) == 1:
                children.append(own | {"ref": part[0]})
            else:
                children.append(own | self.node(f"{name}_{number}", part, depth + 1, share if has_points else None, only_sums))
        return {"id": name, "combine": combine, "children": children} | extra

    def formula(self, names: list[str]) -> str:
        """A product of the named scores; where all scores are above zero some divide, and some count as 1 − x where any may be."""
        text = ""
        for number, name in enumerate(names):
            is_divisor = number > 0 and self.positive and self.r.random() < 0.3
            sign = " / " if is_divisor else " * " if number else ""
            is_complement = not self.positive and not is_divisor and self.r.random() < 0.4
            text += sign + (f"(1 - {name})" if is_complement else name)
        return text
