"""What an asset check found, told to Dagster for a run of one quarter or of several.

Here: how results of several quarters reach the UI. Not here: what is checked (gate/assets.py, operation/automation.py).
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

import dagster as dg

from pipelines.partitions import QUARTERS


def asked_partitions(context: dg.AssetCheckExecutionContext) -> list[str]:
    """The quarters of the run that the checks belong to; checks have no partitions of their own."""
    run_tags = context.run.tags
    if "dagster/partition" in run_tags:
        return [run_tags["dagster/partition"]]
    first, last = run_tags["dagster/asset_partition_range_start"], run_tags["dagster/asset_partition_range_end"]
    return list(QUARTERS.get_partition_keys_in_range(dg.PartitionKeyRange(first, last)))


def tell_each_quarter(context: dg.AssetCheckExecutionContext, evaluations: Iterable[dg.AssetCheckEvaluation]) -> None:
    """Tell what each quarter was found to be beside the results, which have no partition in a run of several."""
    log_event: Callable[[dg.AssetCheckEvaluation], None] = cast(Any, context.op_execution_context).log_event
    for evaluation in evaluations:
        # Dagster stores evaluations like all events; only the annotation of `log_event` leaves them out.
        log_event(evaluation)


def as_result(told: dg.AssetCheckEvaluation) -> dg.AssetCheckResult:
    """An evaluation as what a check of a run yields."""
    return dg.AssetCheckResult(
        asset_key=told.asset_key,
        check_name=told.check_name,
        passed=told.passed,
        severity=told.severity,
        description=told.description,
        metadata=told.metadata,
    )
