"""The robustness table of the warehouse: for every official ruleset and period the figures, computed only where something changed.

Here: which ruleset and period, what is kept from the last build, rows out. Not here: the figures (measures.py), dbt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.robustness.draws import Settings, settings_of
from pipelines.robustness.measures import Robustness, robustness
from pipelines.robustness.revisions import read_revisions, revised_scores
from pipelines.robustness.scored import Scored, fingerprint, read_scored, rules_of, slices_of
from pipelines.robustness.summary import STARS, TOP
from pipelines.rulesets import compared, periods
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.in_memory import rendered_models

OFFICIAL = "official"
MEASURES = pa.schema(
    [(name, pa.string()) for name in ("ruleset", "period", "measure", "unit", "other")]
    + [("value", pa.float64()), ("draws_sha256", pa.string()), ("made_from", pa.string())]
)
"""A figure per ruleset, period, measure and unit; `other` is the second unit of a pair, or the scheme of a mean shift."""

_ROW = tuple[str, str, str, float | None]


def measures(tables: Mapping[str, pa.Table], rule_tables: Mapping[str, pa.Table], known: pa.Table | None, revisions: pa.Table) -> pa.Table:
    """Every figure of every official ruleset and period (`MEASURES`), sorted by its key.

    `tables` holds `score_runs`, `TABLES_READ` and the inputs of scoring; `revisions` the seed of that name. `known` is what the last
    build gave: rows whose `made_from` still holds are taken over, the others are computed.
    """
    runs = tables["score_runs"].filter((pc.field("scenario") == OFFICIAL) & pc.field("is_published"))
    slices = slices_of(tables, OFFICIAL)
    code, past = _code_sha256(), read_revisions(revisions)
    parts = [MEASURES.empty_table()]
    for run in sorted(runs.to_pylist(), key=lambda row: (row["ruleset"], row["period"])):
        rules = rules_of(rule_tables, run["ruleset"])
        settings = settings_of(rules["rule_robustness"])
        if settings is None:
            continue
        mine = slices[run["ruleset"], run["period"]]
        made_from = _digest(run["sha256"], fingerprint(mine), code, past.sha256 if settings.revision_noise else "")
        kept = _kept(known, made_from)
        if kept is None:
            scored = read_scored(mine, rules, run["period"])
            revised = revised_scores(scored, tables, past, settings.seed) if settings.revision_noise else ()
            kept = _computed(scored, settings, revised, made_from)
        parts.append(kept)
    return pa.concat_tables(parts)


def _kept(known: pa.Table | None, made_from: str) -> pa.Table | None:
    if known is None:
        return None
    rows = known.filter(pc.field("made_from") == made_from)
    return rows.cast(MEASURES) if rows.num_rows else None


def _computed(scored: Scored, settings: Settings, revised: tuple[Floats, ...], made_from: str) -> pa.Table:
    found = robustness(scored, settings, revised)
    rows = sorted(_rows(scored, found))
    key = [scored.ruleset, scored.period]
    columns = [[part] * len(rows) for part in key] + [list(column) for column in zip(*rows, strict=True)]
    columns += [[found.draws_sha256] * len(rows), [made_from] * len(rows)]
    return pa.table(dict(zip(MEASURES.names, columns, strict=True)), schema=MEASURES)


def _rows(scored: Scored, found: Robustness) -> Iterator[_ROW]:
    summary = found.summary
    by_unit = {
        "rank_mean": summary.rank_mean,
        "rank_p05": summary.rank_p05,
        "rank_median": summary.rank_median,
        "rank_p95": summary.rank_p95,
        "rank_mc_error": summary.rank_mc_error,
        **{f"p_star_{star}": summary.p_star[star] for star in STARS},
        f"p_top_{TOP}": summary.p_top,
        "band": summary.band,
        "draws_floored": found.draws_floored,
        "margin_to_next_star": found.margin_to_next_star,
        "margin_to_lose_star": found.margin_to_lose_star,
    }
    for measure, values in by_unit.items():
        for unit, value in zip(scored.units, values.tolist(), strict=True):
            yield measure, unit, "", _or_none(value)
    for row, unit in enumerate(scored.units):
        for column in range(row + 1, len(scored.units)):
            yield "p_above", unit, scored.units[column], _or_none(float(summary.above[row, column]))
    for scheme, shift in found.shifts.items():
        yield "mean_shift", "", scheme, shift


def _or_none(value: float) -> float | None:
    return None if value != value else value


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _code_sha256() -> str:
    """Of all code between the models' tables and the figures: this package, how totals compare, the models that score revised values."""
    digest = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.glob("*.py")), Path(compared.__file__), Path(periods.__file__)]:
        digest.update(path.read_bytes())
    for sql in rendered_models(wanted=("score_indicators",)).values():
        digest.update(sql.encode())
    return digest.hexdigest()
