"""The partitions that every asset shares: one per quarter, keyed `2023Q3`."""

from __future__ import annotations

import datetime as dt

import dagster as dg

from pipelines.quarters import Quarter, partition_keys

QUARTERS = dg.StaticPartitionsDefinition(partition_keys(dt.date.today()))
RANGE_IN_ONE_RUN = dg.BackfillPolicy.single_run()
ONE_QUARTER_PER_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
WRITER_POOL = "warehouse"


def quarters_of(context: dg.AssetExecutionContext) -> list[Quarter]:
    """The quarters that this run was asked for."""
    return [Quarter.parse(key) for key in context.partition_keys]


def input_quarters(quarters: list[Quarter]) -> list[Quarter]:
    """The quarters that the indicators of the asked ones are made from, each once, in order of time."""
    return sorted({needed for quarter in quarters for needed in quarter.inputs()})


def history_of(quarters: list[Quarter]) -> list[Quarter]:
    """The quarters that the editions of the asked ones rest on, each once, in order of time.

    Every run sees to it that they are landed and computed as they are delivered now.
    """
    return sorted({needed for quarter in quarters for needed in quarter.history()})
