"""Peer groups: whom a county is compared with under a ruleset.

Here: which of a ruleset's groups the board compares within. Not here: figures of the groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
_CITY = "city"


def peer_groups(rules: dict[str, list[Row]], members: Iterable[Row]) -> dict[tuple[str, str], str]:
    """(ruleset, county) -> name of its group, from `rule_peer_group` and the memberships of the quarter (`group_name, unit, group_value`).

    A ruleset's peer group is the first that it names other than the city, which the board shows anyway.
    """
    membership: dict[str, str] = {}
    for row in rules.get("rule_peer_group", []):
        if row["membership"] != _CITY:
            membership.setdefault(row["ruleset"], row["membership"])
    groups: dict[str, dict[str, str]] = {}
    for row in members:
        if row["group_value"] is not None:
            groups.setdefault(row["group_name"], {})[row["unit"]] = row["group_value"]
    return {(ruleset, unit): group for ruleset, name in membership.items() for unit, group in groups.get(name, {}).items()}
