"""Parameter tables on disk: what the loader writes and the scoring models read.

Here: rulesets of a folder to `<landing>/rulesets/<table>.parquet`, and what a run has to know of them. Not here: judging rulesets, scoring.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.quarters import Quarter
from pipelines.rulesets.language import OFFICIAL, Ruleset, load_rulesets
from pipelines.rulesets.parameters import Row, no_rows, to_arrow
from pipelines.rulesets.periods import base_quarter
from pipelines.rulesets.resolved import refuse_unresolved_official
from pipelines.settings import PROJECT

RULESETS = PROJECT / "dbt_project" / "rulesets"


def flatten(rulesets: Iterable[Ruleset]) -> dict[str, pa.Table]:
    """The parameter tables of some rulesets together, in the order given."""
    rows = no_rows()
    for ruleset in rulesets:
        for table, found in ruleset.rows.items():
            rows[table] += found
    return to_arrow(rows)


def write_rule_tables(rulesets_dir: Path, landing: Path) -> list[Ruleset]:
    """Load every ruleset of a folder and write each parameter table as one Parquet file; same rules, same bytes.

    Nothing is written if one ruleset is wrong or names what neither catalogue nor seeds hold. Returns the rulesets.
    """
    rulesets = load_rulesets(rulesets_dir)
    refuse_unresolved_official(rulesets)
    for table, content in flatten(rulesets).items():
        with durable.written_beside(landing / "rulesets" / f"{table}.parquet") as scratch:
            pq.write_table(content, scratch, compression="zstd")
    return rulesets


def official_rulesets(landing: Path) -> list[Row]:
    """The rulesets on disk that are no drafts: name, SHA-256, first and last quarter (none: no end), in order of names."""
    return sorted((row for row in _rows(landing, "rule_scenario") if row["scenario"] == OFFICIAL), key=lambda row: str(row["ruleset"]))


def in_force(rulesets: list[Row], quarter: str) -> list[Row]:
    """Those of `official_rulesets` that score a quarter."""
    return [row for row in rulesets if row["valid_from"] <= quarter and (row["valid_to"] is None or quarter <= row["valid_to"])]


def scored_quarters(landing: Path, quarters: list[Quarter]) -> list[Quarter]:
    """The quarters, and those that a ranking by change compares them with under the rules of the later one."""
    rulesets, rankings = official_rulesets(landing), _rows(landing, "rule_rank")
    bases = set()
    for quarter in quarters:
        names = {row["ruleset"] for row in in_force(rulesets, str(quarter))}
        restated = [row for row in rankings if row["ruleset"] in names and row["change_rules"] == "restated"]
        bases |= {base_quarter(quarter, str(row["change_base"])) for row in restated}
    return sorted({*quarters, *bases})


def deepest_tree(landing: Path) -> int:
    """The depth of the deepest tree of the rulesets on disk, leaves included."""
    return max(int(row["depth"]) for row in _rows(landing, "rule_node"))


def _rows(landing: Path, table: str) -> list[Row]:
    return pq.read_table(landing / "rulesets" / f"{table}.parquet").to_pylist()
