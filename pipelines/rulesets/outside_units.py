"""`UNITS.csv` of `i315 score` as memberships: who is scored, in which peer groups, with which attributes.

Here: which columns a ruleset asks for and what their cells say. Not here: reading CSV, values, events.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.outside_tables import is_valid_in, read_units, refuse_spellings
from pipelines.rulesets.resolved import NO, YES, yes_or_no
from pipelines.rulesets.scores import EVERYONE
from pipelines.rulesets.section import nearest

NO_MEMBER = "0"
_Row = dict[str, Any]


def memberships_of(rules: Ruleset, values: pa.Table, values_file: Path, units: Path | None) -> list[_Row]:
    """Population, peer groups and attributes as membership rows of every period of the values."""
    columns = _Columns(rules)
    periods = sorted(values["period"].unique().to_pylist())
    if units is None:
        if columns.needed:
            raise UsageError(f"--units: found no table; expected one with the columns unit, {', '.join(columns.needed)}")
        first_lines = values.select(["unit", "line"]).group_by("unit").aggregate([("line", "min")]).sort_by("line_min").to_pylist()
        refuse_spellings(values_file, "unit", ((row["line_min"], row["unit"]) for row in first_lines))
        everyone = sorted(row["unit"] for row in first_lines)
        return [_row(period, columns.population, unit, "1") for period in periods for unit in everyone]
    header, members = read_units(units)
    found = columns.among(header, units)
    _check_cells(units, columns, found, members)
    rows = []
    for period in periods:
        for member in _valid_once(units, members, period):
            rows.append(_row(period, columns.population, member["unit"], _yes_or_no(member.get(columns.population, "1"))))
            for group, column in found.items():
                value = _yes_or_no(member[column]) if group in columns.attributes else member[column] or None
                rows.append(_row(period, columns.groups.get(group, group), member["unit"], value))
    return rows


class _Columns:
    """The columns that a ruleset asks for: `groups` (name of a peer group → its membership) and `attributes`, whose cells say yes or no."""

    def __init__(self, rules: Ruleset) -> None:
        self.population: str = rules.rows["rule_set"][0]["population"]
        self.groups = {row["peer_group"]: row["membership"] for row in rules.rows["rule_peer_group"]}
        self.used = _peer_groups_used(rules)
        asked = {row["membership"] for row in rules.rows["rule_applies"]}
        self.attributes = sorted(asked - set(self.groups.values()) - {self.population})
        self.asked_of_groups = {group for group, membership in self.groups.items() if membership in asked}
        self.needed = sorted(self.used | self.asked_of_groups | set(self.attributes))

    def among(self, header: list[str], units: Path) -> dict[str, str]:
        """The column of each peer group and attribute; a peer group's has its name or that of its membership."""
        found = {name: name for name in self.attributes if name in header}
        for group, membership in self.groups.items():
            named = [name for name in dict.fromkeys((group, membership)) if name in header]
            if len(named) > 1:
                raise UsageError(f"{units.name}: line 1: found the columns {' and '.join(named)}; expected one of them for the peer group")
            if named:
                found[group] = named[0]
        for name in self.needed:
            if name not in found:
                raise UsageError(
                    f"{units.name}: line 1: found the columns {', '.join(header)}; expected a column {name}{nearest(name, header)}"
                )
        known = ["unit", "valid_from", "valid_to", self.population, *self.groups, *self.groups.values(), *self.attributes]
        for name in header:
            if name not in known and (near := nearest(name, [each for each in known if each not in header])):
                raise UsageError(f"{units.name}: line 1: found the column {name!r}; expected a column that the ruleset names{near}")
        return found


def _check_cells(units: Path, columns: _Columns, found: dict[str, str], members: list[_Row]) -> None:
    answers = [found[name] for name in columns.attributes] + [columns.population] * any(columns.population in member for member in members)
    for member in members:
        for column in answers:
            if member[column].lower() not in (*YES, *NO):
                _refuse(units, member, column, yes_or_no())
        for group in sorted(columns.used):
            if not member[found[group]]:
                _refuse(units, member, found[group], f"the name of a group, because units are compared within {group!r}")
        for group in sorted(columns.asked_of_groups):
            if member[found[group]] and member[found[group]].lower() in NO:
                _refuse(units, member, found[group], "the name of a group, or a blank for none, because the ruleset asks who is in one")
    for column in {found[group] for group in columns.groups if group in found}:
        refuse_spellings(units, column, ((member["line"], member[column]) for member in members if member[column]))


def _valid_once(units: Path, members: list[_Row], period: str) -> Iterator[_Row]:
    seen: dict[str, int] = {}
    for member in members:
        if not is_valid_in(member, period):
            continue
        if (unit := member["unit"]) in seen:
            where = f"{units.name}: line {member['line']}: column unit"
            raise UsageError(f"{where}: found {unit} again, as in line {seen[unit]}; expected it once in {period}")
        seen[unit] = member["line"]
        yield member


def _yes_or_no(cell: str) -> str:
    return "1" if cell.lower() in YES else NO_MEMBER


def _row(period: str, group: str, unit: str, value: str | None) -> _Row:
    return {"period": period, "group_name": group, "unit": unit, "group_value": value}


def _refuse(units: Path, member: _Row, column: str, expected: str) -> None:
    raise UsageError(f"{units.name}: line {member['line']}: column {column}: found {member[column]!r}; expected {expected}")


def _peer_groups_used(rules: Ruleset) -> set[str]:
    columns = {
        "rule_component": ("peer_group",),
        "rule_rank": ("peer_group",),
        "rule_node": ("fill_over", "rescale_over"),
        "rule_indicator": ("not_applicable_over", "not_published_over", "missing_over"),
    }
    names = {row.get(column) for table, keys in columns.items() for row in rules.rows[table] for column in keys}
    return {name for name in names if name is not None and name != EVERYONE}
