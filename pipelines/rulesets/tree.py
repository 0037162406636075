"""The tree of a ruleset: nodes, weights and combinations, as rows of `rule_node`.

Here: the keys under `tree:`, and the checks that need the whole tree. Not here: indicators, what follows the tree.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pipelines.rulesets.formula import Factor, read_formula
from pipelines.rulesets.parameters import Row, Rows
from pipelines.rulesets.scores import EVERYONE, read_over
from pipelines.rulesets.section import Section, as_fraction, nearest, show

DEEPEST = 6
_PLAIN = ("weighted_sum", "arithmetic", "geometric", "harmonic", "min")
_WITH_VALUE = ("power", "worst_k", "kth_worst", "mpi", "formula")
UNWEIGHTED = ("min", "worst_k", "kth_worst", "mpi", "formula")


def read_tree(top: Section, rows: Rows, scale: Fraction, peer_groups: list[str]) -> str:
    """Fill `rule_node`; gives `redistribute_within`. Points add up, every indicator hangs at exactly one place."""
    with top.inside("tree") as tree:
        within = tree.choice("redistribute_within", ("siblings", "tree"), "siblings")
        _Tree(rows, peer_groups, within).node(tree, None, scale)
    placed = {row["indicator"] for row in rows["rule_node"] if row["is_leaf"]}
    for row in rows["rule_indicator"]:
        if row["indicator"] not in placed:
            top.refuse(f"indicators[{row['ordinal']}].id", repr(row["indicator"]), "an indicator that the tree refers to")
    return within


class _Tree:
    """The walk over the nodes, with what is known of the ruleset so far."""

    def __init__(self, rows: Rows, peer_groups: list[str], within: str) -> None:
        self.nodes = rows["rule_node"]
        self.indicators = {row["indicator"] for row in rows["rule_indicator"]}
        self.lowest = _lowest_scores(rows)
        self.peer_groups = peer_groups
        self.within = within
        self.ids: set[str] = set()

    def node(self, section: Section, parent: Row | None, points: Fraction | None, weight: float = 1.0) -> None:
        """One node and all below it; `points` is what its children's points must add up to, if they carry points."""
        depth = parent["depth"] + 1 if parent else 0
        if depth >= DEEPEST:
            section.refuse("", f"a node at level {depth + 1}", f"at most {DEEPEST} levels of nodes")
        name = self._new_id(section, "id")
        row: Row = {"ordinal": len(self.nodes), "node": name, "depth": depth, "is_leaf": False, "weight": weight}
        row |= {"parent": parent["node"] if parent else None, "fill_over": parent["fill_below"] if parent else None}
        row["points"] = None if points is None else float(points)
        factors = self._combine(section, row)
        self._rescale(section, row)
        if self.within == "tree" and row["combine"] != "weighted_sum":
            section.refuse("combine", repr(row["combine"]), "'weighted_sum' everywhere, because weights are redistributed within the tree")
        row["fill_below"] = row["fill_over"]
        if "missing_branch" in section:
            row["fill_below"] = self._missing_branch(section)
        self.nodes.append(row)
        self._children(section, row, points)
        self._name_factors(section, row, factors)

    def _rescale(self, section: Section, row: Row) -> None:
        """`rescale: best` or `{best: <peers>}`, and `out_of: 100`, the scale of the node's score in the results."""
        if "rescale" in section:
            if isinstance(section.raw("rescale"), str):
                section.choice("rescale", ("best",))
                row["rescale_over"] = EVERYONE
            else:
                with section.inside("rescale") as rescale:
                    row["rescale_over"] = read_over(rescale, "best", self.peer_groups, None)
        row["out_of"] = section.maybe_number("out_of")
        if row["out_of"] is not None and row["parent"] is None:
            section.refuse("out_of", f"{row['out_of']:g}", "no such key at the top, whose scale is 'numbers.scale'")
        if row["out_of"] is not None and not 0 < row["out_of"] <= 10**6:
            section.refuse("out_of", f"{row['out_of']:g}", "a number above 0 and at most 1000000")

    def _missing_branch(self, section: Section) -> str | None:
        if isinstance(section.raw("missing_branch"), str):
            section.choice("missing_branch", ("none",))
            return None
        with section.inside("missing_branch") as branch:
            return read_over(branch, "mean_over", self.peer_groups, None)

    def _new_id(self, section: Section, key: str) -> str:
        name = section.identifier(key)
        if name in self.ids:
            section.refuse(key, repr(name), "a name that stands in the tree only once")
        self.ids.add(name)
        return name

    def _combine(self, section: Section, row: Row) -> list[Factor]:
        row["combine"] = "weighted_sum"
        if "combine" not in section:
            return []
        if isinstance(section.raw("combine"), str):
            row["combine"] = section.choice("combine", _PLAIN)
            return []
        with section.inside("combine") as combine:
            names = [key for key in combine.names_found() if key in _WITH_VALUE]
            if len(names) != 1:
                combine.refuse(
                    "",
                    f"the keys {', '.join(combine.names_found())}",
                    f"one of {', '.join(_WITH_VALUE)}, or one of the words {', '.join(_PLAIN)}",
                )
            row["combine"] = names[0]
            if names == ["power"]:
                row["power"] = combine.number("power")
                if row["power"] == 0:
                    combine.refuse("power", "0", "a power that is not zero (that is 'geometric')")
            elif names in (["worst_k"], ["kth_worst"]):
                row["worst_k"] = combine.whole(names[0], 1, 1000)
            elif names == ["formula"]:
                return read_formula(combine, "formula")
            else:
                with combine.inside("mpi") as mpi:
                    row["mpi_sign"] = -1 if mpi.choice("penalty", ("pos", "neg"), "pos") == "pos" else 1
                    row["mpi_population"] = mpi.flag("population")
        return []

    def _name_factors(self, section: Section, row: Row, factors: list[Factor]) -> None:
        if row["combine"] != "formula":
            return
        children = {node["node"]: node for node in self.nodes if node.get("parent") == row["node"]}
        for factor in factors:
            if factor.child not in children:
                near = nearest(factor.child, children)
                section.refuse("combine.formula", repr(factor.child), f"one of the node's children ({', '.join(children)}){near}")
        named = [factor.child for factor in factors]
        if left := [name for name in children if name not in named]:
            section.refuse("combine.formula", f"no factor {', '.join(left)}", "every child of the node once")
        row["n_factors"] = len(factors)
        for number, factor in enumerate(factors, 1):
            children[factor.child] |= {"factor": number, "is_divisor": factor.is_divisor, "is_complement": factor.is_complement}

    def _children(self, section: Section, row: Row, points: Fraction | None) -> None:
        key = "points" if row["combine"] == "weighted_sum" else "weight"
        carried: list[Fraction] = []
        for child in section.each("children"):
            carried.append(self._carried(child, key))
            if row["combine"] in UNWEIGHTED and carried[-1] != carried[0]:
                child.refuse(key, show(str(carried[-1])), f"no weight, because '{row['combine']}' does not weigh its children")
            self._child(child, row, carried[-1], key == "points")
        if not carried:
            section.refuse("children", "an empty list", "at least one child")
        if key == "points" and points is not None and sum(carried) != points:
            section.refuse("children", f"points that add up to {float(sum(carried)):g}", f"points that add up to {float(points):g}")

    def _carried(self, child: Section, key: str) -> Fraction:
        other = "weight" if key == "points" else "points"
        if other in child:
            child.refuse(other, f"'{other}'", f"'{key}', because of the parent's combination")
        value = as_fraction(child.raw(key), child, key) if key in child or key == "points" else Fraction(1)
        if value <= 0:
            child.refuse(key, str(value), "a number above zero")
        return value

    def _child(self, child: Section, parent: Row, carried: Fraction, has_points: bool) -> None:
        if "ref" not in child:
            self.node(child, parent, carried if has_points else None, float(carried))
            return
        indicator = child.choice("ref", sorted(self.indicators))
        self._new_id(child, "ref")
        if self._must_be_positive(parent) and self.lowest[indicator] <= 0:
            child.refuse(
                "ref", f"{indicator!r}, whose score can be {self.lowest[indicator]:g}", f"scores above zero under '{parent['combine']}'"
            )
        leaf: Row = {"ordinal": len(self.nodes), "node": indicator, "parent": parent["node"], "depth": parent["depth"] + 1, "is_leaf": True}
        self.nodes.append(leaf | {"indicator": indicator, "weight": float(carried), "points": float(carried) if has_points else None})

    @staticmethod
    def _must_be_positive(parent: Row) -> bool:
        return parent["combine"] in ("geometric", "harmonic") or (parent["combine"] == "power" and parent["power"] < 0)


def _lowest_scores(rows: Rows) -> dict[str, float]:
    """The lowest score that each indicator can have as far as its rules tell; infinite where only the data know."""
    lowest: dict[str, float] = {}
    for row in rows["rule_component"]:
        where = (row["indicator"], row["component"])
        lowest[row["indicator"]] = min(lowest.get(row["indicator"], float("inf")), _lowest_score(row, rows, where))
    for row in rows["rule_indicator"]:
        if "zero_points" in (row["not_applicable"], row["not_published"], row["missing"]):
            lowest[row["indicator"]] = min(lowest[row["indicator"]], 0.0)
    return lowest


def _lowest_score(row: Row, rows: Rows, where: tuple[str, str]) -> float:
    scores = [r["y"] for table in ("rule_band", "rule_point") for r in rows[table] if (r["indicator"], r["component"]) == where]
    bounds: list[Any] = [row.get("floor_share"), row.get("clamp_low")]
    if row["method"] in ("minmax", "rank"):
        bounds.append(min(row["to_low"], row["to_high"]))
    if scores:
        bounds.append(min(scores))
    known = [bound for bound in bounds if bound is not None]
    return max(known) if known else float("inf")
