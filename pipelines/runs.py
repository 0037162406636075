"""Runs: Dagster's instance in the warehouse, runs of dead processes ended, quarters taken from deliveries to editions.

Here: what the command line and the UI's start script do around the assets. Not here: the assets.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipelines.dagster_home import history_reachable, prepare_home
from pipelines.definitions import build_defs
from pipelines.durable import remove_scratch_of_dead_processes
from pipelines.editions.outdated import outdated_quarters
from pipelines.editions.pointer import in_force, require_recorded
from pipelines.errors import Failure, HeldByGate, Interrupted, combined
from pipelines.gate import require_verdict
from pipelines.gate.adapter import load_in_background
from pipelines.history import kept_open
from pipelines.processes import PROCESS_TAG, is_alive, process_identity
from pipelines.quarters import Quarter, span
from pipelines.transform.waiting import dbt_in_waiting
from pipelines.warehouse import Warehouse
from pipelines.workplace import Workplace

_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_UNFINISHED = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]


@dataclass(frozen=True)
class QuarterOutcome:
    """What became of a quarter: `published`, `unchanged`, `held` with the reason, or `shown` in a folder without being published."""

    quarter: Quarter
    state: str
    edition: str = ""
    reason: str = ""
    folder: str = ""


@contextlib.contextmanager
def instance_of(warehouse: Warehouse, dagster_url: str | None = None) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance in the warehouse (its history in PostgreSQL if a URL is given), with the runs of dead processes ended."""
    home = prepare_home(warehouse, dagster_url)
    os.environ["DAGSTER_HOME"] = str(home)
    with history_reachable(dagster_url), kept_open(), dg.DagsterInstance.from_config(str(home)) as instance:
        end_orphaned_runs(instance)
        yield instance


