"""Rows of tables from outside that no score rests on: misspelt names, foreign units, periods that the rules do not look at.

Here: finding them and naming each. Not here: reading the tables, scoring.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.parameters import Rows
from pipelines.rulesets.section import nearest

Members = Mapping[str, Collection[str]]
_NAMED = 10


@dataclass(frozen=True)
class Unused:
    """One row that no score rests on: where it stands, what was found, what was expected."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: line {self.line}: column {self.column}: found {self.found!r}; expected {self.expected}"


def refuse_unused(rows: list[Unused]) -> None:
    """A usage error that names the first rows, and how many there are."""
    if rows:
        more = f"\n… and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        raise UsageError(
            "\n".join(map(str, rows[:_NAMED])) + f"{more}\n{len(rows)} rows that no score rests on; next: correct them, or --allow-unused"
        )


def unused_values(file: str, values: pa.Table, rules: Rows, periods: list[str], members: Members) -> list[Unused]:
    """Rows of values whose indicator, unit or period no score of these periods rests on; `members` are the units of each period."""
    runs = scored_periods(rules, periods)
    present = sorted(values["period"].unique().to_pylist())
    rests_on = {row["indicator"]: _periods_read(rules, row["indicator"], runs, present) for row in rules["rule_indicator"]}
    read = {
        (period, indicator): set().union(*(members.get(run, ()) for run in found))
        for indicator, by_period in rests_on.items()
        for period, found in by_period.items()
    }
    everyone = set().union(*members.values())
    known_periods = {period for by_period in rests_on.values() for period in by_period}
    found = []
    for row in _unread(values, read).to_pylist():
        if row["indicator"] not in rests_on:
            told = ("indicator", f"an indicator of the ruleset{nearest(row['indicator'], rests_on)}")
        elif row["unit"] not in everyone:
            told = ("unit", f"a unit of the population{nearest(row['unit'], everyone)}")
        elif row["period"] not in known_periods:
            told = ("period", f"a period that the scores of {', '.join(periods)} rest on{nearest(row['period'], known_periods)}")
        elif row["period"] not in rests_on[row["indicator"]]:
            told = ("period", f"a period that the scores of {row['indicator']} in {', '.join(periods)} rest on")
        else:
            told = ("unit", f"a unit that is valid in {row['period']}")
        found.append(Unused(file, row["line"], told[0], row[told[0]], told[1]))
    return found


def _unread(values: pa.Table, read: Mapping[tuple[str, str], Collection[str]]) -> pa.Table:
    """The rows whose unit is not among those that are read for their period and indicator."""
    keys = {name: values[name].combine_chunks() for name in ("period", "indicator", "unit")}
    words = {name: column.dictionary.to_pylist() for name, column in keys.items()}
    is_read = np.zeros([len(each) for each in words.values()], dtype=bool)
    for at, period in enumerate(words["period"]):
        for row, indicator in enumerate(words["indicator"]):
            units = read.get((period, indicator), ())
            is_read[at, row] = [unit in units for unit in words["unit"]]
    return values.filter(pa.array(~is_read[tuple(column.indices.to_numpy() for column in keys.values())]))


def unused_events(file: str, events: list[dict[str, Any]], rules: Rows, periods: list[str], members: Members) -> list[Unused]:
    """Rows of events that no adjustment counts in these periods."""
    runs = scored_periods(rules, periods)
    names = {row["event"] for row in rules["rule_adjustment"]}
    everyone = set().union(*members.values())
    found = []
    for row in events:
        if row["event"] not in names:
            told = ("event", f"an event of the ruleset's adjustments{nearest(row['event'], names)}")
        elif row["unit"] not in everyone:
            told = ("unit", f"a unit of the population{nearest(row['unit'], everyone)}")
        elif row["period"] not in runs:
            told = ("period", f"a period that is scored: {', '.join(sorted(runs))}")
        elif row["unit"] not in members.get(row["period"], ()):
            told = ("unit", f"a unit that is valid in {row['period']}")
        else:
            continue
        found.append(Unused(file, row["line"], told[0], row[told[0]], told[1]))
    return found


def scored_periods(rules: Rows, periods: Iterable[str]) -> set[str]:
    """The periods, and those that a ranking by change scores under the same rules."""
    asked = set(periods)
    bases = {row["change_base"] for row in rules["rule_rank"] if row.get("change_rules") == "restated"}
    return asked | {base_period(period, base) for period in asked for base in bases}


def base_period(period: str, base: str) -> str:
    """The quarter or year that a change compares with."""
    if len(period) == 4:
        return str(int(period) - 1)
    return str(Quarter.parse(period).plus(-4 if base == "same_period_last_year" else -1))


def _periods_read(rules: Rows, indicator: str, runs: set[str], present: list[str]) -> dict[str, set[str]]:
    """For each period whose values of an indicator are read, the scored periods that read them."""
    (rule,) = (row for row in rules["rule_indicator"] if row["indicator"] == indicator)
    bases = {row["base"] for row in rules["rule_component"] if row["indicator"] == indicator and row.get("base")}
    found: dict[str, set[str]] = {}
    for run in runs:
        levels = {run} | {each for each in present if 0 < _index(run) - _index(each) <= (rule.get("carry_quarters") or 0)}
        for period in levels | {base_period(level, base) for level in levels for base in bases}:
            found.setdefault(period, set()).add(run)
    return found


def _index(period: str) -> int:
    return int(period[:4]) * 4 + (int(period[5]) if len(period) > 4 else 4)
