"""Scoring a table from outside (scoring rules, section 5): CSV files in, `scores.csv`, `ranking.csv` and `robustness.csv` out.

Here: `i315 score` without its options: reading and judging the tables, running the models, writing the results.
Not here: the models, the rule language, how draws are made (pipelines/robustness).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import durable
from pipelines.errors import UsageError
from pipelines.robustness.draws import settings_of, with_command_line
from pipelines.robustness.measures import robustness
from pipelines.robustness.scored import TABLES_READ, read_scored, rules_of, slices_of
from pipelines.robustness.summary import STARS
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, ScoringFailed, score_tables
from pipelines.rulesets.language import Ruleset, load_ruleset
from pipelines.rulesets.outside_tables import last_quarter, read_events, read_values
from pipelines.rulesets.outside_units import NO_MEMBER, memberships_of
from pipelines.rulesets.result_lines import csv_bytes, csv_line
from pipelines.rulesets.tables import flatten
from pipelines.rulesets.unused import refuse_unused, unused_events, unused_values

SCENARIO = "outside"
ROBUSTNESS = ("unit", "period", "rank_mean", "rank_p05", "rank_median", "rank_p95", *(f"p_star_{star}" for star in STARS), "draws_floored")
UNUSED = ("file", "line", "column", "found", "expected")
RESULTS = ("scores.csv", "ranking.csv", "robustness.csv", "unused.csv")
_QUERIES = {
    "failures": "select period, unit, indicator, error from score_failures order by period, unit, indicator",
    "scores.csv": """
        select
            unit, period, score_nodes.node,
            case when score_indicators.state <> 'withheld' then score_indicators.value end as value,
            coalesce(
                score_indicators.state,
                case when not is_covered then 'too_few_values' when score_nodes.y is not null then 'value' else 'not_applicable' end
            ) as state,
            case when score_indicators.state = 'withheld' then null else score_weights.score end as score,
            score_weights.weight_effective,
            case when score_indicators.state = 'withheld' then null else score_weights.points end as points
        from score_nodes
        inner join score_runs using (period)
        left join (select *, indicator as node from score_indicators) as score_indicators using (period, unit, node)
        left join score_weights using (period, unit, node)
        left join score_coverage using (period, unit)
        where is_published
        order by unit, period, node
    """,
    "totals": "select unit, period, total_raw, total from score_totals where is_published order by unit, period",
}


def score_files(
    values: Path,
    ruleset: Path,
    out: Path,
    units: Path | None = None,
    events: Path | None = None,
    period: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    *,
    allow_unused: bool = False,
    tell: Callable[[str], None] = print,
) -> list[str]:
    """Score the table of values under the ruleset and write the result files to `out`; gives the periods scored.

    Without `period` every period of the table is scored in which the ruleset is valid. With `draws` the ruleset's robustness
    settings (or the default ones) give `robustness.csv`; a table from outside has one vintage, so revisions are not drawn.
    Rows that no score rests on are refused, or with `allow_unused` counted (`tell`) and listed in `unused.csv`.
    Nothing is written if the ruleset or a table is wrong, if the rule asks for a failure, or if a period has no total; an
    earlier result in `out` is replaced whole.
    """
    rules = load_ruleset(ruleset)
    if events is None and rules.rows["rule_adjustment"]:
        where = rules.source.where("adjustments[0].from")
        raise UsageError(f"--events: found no table; expected one, because {where} counts events (a header alone: there were none)")
    found = read_values(values)
    counted = read_events(events) if events else []
    periods = _periods(rules, sorted(found["period"].unique().to_pylist()), period, values.name)
    memberships = memberships_of(rules, found, values, units)
    population = rules.rows["rule_set"][0]["population"]
    members: dict[str, set[str]] = {}
    for row in memberships:
        if row["group_name"] == population and row["group_value"] != NO_MEMBER:
            members.setdefault(row["period"], set()).add(row["unit"])
    _refuse_empty(periods, members, units)
    left_out = _left_out(rules, {*found["period"].unique().to_pylist(), *(row["period"] for row in counted)}, period)
    unused = unused_values(values.name, _without(found, left_out), rules.rows, periods, members)
    if events:
        unused += unused_events(events.name, [row for row in counted if row["period"] not in left_out], rules.rows, periods, members)
    if not allow_unused:
        refuse_unused(unused)
    rules.rows["rule_scenario"][:] = [
        {"ruleset": rules.name, "sha256": rules.sha256, "scenario": SCENARIO, "valid_from": each, "valid_to": each} for each in periods
    ]
    scored = score_tables(
        found.add_column(0, "scenario", pa.array([SCENARIO]).take(pa.repeat(0, found.num_rows))).select(VALUES.names).cast(VALUES),
        pa.Table.from_pylist(memberships, schema=GROUPS),
        pa.Table.from_pylist(counted, schema=EVENTS),
        flatten([rules]),
        wanted=("score_ranks", "score_stars", *(TABLES_READ if draws is not None else ())),
        queries=_QUERIES,
    )
    failures = scored["failures"].to_pylist()
    for failure in failures:
        subject = ", ".join(part for part in (failure["unit"], failure["period"], failure["indicator"]) if part)
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise ScoringFailed(f"{rules.name}: {subject}: {failure['error']}{more}; expected a score under the ruleset's policies")
    _refuse_no_total(rules, scored, periods)
    results = {"scores.csv": csv_bytes(scored["scores.csv"]), "ranking.csv": _ranking(rules, scored)}
    if draws is not None:
        results["robustness.csv"] = _robustness(rules, scored, periods, draws, seed)
    if unused:
        results["unused.csv"] = _csv(UNUSED, [[getattr(row, column) for column in UNUSED] for row in unused])
        tell(f"{len(unused)} rows that no score rests on, listed in {out / 'unused.csv'}")
    try:
        durable.write_folder(out, results, RESULTS)
    except FileExistsError as error:
        raise UsageError(f"--out {out}: found {error}; expected a new folder, or one with {', '.join(RESULTS)} alone") from error
    return periods


def _left_out(rules: Ruleset, present: set[str], period: str | None) -> list[str]:
    """With `--period` the rows of the other periods of the ruleset's validity are left out on purpose."""
    return sorted(each for each in present if period not in (None, each) and _is_valid(rules, each))


