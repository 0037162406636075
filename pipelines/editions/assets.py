"""The edition as an asset: published by its own code, which asks for the gate's verdict however it is started.

Here: the wiring, and what the UI shows of an edition. Not here: building and putting editions in place.
"""

import hashlib
import json
from pathlib import Path

import dagster as dg

from pipelines.editions.schema import MANIFEST, TABLES, WAREHOUSE_TABLES
from pipelines.gate.suites import PUBLISHED
from pipelines.partitions import ONE_QUARTER_PER_RUN, QUARTERS, WRITER_POOL, quarters_of
from pipelines.transform.translator import OWNER
from pipelines.ui_metadata import code_references, column_origins
from pipelines.workplace import Workplace


def edition_metadata(folder: Path) -> dict[str, dg.MetadataValue | dg.TableColumnLineage | str | bool]:
    """What the partition of a quarter says of its edition: number, hash, deliveries, findings, and the board one click away.

    The link is relative: it opens where the auditors' door serves `/editions/`.
    """
    content = (folder / MANIFEST).read_bytes()
    manifest = json.loads(content)
    place = f"editions/{manifest['quarter']}/{manifest['edition']}"
    columns = ("quarter", "feed", "file", "sha256", "received", "rows", "quarantined")
    listed = [f"| {' | '.join(str(delivery[column]) for column in columns)} |" for delivery in manifest["deliveries"]]
    return {
        "edition": manifest["edition"],
        "board": dg.MetadataValue.url(f"/{place}/board.html"),
        "folder in the warehouse": place,
        f"SHA-256 of {MANIFEST}": hashlib.sha256(content).hexdigest(),
        "rulesets": ", ".join(f"{ruleset['id']}/{ruleset['version']}" for ruleset in manifest["rulesets"]),
        "findings": dg.MetadataValue.json(manifest["findings"]),
        "deliveries": dg.MetadataValue.md("\n".join([f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *listed])),
        **column_origins(column_lineage()),
    }


def column_lineage() -> dg.TableColumnLineage:
    """Every column of the tables that models give, as `table.column`, from the model's column of that name."""
    return dg.TableColumnLineage(
        {
            f"{table.name}.{column}": [dg.TableColumnDep(asset_key=dg.AssetKey([table.source]), column_name=column)]
            for table in WAREHOUSE_TABLES
            for column in table.columns
        }
    )


def column_schema() -> dg.TableSchema:
    """The columns of all published tables, as `table.column`."""
    return dg.TableSchema(
        [
            dg.TableColumn(f"{table.name}.{each.name}", each.type, f"{each.description}{f' [{each.unit}]' if each.unit else ''}")
            for table in TABLES
            for each in table.fields
        ]
    )


def told_specs() -> list[dg.AssetSpec]:
    """What editions told before: laid beside the landing by the step that builds the warehouse, and no dependency of it on new editions."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["landing", "published", name]),
            group_name="landing",
            owners=[OWNER],
            kinds={"parquet"},
            description=f"`{name}` of the editions that were published before, so that no withheld figure can be had from two of them.",
            metadata=code_references("pipelines/editions/told.py", "pipelines/landing/published.py"),
        )
        for name in ("indicators", "targets", "contributions")
    ]


@dg.asset(
    deps=[dg.AssetKey([table]) for table in PUBLISHED],
    partitions_def=QUARTERS,
    backfill_policy=ONE_QUARTER_PER_RUN,
    group_name="editions",
    owners=[OWNER],
    kinds={"csv", "parquet", "html"},
    pool=WRITER_POOL,
    metadata={
        "dagster/column_schema": column_schema(),
        **code_references("pipelines/editions/publishing.py", "pipelines/editions/schema.py", "pipelines/editions/assemble.py"),
    },
)
def edition(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
    """The immutable publication of a quarter: tables, board, workbook, data package and manifest."""
    from pipelines.editions.publishing import publish
    from pipelines.editions.signing import load_private_key
    from pipelines.openlineage import Dataset, recorded
    from pipelines.openlineage.datasets import edition_datasets

    (quarter,) = quarters_of(context)
    settings = workplace.settings
    key = load_private_key(settings.signing_key) if settings.signing_key else None
    with recorded(workplace, context.run, [quarter], "edition") as recording:
        published = publish(str(quarter), workplace.warehouse, workplace.ledger, settings.actor, signing_key=key)
        recording.reads(*(Dataset(table) for table in PUBLISHED))
        recording.writes(*edition_datasets(f"{quarter}/{published.edition}"))
    state = "published" if published.is_new else "unchanged, no new edition"
    workplace.say("edition", f"{quarter}: {published.edition} {state}")
    return dg.MaterializeResult(metadata=edition_metadata(published.path) | {"is new": published.is_new})
