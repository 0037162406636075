"""The lists as an asset: written for their readers after every build, whatever the gate says of the quarter.

Here: the wiring; the UI shows counts and nothing of a firm. Not here: who is on a list (dbt), files (keeping.py).
"""

import dagster as dg

from pipelines.partitions import QUARTERS, RANGE_IN_ONE_RUN, WRITER_POOL, quarters_of
from pipelines.transform.translator import OWNER
from pipelines.ui_metadata import code_references
from pipelines.worklists.kinds import KINDS
from pipelines.workplace import Workplace


@dg.asset(
    deps=[dg.AssetKey([kind.model]) for kind in KINDS],
    partitions_def=QUARTERS,
    backfill_policy=RANGE_IN_ONE_RUN,
    group_name="worklists",
    owners=[OWNER],
    kinds={"parquet"},
    pool=WRITER_POOL,
    metadata=code_references("pipelines/worklists/keeping.py", "pipelines/worklists/kinds.py"),
)
def worklists(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
    """Internal work lists of firms for those who visit them: `i315 worklist`. Never published."""
    from pipelines.openlineage import Dataset, recorded
    from pipelines.worklists.keeping import keep_lists

    asked = quarters_of(context)
    with recorded(workplace, context.run, asked, "worklists") as recording:
        counts = keep_lists(workplace.warehouse)
        recording.reads(*(Dataset(kind.model) for kind in KINDS))
        recording.writes(Dataset("worklists"))
    return dg.MaterializeResult(metadata={kind.name: sum(counts[str(quarter)][kind.name] for quarter in asked) for kind in KINDS})
