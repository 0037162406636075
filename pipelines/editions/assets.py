"""The edition as an asset: published by its own code, which asks for the gate's verdict however it is started.

Here: the wiring. Not here: building and putting editions in place.
"""

import dagster as dg

from pipelines.gate.suites import PUBLISHED
from pipelines.partitions import ONE_QUARTER_PER_RUN, QUARTERS, WRITER_POOL, quarters_of
from pipelines.transform.translator import OWNER
from pipelines.workplace import Workplace


@dg.asset(
    deps=[dg.AssetKey([table]) for table in PUBLISHED],
    partitions_def=QUARTERS,
    backfill_policy=ONE_QUARTER_PER_RUN,
    group_name="editions",
    owners=[OWNER],
    kinds={"csv", "parquet", "html"},
    pool=WRITER_POOL,
)
def edition(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
    """The immutable publication of a quarter: tables, board, workbook, data package and manifest."""
    from pipelines.editions.publishing import publish
    from pipelines.editions.signing import load_private_key

    (quarter,) = quarters_of(context)
    settings = workplace.settings
    key = load_private_key(settings.signing_key) if settings.signing_key else None
    published = publish(str(quarter), workplace.warehouse, workplace.ledger, settings.actor, signing_key=key)
    state = "published" if published.is_new else "unchanged, no new edition"
    workplace.say("edition", f"{quarter}: {published.edition} {state}")
    return dg.MaterializeResult(
        metadata={
            "edition": published.edition,
            "is new": published.is_new,
            "board": dg.MetadataValue.path(published.path / "board.html"),
            "manifest": dg.MetadataValue.path(published.path / "manifest.json"),
        }
    )