def _without(values: pa.Table, periods: list[str]) -> pa.Table:
    return values.filter(pc.invert(pc.is_in(values["period"].cast(pa.string()), pa.array(periods)))) if periods else values


def _is_valid(rules: Ruleset, period: str) -> bool:
    head = rules.rows["rule_set"][0]
    last = last_quarter(period)
    return bool(head["valid_from"] <= last and (head["valid_to"] is None or last <= head["valid_to"]))


def _refuse_no_total(rules: Ruleset, scored: dict[str, pa.Table], periods: list[str]) -> None:
    totals = {row["period"] for row in scored["totals"].to_pylist() if row["total"] is not None}
    for period in periods:
        if period not in totals:
            raise ScoringFailed(f"{rules.name}: {period}: found no unit with a total; expected at least one under the ruleset's policies")


def _periods(rules: Ruleset, present: list[str], asked: str | None, name: str) -> list[str]:
    if asked is not None:
        if asked not in present:
            raise UsageError(f"{name}: column period: found {', '.join(present)}; expected the period asked for, {asked}")
        return [asked]
    head = rules.rows["rule_set"][0]
    valid = [each for each in present if _is_valid(rules, each)]
    if not valid:
        raise UsageError(
            f"{name}: column period: found {', '.join(present)}; expected a period in which {rules.name} is valid "
            f"({head['valid_from']} to {head['valid_to'] or 'no end'}), or --period"
        )
    return valid


def _refuse_empty(periods: list[str], members: dict[str, set[str]], units: Path | None) -> None:
    for period in periods:
        if units is not None and period not in members:
            raise UsageError(f"{units.name}: found no unit that is valid on the last day of {period}; expected at least one to score")


def _ranking(rules: Ruleset, scored: dict[str, pa.Table]) -> bytes:
    """One line for each unit and period: totals, every ranking, every star rule."""
    ranks = {(row["unit"], row["period"], row["rank_id"]): row["place"] for row in scored["score_ranks"].to_pylist()}
    stars = {(row["unit"], row["period"], row["star_id"]): row["stars"] for row in scored["score_stars"].to_pylist()}
    rank_ids = [row["rank_id"] for row in rules.rows["rule_rank"]]
    star_ids = [row["star_id"] for row in rules.rows["rule_star"]]
    header = ["unit", "period", "total_raw", "total", *(f"rank_{name}" for name in rank_ids), *(f"stars_{name}" for name in star_ids)]
    rows = []
    for total in scored["totals"].to_pylist():
        key = (total["unit"], total["period"])
        places = [_whole(ranks.get((*key, name))) for name in rank_ids]
        rows.append([*key, total["total_raw"], total["total"], *places, *(stars.get((*key, name)) for name in star_ids)])
    return _csv(header, sorted(rows, key=lambda row: row[:2]))


def _robustness(rules: Ruleset, scored: dict[str, pa.Table], periods: list[str], draws: int, seed: int | None) -> bytes:
    """One line for each unit and period: places and stars over the draws, in the first ranking by the total and the first star rule."""
    if not any(row["measure"] == "total" for row in rules.rows["rule_rank"]):
        raise UsageError(f"{rules.name}: ranks: found no ranking by the total; expected one, because --draws gives intervals of its places")
    settings = with_command_line(settings_of(rules.rows["rule_robustness"]), draws, seed)
    parameters = rules_of(flatten([rules]), rules.name)
    slices = slices_of(scored, SCENARIO)
    rows = []
    for period in periods:
        arrays = read_scored(slices[rules.name, period], parameters, period)
        measured = robustness(arrays, settings)
        found = measured.summary
        columns = [found.rank_mean, found.rank_p05, found.rank_median, found.rank_p95, *(found.p_star[star] for star in STARS)]
        columns.append(measured.draws_floored)
        for number, unit in enumerate(arrays.units):
            figures = [None if column[number] != column[number] else float(column[number]) for column in columns]
            rows.append([unit, period, figures[0], *map(_whole, figures[1:4]), *figures[4:-1], _whole(figures[-1])])
    return _csv(ROBUSTNESS, sorted(rows, key=lambda row: row[:2]))


def _whole(place: float | None) -> float | int | None:
    return int(place) if place is not None and place == int(place) else place


def _csv(header: Sequence[str], rows: list[list[Any]]) -> bytes:
    return b"".join([csv_line(header), *map(csv_line, rows)])
