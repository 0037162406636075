"""What Dagster starts and shows by itself: the drop folder's sensor, the release schedule, notices, and timeliness as checks.

Here: the wiring. Not here: what arrived, what is due, what is late, what is told (the modules beside this one).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.check_results import as_result, asked_partitions, tell_each_quarter
from pipelines.feeds import FILE_FEEDS, TAX, TAX_TABLES
from pipelines.operation.calendar import Calendar, load_calendar
from pipelines.partitions import QUARTERS
from pipelines.quarters import Quarter, today_in_beijing
from pipelines.settings import Settings
from pipelines.workplace import Workplace

if TYPE_CHECKING:
    from pipelines.ledger import Ledger
    from pipelines.operation.arrivals import Arrival
    from pipelines.operation.lateness import Timeliness, Timetable
    from pipelines.operation.notices import Notice

ARRIVED, CLOSED = "i315/arrived", "i315/closed"
IN_TIME = "in_time"
_PARTITION = "dagster/partition"
_TOLD_OF_RUNS = dt.timedelta(days=1)
_RETRY_AFTER, _MOST_TRIES = dt.timedelta(minutes=10), 5
_TABLES = {feed.name: [table.name for table in feed.tables] for feed in FILE_FEEDS.values()} | {
    TAX.name: [table.name for table in TAX_TABLES]
}


def automation(settings: Settings) -> tuple[list[dg.SensorDefinition], list[dg.ScheduleDefinition]]:
    """Sensors and schedule of an office; all stand still until a person starts them if its settings say so."""
    if settings.automation:
        sensors, schedules = dg.DefaultSensorStatus.RUNNING, dg.DefaultScheduleStatus.RUNNING
    else:
        sensors, schedules = dg.DefaultSensorStatus.STOPPED, dg.DefaultScheduleStatus.STOPPED
    return [arrivals_sensor(sensors), notices_sensor(sensors)], [release_schedule(load_calendar(settings.calendar), schedules)]


def arrivals_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Every half minute: a *refresh* for each quarter for which a delivery or the tax office's closing marker arrived.

    Nothing is lost between looks: what the ledger does not know is asked for until a run with exactly these files has ended well, so that
    what arrives while a run is under way gives the next one. A run that failed is tried again, a few times.
    """
    from pipelines.operation.arrivals import DropFolderWatch

    watch = DropFolderWatch()
    shown: dict[tuple[str, str], Timeliness] = {}

    @dg.sensor(name="arrivals", job_name="refresh", minimum_interval_seconds=30, default_status=status)
    def arrivals(context: dg.SensorEvaluationContext, workplace: dg.ResourceParam[Workplace]) -> dg.SensorResult:
        from pipelines.operation import heartbeat

        now = dt.datetime.now(dt.UTC)
        quarters = [Quarter.parse(key) for key in QUARTERS.get_partition_keys()]
        requests = [
            dg.RunRequest(partition_key=str(arrival.quarter), tags={ARRIVED: arrival.deliveries, CLOSED: arrival.markers})
            for arrival in watch.look(workplace.settings.data_raw, workplace.ledger, quarters)
            if _is_to_run(arrival, context.instance, now)
        ]
        heartbeat.beat(workplace.warehouse, heartbeat.SENSOR, now)
        if heartbeat.last_beat(workplace.warehouse, heartbeat.SCHEDULE) is None:
            # From here on the schedule has to fire.
            heartbeat.beat(workplace.warehouse, heartbeat.SCHEDULE, now)
        timetable = _timetable(workplace)
        awaited = [each for quarter in timetable.awaited() for each in timetable.of_quarter(quarter)]
        return dg.SensorResult(run_requests=requests, asset_events=_changed(awaited, shown))

    return arrivals


