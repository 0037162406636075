"""Scoring a table from outside (scoring rules, section 5): CSV files in, `scores.csv`, `ranking.csv` and `robustness.csv` out.

Here: `i315 score` without its options: reading and judging the tables, running the models, writing the results.
Not here: the models, the rule language, how draws are made (pipelines/robustness).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines import durable
from pipelines.errors import UsageError
from pipelines.robustness.draws import settings_of, with_command_line
from pipelines.robustness.measures import robustness
from pipelines.robustness.scored import read_scored, rules_of, slices_of
from pipelines.robustness.summary import STARS
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, ScoringFailed, score_tables
from pipelines.rulesets.language import Ruleset, load_ruleset
from pipelines.rulesets.outside_tables import is_valid_in, last_quarter, read_events, read_units, read_values
from pipelines.rulesets.scores import EVERYONE
from pipelines.rulesets.tables import flatten

SCENARIO = "outside"
ROBUSTNESS = ("unit", "period", "rank_mean", "rank_p05", "rank_median", "rank_p95", *(f"p_star_{star}" for star in STARS))
SCORES = ("unit", "period", "node", "value", "state", "score", "weight_effective", "points")


def score_files(
    values: Path,
    ruleset: Path,
    out: Path,
    units: Path | None = None,
    events: Path | None = None,
    period: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> list[str]:
    """Score the table of values under the ruleset and write the result files to `out`; gives the periods scored.

    Without `period` every period of the table is scored in which the ruleset is valid. With `draws` the ruleset's robustness
    settings (or the default ones) give `robustness.csv`; a table from outside has one vintage, so revisions are not drawn.
    Nothing is written if the ruleset or a table is wrong, or if the rule asks for a failure.
    """
    rules = load_ruleset(ruleset)
    found = read_values(values)
    periods = _periods(rules, sorted({row["period"] for row in found}), period, values.name)
    memberships = _groups(rules, found, units, sorted({row["period"] for row in found}))
    _refuse_empty(periods, memberships, rules.rows["rule_set"][0]["population"], units)
    rules.rows["rule_scenario"][:] = [
        {"ruleset": rules.name, "sha256": rules.sha256, "scenario": SCENARIO, "valid_from": each, "valid_to": each} for each in periods
    ]
    scored = score_tables(
        pa.Table.from_pylist([{"scenario": SCENARIO} | row for row in found], schema=VALUES),
        pa.Table.from_pylist(memberships, schema=GROUPS),
        pa.Table.from_pylist(read_events(events) if events else [], schema=EVENTS),
        flatten([rules]),
    )
    for failure in scored["score_failures"].to_pylist():
        subject = ", ".join(part for part in (failure["unit"], failure["period"], failure["indicator"]) if part)
        raise ScoringFailed(f"{rules.name}: {subject}: {failure['error']}; expected a score under the ruleset's policies")
    results = {"scores.csv": _scores(scored), "ranking.csv": _ranking(rules, scored)}
    if draws is not None:
        results["robustness.csv"] = _robustness(rules, scored, periods, draws, seed)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in results.items():
        durable.write_bytes(out / name, content.encode("utf-8"))
    return periods


def _periods(rules: Ruleset, present: list[str], asked: str | None, name: str) -> list[str]:
    if asked is not None:
        if asked not in present:
            raise UsageError(f"{name}: column period: found {', '.join(present)}; expected the period asked for, {asked}")
        return [asked]
    head = rules.rows["rule_set"][0]
    valid = [
        each
        for each in present
        if head["valid_from"] <= last_quarter(each) and (head["valid_to"] is None or last_quarter(each) <= head["valid_to"])
    ]
    if not valid:
        raise UsageError(
            f"{name}: column period: found {', '.join(present)}; expected a period in which {rules.name} is valid "
            f"({head['valid_from']} to {head['valid_to'] or 'no end'}), or --period"
        )
    return valid


def _groups(rules: Ruleset, values: list[dict[str, Any]], units: Path | None, periods: list[str]) -> list[dict[str, Any]]:
    """Population, peer groups and attributes as membership rows of every period."""
    population = rules.rows["rule_set"][0]["population"]
    columns = {row["peer_group"]: row["membership"] for row in rules.rows["rule_peer_group"]}
    used = _peer_groups_used(rules)
    attributes = {row["membership"] for row in rules.rows["rule_applies"]}
    # Without its column nobody is a member: harmless where members are excepted, but nothing would apply where they alone are meant.
    needed = sorted(used | {row["membership"] for row in rules.rows["rule_applies"] if row["is_member"]} - {population})
    if units is None:
        if needed:
            raise UsageError(f"--units: found no table; expected one with the columns unit, {', '.join(needed)}")
        everyone = sorted({row["unit"] for row in values})
        return [{"period": period, "group_name": population, "unit": unit, "group_value": "1"} for period in periods for unit in everyone]
    header, members = read_units(units)
    for group in needed:
        if group not in header and columns.get(group) not in header:
            raise UsageError(f"{units.name}: line 1: found the columns {', '.join(header)}; expected a column {group}")
    rows = []
    for period in periods:
        seen: dict[str, int] = {}
        for member in members:
            if not is_valid_in(member, period):
                continue
            if (unit := member["unit"]) in seen:
                where = f"{units.name}: line {member['line']}: column unit"
                raise UsageError(f"{where}: found {unit} again, as in line {seen[unit]}; expected it once in {period}")
            seen[unit] = member["line"]
            rows.append({"period": period, "group_name": population, "unit": unit, "group_value": "1"})
            for group, membership in columns.items():
                value = member.get(group if group in header else membership)
                rows.append({"period": period, "group_name": membership, "unit": unit, "group_value": value or None})
            rows += [
                {"period": period, "group_name": name, "unit": unit, "group_value": member.get(name) or None}
                for name in sorted(attributes - set(columns.values()) - {population})
            ]
    return rows


def _refuse_empty(periods: list[str], memberships: list[dict[str, Any]], population: str, units: Path | None) -> None:
    held = {row["period"] for row in memberships if row["group_name"] == population}
    for period in periods:
        if units is not None and period not in held:
            raise UsageError(f"{units.name}: found no unit that is valid on the last day of {period}; expected at least one to score")


def _peer_groups_used(rules: Ruleset) -> set[str]:
    columns = {
        "rule_component": ("peer_group",),
        "rule_rank": ("peer_group",),
        "rule_node": ("fill_over",),
        "rule_indicator": ("not_applicable_over", "not_published_over", "missing_over"),
    }
    names = {row.get(column) for table, keys in columns.items() for row in rules.rows[table] for column in keys}
    return {name for name in names if name is not None and name != EVERYONE}


def _scores(scored: dict[str, pa.Table]) -> str:
    """One line for each unit, period and node, as the models published them."""
    published = {row["period"] for row in scored["score_runs"].to_pylist() if row["is_published"]}
    indicators = {(row["unit"], row["period"], row["indicator"]): row for row in scored["score_indicators"].to_pylist()}
    weights = {(row["unit"], row["period"], row["node"]): row for row in scored["score_weights"].to_pylist()}
    rows = []
    for node in scored["score_nodes"].to_pylist():
        key = (node["unit"], node["period"], node["node"])
        if node["period"] not in published:
            continue
        weight, indicator = weights.get(key, {}), indicators.get(key)
        is_hidden = indicator is not None and indicator["state"] == "withheld"
        score = None if is_hidden else weight.get("score")
        state = indicator["state"] if indicator else "value" if node["y"] is not None else "not_applicable"
        value = None if indicator is None or is_hidden else indicator["value"]
        rows.append([*key, value, state, score, weight.get("weight_effective"), None if is_hidden else weight.get("points")])
    return _csv(SCORES, sorted(rows, key=lambda row: row[:3]))


def _ranking(rules: Ruleset, scored: dict[str, pa.Table]) -> str:
    """One line for each unit and period: totals, every ranking, every star rule."""
    ranks = {(row["unit"], row["period"], row["rank_id"]): row["place"] for row in scored["score_ranks"].to_pylist()}
    stars = {(row["unit"], row["period"], row["star_id"]): row["stars"] for row in scored["score_stars"].to_pylist()}
    rank_ids = [row["rank_id"] for row in rules.rows["rule_rank"]]
    star_ids = [row["star_id"] for row in rules.rows["rule_star"]]
    header = ["unit", "period", "total_raw", "total", *(f"rank_{name}" for name in rank_ids), *(f"stars_{name}" for name in star_ids)]
    rows = []
    for total in scored["score_totals"].to_pylist():
        if not total["is_published"]:
            continue
        key = (total["unit"], total["period"])
        places = [_whole(ranks.get((*key, name))) for name in rank_ids]
        rows.append([*key, total["total_raw"], total["total"], *places, *(stars.get((*key, name)) for name in star_ids)])
    return _csv(header, sorted(rows, key=lambda row: row[:2]))


def _robustness(rules: Ruleset, scored: dict[str, pa.Table], periods: list[str], draws: int, seed: int | None) -> str:
    """One line for each unit and period: places and stars over the draws, in the first ranking by the total and the first star rule."""
    if not any(row["measure"] == "total" for row in rules.rows["rule_rank"]):
        raise UsageError(f"{rules.name}: ranks: found no ranking by the total; expected one, because --draws gives intervals of its places")
    settings = with_command_line(settings_of(rules.rows["rule_robustness"]), draws, seed)
    parameters = rules_of(flatten([rules]), rules.name)
    slices = slices_of(scored, SCENARIO)
    rows = []
    for period in periods:
        arrays = read_scored(slices[rules.name, period], parameters, period)
        found = robustness(arrays, settings).summary
        columns = [found.rank_mean, found.rank_p05, found.rank_median, found.rank_p95, *(found.p_star[star] for star in STARS)]
        for number, unit in enumerate(arrays.units):
            figures = [None if column[number] != column[number] else float(column[number]) for column in columns]
            rows.append([unit, period, figures[0], *map(_whole, figures[1:4]), *figures[4:]])
    return _csv(ROBUSTNESS, sorted(rows, key=lambda row: row[:2]))


def _whole(place: float | None) -> float | int | None:
    return int(place) if place is not None and place == int(place) else place


def _csv(header: Any, rows: list[list[Any]]) -> str:
    text = io.StringIO()
    # Adding zero takes the sign off a zero: -0.001 rounds to 0.0.
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else repr(cell + 0.0) if isinstance(cell, float) else cell for cell in row] for row in rows)
    return text.getvalue()
