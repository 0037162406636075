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
from pipelines.ui_metadata import code_references
from pipelines.workplace import Workplace

if TYPE_CHECKING:
    from pipelines.landing import Landed

LANDING = "landing"
IN_FORCE = dg.AssetKey([LANDING, "in_force"])
_READERS = {
    feed.name: f"pipelines/landing/{'csv_file.py' if feed.form == 'csv' else 'workbook/reader.py'}" for feed in FILE_FEEDS.values()
} | {"tax": "pipelines/landing/tax.py"}
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
            metadata=code_references(f"pipelines/feeds/{feed}.py"),
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
            metadata={"dagster/column_schema": _column_schema(feed, table)} | code_references(f"pipelines/feeds/{feed}.py", _READERS[feed]),
        )
        for table in tables
    ]

    @dg.multi_asset(name=f"land_{feed}", specs=specs, partitions_def=QUARTERS, backfill_policy=RANGE_IN_ONE_RUN, pool=WRITER_POOL)
    def land(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        from pipelines.landing import land_files, land_tax
        from pipelines.openlineage import recorded
        from pipelines.openlineage.datasets import feed_dataset, landing_dataset
        from pipelines.receipts import issue_structure

        workplace.warehouse.hold_writer_lock()
        asked = quarters_of(context)
        quarters, settings = history_of(asked), workplace.settings
        with recorded(workplace, context.run, asked, f"land_{feed}") as recording:
            try:
                if feed == TAX.name:
                    url, needed = settings.tax_database_url, input_quarters(asked)
                    landed = land_tax(needed, url, workplace.warehouse, workplace.ledger, settings.actor, history=quarters)
                else:
                    check_layout(settings.data_raw, quarters)
                    landed = land_files(feed, quarters, settings.data_raw, workplace.warehouse, workplace.ledger, settings.actor)
            except DeliveryRejected as rejection:
                workplace.say("landing", f"{feed}: rejected: {rejection}")
                issue_structure(feed, quarters, workplace.warehouse, workplace.ledger, settings.actor)
                raise
            issue_structure(feed, quarters, workplace.warehouse, workplace.ledger, settings.actor)
            workplace.say("landing", _summary(feed, landed))
            recording.reads(feed_dataset(feed))
            for table in tables:
                recording.writes(landing_dataset(feed, table).counted(_rows(landed, table)))
                for quarter in asked:
                    context.add_asset_metadata(_of_quarter(landed, table, str(quarter)), table_key(feed, table), str(quarter))
                yield dg.MaterializeResult(asset_key=table_key(feed, table))

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
        metadata=code_references("pipelines/landing/in_force.py"),
    )
    def in_force(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
        from pipelines.landing import export_in_force
        from pipelines.openlineage import Dataset, recorded
        from pipelines.openlineage.datasets import IN_FORCE as IN_FORCE_NAME

        deliveries = workplace.ledger.in_force()
        asked = [str(quarter) for quarter in quarters_of(context)]
        if not any((quarter, feed) in deliveries for quarter in asked for feed in FILE_FEEDS):
            raise UsageError(
                f"nothing was delivered: found no accepted delivery for {' '.join(asked)} in {workplace.settings.data_raw}; "
                f"expected files in {asked[0]}/<feed> of {', '.join(FILE_FEEDS)}; next: check --data-raw and the quarter"
            )
        with recorded(workplace, context.run, quarters_of(context), "in_force") as recording:
            export_in_force(workplace.warehouse, workplace.ledger)
            recording.reads(*(Dataset(key.to_user_string()) for key in keys))
            recording.writes(Dataset(IN_FORCE_NAME, rows=len(deliveries)))
        return dg.MaterializeResult(metadata={"deliveries": len(deliveries)})

    return in_force


def _column_schema(feed: str, table: str) -> dg.TableSchema:
    from pipelines.openlineage.datasets import landing_columns

    return dg.TableSchema([dg.TableColumn(name, description=said or None) for name, said in landing_columns(feed)[table].items()])


def _rows(landed: "list[Landed]", table: str) -> int:
    return sum(item.delivery.rows.get(table, 0) for item in landed)


def _of_quarter(landed: "list[Landed]", table: str, quarter: str) -> dict[str, str | int]:
    """What the partition of one quarter holds: the delivery in force; `delivery` is empty if there is none."""
    for item in landed:
        if item.delivery.quarter == quarter:
            delivery = item.delivery
            received = delivery.received_on.isoformat()
            return {"delivery": delivery.file_name, "SHA-256": delivery.sha256, "received": received, "rows": delivery.rows.get(table, 0)}
    return {"delivery": "", "rows": 0}


def _summary(feed: str, landed: "list[Landed]") -> str:
    new = sum(item.is_new for item in landed)
    rows = sum(sum(item.delivery.rows.values()) for item in landed)
    return f"{feed}: {len(landed)} deliveries in force, {new} new, {rows} rows"