def release_schedule(calendar: Calendar, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """Every day at the calendar's hour: a whole run for each quarter that is to be published, or published again."""
    at = calendar.released_at

    @dg.schedule(
        name="releases",
        job_name="quarter",
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone="Asia/Shanghai",
        default_status=status,
    )
    def releases(context: dg.ScheduleEvaluationContext, workplace: dg.ResourceParam[Workplace]) -> list[dg.RunRequest]:
        from pipelines.operation import heartbeat
        from pipelines.operation.releases import due_releases

        today = today_in_beijing()
        heartbeat.beat(workplace.warehouse, heartbeat.SCHEDULE, dt.datetime.now(dt.UTC))
        due = due_releases(load_calendar(workplace.settings.calendar), workplace.ledger, today)
        return [dg.RunRequest(run_key=f"{quarter} {today}", partition_key=str(quarter)) for quarter in due]

    return releases


def notices_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Every minute: people are told what happened and what is late, if the settings name addresses."""

    @dg.sensor(name="notices", minimum_interval_seconds=60, default_status=status)
    def notices(context: dg.SensorEvaluationContext, workplace: dg.ResourceParam[Workplace]) -> dg.SkipReason:
        if workplace.settings.notify is None:
            return dg.SkipReason("I315_NOTIFY names no addresses")
        from pipelines.operation.telling import tell_all

        now = dt.datetime.now(dt.UTC)
        sent = tell_all(workplace.settings, workplace.ledger, now, _failures(context.instance, workplace.ledger, now))
        return dg.SkipReason(f"{sent} messages sent")

    return notices


def timeliness_checks() -> dg.AssetChecksDefinition:
    """On every landed table: whether its delivery for the quarter was there whole and in time."""
    specs = [
        dg.AssetCheckSpec(
            IN_TIME,
            asset=dg.AssetKey(["landing", feed, table]),
            partitions_def=QUARTERS,
            description="The delivery was there, whole, by the day of the release calendar.",
        )
        for feed, tables in _TABLES.items()
        for table in tables
    ]

    @dg.multi_asset_check(name="timeliness", specs=specs)
    def timeliness(context: dg.AssetCheckExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.AssetCheckResult]:
        quarters = [Quarter.parse(key) for key in sorted(asked_partitions(context))]
        timetable = _timetable(workplace)
        if len(quarters) > 1:
            for quarter in quarters:
                tell_each_quarter(context, (evaluation for each in timetable.of_quarter(quarter) for evaluation in _evaluations(each)))
        for each in timetable.of_quarter(quarters[-1]):
            yield from map(as_result, _evaluations(each))

    return timeliness


def _is_to_run(arrival: "Arrival", instance: dg.DagsterInstance, now: dt.datetime) -> bool:
    """Whether a run has to be asked for: what arrived was in none yet, or only in runs that failed some time ago, and not too often."""
    return any(
        _is_unserved(instance.get_run_records(dg.RunsFilter(tags={tag: digest, _PARTITION: str(arrival.quarter)})), now)
        for tag, digest in ((ARRIVED, arrival.deliveries), (CLOSED, arrival.markers))
        if digest
    )


def _is_unserved(runs: Sequence[dg.RunRecord], now: dt.datetime) -> bool:
    if any(run.dagster_run.status is not dg.DagsterRunStatus.FAILURE for run in runs):
        return False
    ended = max((run.update_timestamp for run in runs), default=None)
    return ended is None or (len(runs) < _MOST_TRIES and now - ended > _RETRY_AFTER)


def _failures(instance: dg.DagsterInstance, ledger: "Ledger", now: dt.datetime) -> "list[Notice]":
    """Runs of the last day that failed for what the ledger does not tell."""
    from pipelines.operation.notices import of_failed_run

    recent = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=now - _TOLD_OF_RUNS)
    found = []
    for record in instance.get_run_records(recent):
        run, began, ended = (
            record.dagster_run,
            record.start_time or record.create_timestamp.timestamp(),
            record.update_timestamp.timestamp(),
        )
        found.append(of_failed_run(run.run_id, run.tags.get(_PARTITION, ""), began, ended, ledger))
    return [notice for notice in found if notice]


def _timetable(workplace: Workplace) -> "Timetable":
    from pipelines.operation.lateness import Timetable

    settings = workplace.settings
    return Timetable(load_calendar(settings.calendar), workplace.ledger, settings.data_raw, today_in_beijing())


def _changed(states: "list[Timeliness]", shown: "dict[tuple[str, str], Timeliness]") -> list[dg.AssetCheckEvaluation]:
    """What the UI has to be told anew; `shown` is what it was told before, and is brought up to date."""
    changed = [each for each in states if shown.get((each.quarter, each.feed)) != each]
    shown.update({(each.quarter, each.feed): each for each in changed})
    return [evaluation for each in changed for evaluation in _evaluations(each)]


def _evaluations(told: "Timeliness") -> list[dg.AssetCheckEvaluation]:
    """One per landed table of the feed."""
    metadata = {"state": told.state, "due": told.due.isoformat(), "waited until": told.waited_until.isoformat()}
    if told.received:
        metadata["received"] = told.received.isoformat()
    return [
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(["landing", told.feed, table]),
            check_name=IN_TIME,
            passed=told.state in ("in time", "expected"),
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{told.quarter}: {told.state}",
            metadata=metadata,
            partition=told.quarter,
        )
        for table in _TABLES[told.feed]
    ]
