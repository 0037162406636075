"""The dbt project as assets: one call of `dbt build` per run, with column lineage and row counts for the auditor.

Here: the wiring. Not here: SQL (dbt_project), arguments (project.py), the lineage itself (column_lineage.py).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.errors import Failure
from pipelines.gate.suites import PUBLISHED
from pipelines.partitions import QUARTERS, RANGE_IN_ONE_RUN, WRITER_POOL, history_of, quarters_of
from pipelines.transform import staged
from pipelines.transform.column_lineage import ColumnParents, KnownLineage, stated_parents
from pipelines.transform.dagster_dbt_alone import DagsterDbtCliRuntimeError, DbtCliInvocation, DbtCliResource, dbt_assets
from pipelines.transform.project import DBT_OF_A_RUN, DBT_PROJECT, build_arguments, dbt_environment, run_environment
from pipelines.transform.quarantine import quarantine_file, write_quarantine_lists
from pipelines.transform.translator import Translator
from pipelines.ui_metadata import column_origins
from pipelines.warehouse import Warehouse
from pipelines.workplace import Workplace


class DbtInItsOwnProcess(DbtCliResource):
    """dbt as dagster-dbt calls it, without an adapter in Dagster's process too.

    dagster-dbt would make one before it starts dbt, for `fetch_column_metadata` and `fetch_row_counts` alone, which nothing here asks for.
    """

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        """None, as where there is no dbt-core: an invocation may have no adapter."""
        return None


def dbt_resource() -> DbtCliResource:
    """The dbt of this Python, whatever PATH says, bound to the life of the run that calls it."""
    return DbtInItsOwnProcess(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=str(DBT_OF_A_RUN))


def warehouse_assets(manifest: dict[str, Any]) -> dg.AssetsDefinition:
    """Every seed, model and data test of the project as one Dagster step."""
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        name="warehouse",
        partitions_def=QUARTERS,
        backfill_policy=RANGE_IN_ONE_RUN,
        dagster_dbt_translator=translator,
        pool=WRITER_POOL,
    )
    def warehouse(context: dg.AssetExecutionContext, dbt: DbtCliResource, workplace: dg.ResourceParam[Workplace]) -> Iterator[Any]:
        from pipelines.editions.told import lay_out
        from pipelines.openlineage import recorded
        from pipelines.transform.told_to_catalogues import tell_models

        workplace.warehouse.hold_writer_lock()
        asked = quarters_of(context)
        now = staged.contents(workplace.ledger, workplace.warehouse)
        due = staged.due(asked, history_of(asked), workplace.warehouse, now)
        staged.forget(due, workplace.warehouse)
        lay_out(due.quarters, workplace.warehouse, workplace.warehouse, workplace.ledger)
        target = workplace.warehouse.root / "dbt"
        os.environ.update(dbt_environment(workplace.warehouse.root, workplace.settings.threads))
        os.environ.update(run_environment(due.quarters, workplace.warehouse.landing, due.asked))
        with recorded(workplace, context.run, asked, "warehouse") as recording:
            invocation = dbt.cli(build_arguments(is_whole=due.is_whole), context=context, manifest=manifest, target_path=target)
            workplace.while_dbt_runs()
            lineage: dict[str, ColumnParents] = {}
            try:
                yield from events_with_lineage(invocation, manifest, translator, lineage)
            except DagsterDbtCliRuntimeError as error:
                raise Failure(f"dbt did not build the warehouse: found {error}; next: read {target / 'dbt.log'}") from error
            tell_models(recording, manifest, invocation.get_artifact("run_results.json"), lineage)
        staged.note(due, workplace.warehouse, now)
        for observation in row_count_observations(workplace.warehouse, [str(quarter) for quarter in asked]):
            context.log_event(observation)
        keys = [str(quarter) for quarter in due.quarters]
        workplace.say("transform", row_count_line(workplace.warehouse, keys))
        for quarter, rows in write_quarantine_lists(workplace.warehouse, keys).items():
            if rows:
                workplace.say(
                    "quarantine", f"{quarter}: {rows} rows not counted, listed in {quarantine_file(workplace.warehouse, quarter)}"
                )

    return warehouse


def events_with_lineage(
    invocation: DbtCliInvocation,
    manifest: dict[str, Any],
    translator: Translator,
    lineage_by_node: dict[str, ColumnParents],
) -> Iterator[Any]:
    """Dbt's events as they come; each built model's materialization carries the lineage of its columns.

    `lineage_by_node` is filled on the way, by unique id.
    """
    everything = manifest["nodes"] | manifest["sources"]
    known = KnownLineage(invocation.target_path / "column_lineage.json")
    for event in invocation.stream():
        if not isinstance(event, dg.Output | dg.AssetMaterialization):
            yield event
            continue
        node = everything[event.metadata["unique_id"].value]
        parents = column_parents_of(node, invocation.target_path, everything, known)
        if not parents:
            yield event
            continue
        lineage_by_node[node["unique_id"]] = parents
        lineage = dg.TableColumnLineage(
            {
                column: [
                    dg.TableColumnDep(asset_key=translator.get_asset_spec(manifest, parent, None).key, column_name=name)
                    for parent, name in pairs
                ]
                for column, pairs in parents.items()
            }
        )
        yield event.with_metadata({**event.metadata, **column_origins(lineage)})
    known.keep()


def column_parents_of(node: dict[str, Any], target: Path, everything: dict[str, Any], known: KnownLineage) -> ColumnParents:
    """Column parents of a built node: read from its compiled SQL, or, where a model is Python, as its documentation states them."""
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
    if not compiled.exists():
        return {}
    if node["language"] == "python":
        return stated_parents(node)
    relations = {unique_id: everything[unique_id]["relation_name"] for unique_id in node["depends_on"]["nodes"]}
    return known.column_parents(compiled.read_text(), relations)


def row_count_observations(warehouse: Warehouse, quarters: list[str]) -> Iterator[dg.AssetObservation]:
    """What each quarter's partition holds: rows of the published tables, and of staging's tables with those in quarantine."""
    with warehouse.connect() as connection:
        for table in PUBLISHED:
            counted = dict(connection.execute(f"select quarter, count(*) from {table} group by quarter").fetchall())
            for quarter in quarters:
                yield dg.AssetObservation(dg.AssetKey([table]), partition=quarter, metadata={"rows": counted.get(quarter, 0)})
        staged = connection.execute(
            "select quarter, model, sum(rows_landed), sum(rows_kept), sum(rows_quarantined), sum(coercions) from stg_row_counts "
            "where list_contains($1, quarter) group by quarter, model order by model, quarter",
            [quarters],
        ).fetchall()
    for quarter, model, *counts in staged:
        named = zip(("rows landed", "rows", "quarantined", "coerced cells"), map(int, counts), strict=True)
        yield dg.AssetObservation(dg.AssetKey([model]), partition=quarter, metadata=dict(named))


def row_count_line(warehouse: Warehouse, quarters: list[str]) -> str:
    """One line about what staging made of the landed rows of `quarters`."""
    with warehouse.connect() as connection:
        landed, kept, quarantined, coercions = connection.execute(
            "select sum(rows_landed), sum(rows_kept), sum(rows_quarantined), sum(coercions) "
            "from stg_row_counts where list_contains($1, quarter)",
            [quarters],
        ).fetchall()[0]
        (values,) = connection.execute("select count(*) from ed_indicators where list_contains($1, quarter)", [quarters]).fetchall()[0]
    span = f"{quarters[0]}..{quarters[-1]}"
    return (
        f"{span}: {landed or 0} rows landed, {kept or 0} kept, {quarantined or 0} quarantined, {coercions or 0} cells coerced; "
        f"{values} indicator values"
    )
