"""Landing as assets: the offices' feeds, a table of text rows per sheet, and the deliveries in force.

Here: the wiring. Not here: reading and judging deliveries (land.py and its neighbours).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.errors import DeliveryRejected, UsageError
from pipelines.feeds import FILE_FEEDS, TAX, TAX_TABLES
from pipelines.landing.drop_folder import check_layout
from pipelines.partitions import QUARTERS, RANGE_IN_ONE_RUN, WRITER_POOL, history_of, input_quarters, quarters_of
from pipelines.transform.translator import OWNER
from pipelines.workplace import Workplace

if TYPE_CHECKING:
    from pipelines.landing import Landed

LANDING = "landing"
IN_FORCE = dg.AssetKey([LANDING, "in_force"])
_OFFICES = {feed.name: feed.office for feed in FILE_FEEDS.values()} | {"tax": "tax office's database"}


def table_key(feed: str, table: str) -> dg.AssetKey:
    """The asset of one landed table; dbt's sources have the same keys."""
    return dg.AssetKey([LANDING, feed, table])


def feed_specs() -> list[dg.AssetSpec]:
    """What the offices deliver, as external assets at the head of the lineage."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["feeds", feed]),
            group_name="feeds",
            owners=[f"team:office-of-{feed}"],
            description=f"Deliveries of the {office}, as agreed in the feed contract.",
            kinds={"sql" if feed == "tax" else "csv" if feed == "contracts" else "excel"},
        )
        for feed, office in _OFFICES.items()
    ]


def landing_assets() -> list[dg.AssetsDefinition]:
    """One step per feed, an asset per landed table, and the table of deliveries in force after them."""
    tables = {feed.name: [table.name for table in feed.tables] for feed in FILE_FEEDS.values()}
    tables[TAX.name] = [table.name for table in TAX_TABLES]
    return [*(_feed_landing(feed, names) for feed, names in tables.items()), _in_force(tables)]


def _feed_landing(feed: str, tables: list[str]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            table_key(feed, table),
            deps=[dg.AssetKey(["feeds", feed])],
            group_name=LANDING,
            owners=[OWNER],
            kinds={"parquet"},
            description=f"Rows of `{table}` as the {_OFFICES[feed]} delivered them, with file, sheet and row.",
        )
        for table in tables
    ]

    @dg.multi_asset(name=f"land_{feed}", specs=specs, partitions_def=QUARTERS, backfill_policy=RANGE_IN_ONE_RUN, pool=WRITER_POOL)
    def land(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        from pipelines.landing import land_files, land_tax
        from pipelines.receipts import issue_structure

        workplace.warehouse.hold_writer_lock()
        quarters, settings = history_of(quarters_of(context)), workplace.settings
        try:
            if feed == TAX.name:
                url, asked = settings.tax_database_url, input_quarters(quarters_of(context))
                landed = land_tax(asked, url, workplace.warehouse, workplace.ledger, settings.actor, history=quarters)
            else:
                check_layout(settings.data_raw, quarters)
                landed = land_files(feed, quarters, settings.data_raw, workplace.warehouse, workplace.ledger, settings.actor)
        except DeliveryRejected as rejection:
            workplace.say("landing", f"{feed}: rejected: {rejection}")
            issue_structure(feed, quarters, workplace.warehouse, workplace.ledger, settings.actor)
            raise
        issue_structure(feed, quarters, workplace.warehouse, workplace.ledger, settings.actor)
        workplace.say("landing", _summary(feed, landed))
        for table in tables:
            yield dg.MaterializeResult(asset_key=table_key(feed, table), metadata=_metadata(landed, table))

    return land


def _in_force(tables: dict[str, list[str]]) -> dg.AssetsDefinition:
    keys = [table_key(feed, table) for feed, names in tables.items() for table in names]

    @dg.asset(
        key=IN_FORCE,
        deps=keys,
        partitions_def=QUARTERS,
        backfill_policy=RANGE_IN_ONE_RUN,
        group_name=LANDING,
        owners=[OWNER],
        kinds={"parquet"},
        pool=WRITER_POOL,
        description="Which delivery counts for each quarter and feed: the newest accepted.",
    )
    def in_force(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
        from pipelines.landing import export_in_force

        deliveries = workplace.ledger.in_force()
        asked = [str(quarter) for quarter in quarters_of(context)]
        if not any((quarter, feed) in deliveries for quarter in asked for feed in FILE_FEEDS):
            raise UsageError(
                f"nothing was delivered: found no accepted delivery for {' '.join(asked)} in {workplace.settings.data_raw}; "
                f"expected files in {asked[0]}/<feed> of {', '.join(FILE_FEEDS)}; next: check --data-raw and the quarter"
            )
        export_in_force(workplace.warehouse, workplace.ledger)
        return dg.MaterializeResult(metadata={"deliveries": len(deliveries)})

    return in_force


def _metadata(landed: "list[Landed]", table: str) -> dict[str, dg.MetadataValue]:
    rows = [
        [item.delivery.quarter, item.delivery.file_name, item.delivery.sha256, str(item.delivery.rows.get(table, 0))] for item in landed
    ]
    listing = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return {
        "rows": dg.MetadataValue.int(sum(item.delivery.rows.get(table, 0) for item in landed)),
        "deliveries in force": dg.MetadataValue.md(f"| quarter | file | SHA-256 | rows |\n|---|---|---|---|\n{listing}"),
    }


def _summary(feed: str, landed: "list[Landed]") -> str:
    new = sum(item.is_new for item in landed)
    rows = sum(sum(item.delivery.rows.values()) for item in landed)
    return f"{feed}: {len(landed)} deliveries in force, {new} new, {rows} rows"
