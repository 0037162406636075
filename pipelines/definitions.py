"""Everything that Dagster knows, built from settings when it is asked for and never at import."""

from __future__ import annotations

import gc
import warnings

import dagster as dg

from pipelines.settings import Settings, load_settings
from pipelines.workplace import Workplace


def build_defs(workplace: Workplace) -> dg.Definitions:
    """Assets, checks and jobs over a workplace; tests call it with their own settings."""
    # What is imported by now is no garbage: looking through it again and again takes a third of the start.
    gc.freeze()
    # A whole quarter lands and computes ranges and publishes one by one: one by one is right, and needs no word at every start.
    warnings.filterwarnings("ignore", message="Asset job quarter materializes assets with varying BackfillPolicies")
    with warnings.catch_warnings():
        # Backfill policies are beta in Dagster 1.13, and the design rests on them: said once here instead of at every start.
        warnings.simplefilter("ignore", dg.BetaWarning)
        # So are partitions of checks in preview, without which a check after a backfill counts as not evaluated.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        try:
            return _build_defs(workplace)
        finally:
            gc.unfreeze()


def _build_defs(workplace: Workplace) -> dg.Definitions:
    from pipelines.editions.assets import edition, told_specs
    from pipelines.gate.assets import gate_checks
    from pipelines.landing.assets import feed_specs, landing_assets
    from pipelines.operation.automation import automation, timeliness_checks
    from pipelines.partitions import QUARTERS
    from pipelines.rulesets.assets import rule_tables
    from pipelines.transform.assets import dbt_resource, warehouse_assets
    from pipelines.transform.project import fresh_manifest
    from pipelines.worklists.assets import worklists

    landing = landing_assets()
    warehouse = warehouse_assets(fresh_manifest())
    gate = gate_checks({key.path[-1] for key in warehouse.keys})
    received = dg.AssetSelection.assets(*(key for assets in landing for key in assets.keys))
    computed = dg.AssetSelection.assets(*rule_tables.keys, *warehouse.keys, *worklists.keys) | received
    published = dg.AssetSelection.assets(edition)
    sensors, schedules = automation(workplace.settings)
    return dg.Definitions(
        assets=[*feed_specs(), *told_specs(), *landing, rule_tables, warehouse, worklists, edition],
        asset_checks=[gate, timeliness_checks()],
        jobs=[
            dg.define_asset_job("receive", received, partitions_def=QUARTERS),
            dg.define_asset_job("refresh", computed - dg.AssetSelection.checks(gate), partitions_def=QUARTERS),
            dg.define_asset_job("judge", dg.AssetSelection.checks(gate), partitions_def=QUARTERS),
            dg.define_asset_job("publish", published - dg.AssetSelection.checks(gate), partitions_def=QUARTERS),
            dg.define_asset_job("release", published | dg.AssetSelection.checks(gate), partitions_def=QUARTERS),
            dg.define_asset_job("quarter", computed | published | dg.AssetSelection.checks(gate), partitions_def=QUARTERS),
        ],
        sensors=sensors,
        schedules=schedules,
        executor=dg.in_process_executor,
        resources={"dbt": dbt_resource(), "workplace": workplace},
    )


def workplace_of(settings: Settings) -> Workplace:
    """The workplace that the UI and the daemon run with."""
    return Workplace(settings)


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` loads: the definitions over the settings of the environment."""
    return build_defs(workplace_of(load_settings()))
