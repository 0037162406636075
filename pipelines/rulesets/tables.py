"""Parameter tables on disk: what the loader writes and the scoring models read.

Here: rulesets of a folder to `<landing>/rulesets/<table>.parquet`. Not here: judging rulesets, scoring.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.rulesets.language import Ruleset, load_rulesets
from pipelines.rulesets.parameters import no_rows, to_arrow
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

    Nothing is written if one ruleset is wrong. Returns the rulesets.
    """
    rulesets = load_rulesets(rulesets_dir)
    for table, content in flatten(rulesets).items():
        with durable.written_beside(landing / "rulesets" / f"{table}.parquet") as scratch:
            pq.write_table(content, scratch, compression="zstd")
    return rulesets


def deepest_tree(landing: Path) -> int:
    """The depth of the deepest tree of the rulesets on disk, leaves included."""
    return int(max(pq.read_table(landing / "rulesets" / "rule_node.parquet", columns=["depth"])["depth"].to_pylist()))
