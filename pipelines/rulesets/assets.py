"""Rulesets as an asset: the parameter tables that the scoring models read, so that lineage runs from the rule file to the rank.

Here: the wiring. Not here: the language, its checks, flattening.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.partitions import WRITER_POOL
from pipelines.rulesets.parameters import TABLES
from pipelines.transform.translator import OWNER
from pipelines.ui_metadata import code_references
from pipelines.workplace import Workplace


@dg.multi_asset(
    name="rule_tables",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["landing", "rules", table]),
            group_name="rulesets",
            owners=[OWNER],
            kinds={"yaml", "parquet"},
            description=f"Parameter table `{table}` of every ruleset under dbt_project/rulesets.",
            metadata=code_references("dbt_project/rulesets", "pipelines/rulesets/tables.py", "pipelines/rulesets/language.py"),
        )
        for table in TABLES
    ],
    pool=WRITER_POOL,
)
def rule_tables(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
    """Every ruleset checked, then flattened into parameter tables."""
    from pipelines.openlineage import Dataset, recorded
    from pipelines.rulesets.tables import RULESETS, write_rule_tables

    workplace.warehouse.hold_writer_lock()
    with recorded(workplace, context.run, [], "rule_tables") as recording:
        rulesets = write_rule_tables(RULESETS, workplace.warehouse.landing)
        recording.reads(*(Dataset(f"rulesets/{ruleset.name}", version=ruleset.sha256) for ruleset in rulesets))
        recording.writes(*(Dataset(f"landing/rules/{table}") for table in TABLES))
    workplace.say("rulesets", f"{len(rulesets)} rulesets: {', '.join(ruleset.name for ruleset in rulesets)}")
    for table in TABLES:
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(["landing", "rules", table]),
            metadata={ruleset.name: ruleset.sha256 for ruleset in rulesets},
        )