def end_orphaned_runs(instance: dg.DagsterInstance) -> list[str]:
    """End every unfinished run whose process is gone and free what it held; without this the queue waits for it for ever."""
    ended = []
    for run in instance.get_runs(filters=RunsFilter(statuses=_UNFINISHED)):
        identity = run.tags.get(PROCESS_TAG)
        if identity and not is_alive(identity):
            instance.report_run_failed(run, "The process of this run is gone; it was ended so that the queue goes on.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended.append(run.run_id)
    return ended


def run_quarters(workplace: Workplace, quarters: list[Quarter], *, is_only: bool = False) -> list[QuarterOutcome]:
    """Refresh a range of quarters in one run with all that they rest on, judge it, then publish each in a run of its own, in order of time.

    Published quarters that rest on a delivery which came in since are refreshed and published too, unless `is_only`. Raises the
    `Failure` that stopped a refresh; a quarter held by the gate is an outcome.
    """
    workplace.warehouse.hold_writer_lock()
    require_recorded(workplace.warehouse, workplace.ledger)
    remove_scratch_of_dead_processes(workplace.warehouse.root)
    with dbt_in_waiting(workplace.warehouse.root), instance_of(workplace.warehouse, workplace.settings.dagster_url) as instance:
        definitions = build_defs(replace(workplace, while_dbt_runs=load_in_background))
        _execute(definitions, "refresh", quarters, instance)
        asked = set(quarters)
        while overtaken := [] if is_only else sorted(set(outdated_quarters(workplace.ledger)) - asked):
            workplace.say("revisions", f"{', '.join(map(str, overtaken))}: published before a delivery that they rest on")
            if overtaken[-1] > max(asked):
                # Those before it are computed already; landing the later ones may bring in what still later ones rest on.
                _execute(definitions, "refresh", span(max(asked), overtaken[-1]), instance)
            asked |= set(overtaken)
        return _released(definitions, sorted(asked), instance, workplace)


def run_as_known(workplace: Workplace, quarters: list[Quarter], day: dt.date) -> list[QuarterOutcome]:
    """Take quarters from what was received until the end of `day` to editions, or show them if more is known by now.

    What is in the drop folder is received first, whatever its day. If nothing came after `day`, this is a run like any other.
    Otherwise nothing is published and the warehouse's tables stay those of now: an edition in force never gives way to an older
    knowledge.
    """
    from pipelines.reproduction.as_known import newer, show_as_known

    workplace.warehouse.hold_writer_lock()
    with instance_of(workplace.warehouse, workplace.settings.dagster_url) as instance:
        _execute(build_defs(workplace), "receive", quarters, instance)
    later = newer(workplace.ledger, quarters, day)
    if not later:
        workplace.say("as known", f"nothing came after {day}: a run like any other")
        return run_quarters(workplace, quarters)
    workplace.say("as known", f"{day}: published is nothing, for {len(later)} deliveries came later, such as {later[0]}")
    shown = show_as_known(quarters, day, workplace)
    return [QuarterOutcome(each.quarter, each.state, reason=each.reason, folder=each.folder) for each in shown]


def _released(
    definitions: dg.Definitions, quarters: list[Quarter], instance: dg.DagsterInstance, workplace: Workplace
) -> list[QuarterOutcome]:
    """Judged and published: one quarter in one run, neighbours judged together first, which costs little more than judging one."""
    outcomes = []
    for together in _consecutive(quarters):
        if len(together) == 1:
            outcomes.append(_release(definitions, "release", together[0], instance, workplace))
            continue
        try:
            _execute(definitions, "judge", together, instance)
        except dg.DagsterError:
            # A held quarter fails the run of all; publishing asks each for its own verdict.
            if not any(_is_held(quarter, workplace) for quarter in together):
                raise
        outcomes += [
            QuarterOutcome(quarter, "held", reason=_reason_of_hold(quarter, workplace))
            if _is_held(quarter, workplace)
            else _release(definitions, "publish", quarter, instance, workplace)
            for quarter in together
        ]
    return outcomes


def _consecutive(quarters: list[Quarter]) -> list[list[Quarter]]:
    """The same quarters as ranges without a gap, which is how Dagster is asked for several."""
    ranges: list[list[Quarter]] = []
    for quarter in quarters:
        if ranges and ranges[-1][-1].plus(1) == quarter:
            ranges[-1].append(quarter)
        else:
            ranges.append([quarter])
    return ranges


def _is_held(quarter: Quarter, workplace: Workplace) -> bool:
    verdicts = workplace.ledger.entries("verdict", str(quarter))
    return bool(verdicts) and verdicts[-1].payload["outcome"] == "held"


def _release(definitions: dg.Definitions, job: str, quarter: Quarter, instance: dg.DagsterInstance, workplace: Workplace) -> QuarterOutcome:
    before = workplace.ledger.entries("publication", str(quarter))
    try:
        _execute(definitions, job, [quarter], instance)
    except (HeldByGate, dg.DagsterError):
        # A blocking check stops the run before publishing; what the gate found is told by the verdict, not by Dagster's message.
        if not _is_held(quarter, workplace):
            raise
        return QuarterOutcome(quarter, "held", reason=_reason_of_hold(quarter, workplace))
    after = workplace.ledger.entries("publication", str(quarter))
    state = "published" if len(after) > len(before) else "unchanged"
    # Not the last one recorded: that may be withdrawn.
    return QuarterOutcome(quarter, state, edition=in_force(workplace.ledger)[str(quarter)].edition)


def _reason_of_hold(quarter: Quarter, workplace: Workplace) -> str:
    try:
        require_verdict(str(quarter), workplace.warehouse, workplace.ledger)
    except HeldByGate as held:
        return str(held)
    return "held"


def _execute(definitions: dg.Definitions, job_name: str, quarters: list[Quarter], instance: dg.DagsterInstance) -> None:
    """Execute a job. A failed step stops what rests on it and nothing else: every feed is read, then all that failed is raised at once."""
    tags = {PROCESS_TAG: process_identity()}
    if len(quarters) == 1:
        partition: str | None = str(quarters[0])
    else:
        partition = None
        tags |= {_RANGE_START: str(quarters[0]), _RANGE_END: str(quarters[-1])}
    failed: list[BaseException] = []

    @dg.failure_hook
    def keep(context: dg.HookContext) -> None:
        if context.op_exception:
            failed.append(context.op_exception)

    job = definitions.resolve_job_def(job_name).with_hooks({keep})
    try:
        finished = job.execute_in_process(instance=instance, partition_key=partition, tags=tags, run_config=_QUIET, raise_on_error=False)
    except dg.DagsterExecutionInterruptedError as interrupted:
        raise Interrupted(
            f"interrupted: {job_name} of {quarters[0]}..{quarters[-1]} was told to end; editions in force stay; next: run it again"
        ) from interrupted
    if not finished.success:
        raise _worst(failed)


def _worst(failed: list[BaseException]) -> BaseException:
    """What a run raises whose steps failed: a crash before anything else, with what the other steps told noted on it."""
    failures = [error for error in failed if isinstance(error, Failure)]
    crashes = [error for error in failed if not isinstance(error, Failure)]
    if not crashes:
        return combined(failures) if failures else dg.DagsterError("a step failed and left no exception")
    for line in (line for failure in failures for line in failure.lines):
        crashes[0].add_note(line)
    return crashes[0]
