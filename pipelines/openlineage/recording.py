"""Recording: a step of a run as OpenLineage events, appended to `warehouse/openlineage/<run>.jsonl`.

Here: START, COMPLETE and FAIL of a step and of what it ran inside, and their facets. Not here: what the datasets are. The client's
configuration from the environment is not used: what it says could send events elsewhere or switch them off without a word.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import InfrastructureError
from pipelines.openlineage.datasets import Dataset

if TYPE_CHECKING:
    from dagster import DagsterRun
    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent
    from openlineage.client.generated.base import InputDatasetFacet, OutputDatasetFacet, RunFacet

    from pipelines.quarters import Quarter
    from pipelines.workplace import Workplace

PRODUCER = "urn:i315:pipelines"


@dataclass
class Recording:
    """One step of a run; what it `reads` and `writes` is told by its last event.

    `quarters` are those of the run in order of time, none for a step without partitions. Moments know their zone.
    """

    file: Path
    namespace: str
    run_id: str
    run_name: str
    quarters: list[Quarter]
    step: str
    _read: dict[str, Dataset] = field(default_factory=dict)
    _written: dict[str, Dataset] = field(default_factory=dict)

    def reads(self, *datasets: Dataset) -> None:
        """Note what the step reads."""
        self._read |= {dataset.name: dataset for dataset in datasets}

    def writes(self, *datasets: Dataset) -> None:
        """Note what the step writes."""
        self._written |= {dataset.name: dataset for dataset in datasets}

    def ran(self, job: str, reads: list[Dataset], writes: Dataset, started: dt.datetime, ended: dt.datetime, *, has_failed: bool) -> None:
        """Tell of something that ran inside the step, such as one model of a build."""
        run_id = _run_id(self.run_id, job)
        parent = (_run_id(self.run_id, self.step), self.step)
        self._append("START", job, run_id, parent, started, [], [])
        self._append("FAIL" if has_failed else "COMPLETE", job, run_id, parent, ended, reads, [writes])

    def told(self, state: str) -> None:
        """Tell that the step is in a state: START without datasets, COMPLETE or FAIL with them."""
        reads, writes = ([], []) if state == "START" else (list(self._read.values()), list(self._written.values()))
        parent = (self.run_id, self.run_name)
        self._append(state, self.step, _run_id(self.run_id, self.step), parent, dt.datetime.now(dt.UTC), reads, writes)

    def _append(
        self, state: str, job: str, run_id: str, parent: tuple[str, str], moment: dt.datetime, reads: list[Dataset], writes: list[Dataset]
    ) -> None:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState, set_producer
        from openlineage.client.generated.job_type_job import JobTypeJobFacet
        from openlineage.client.generated.nominal_time_run import NominalTimeRunFacet
        from openlineage.client.generated.parent_run import Job as ParentJob
        from openlineage.client.generated.parent_run import ParentRunFacet
        from openlineage.client.generated.parent_run import Run as ParentRun

        set_producer(PRODUCER)
        facets: dict[str, RunFacet] = {
            "parent": ParentRunFacet(run=ParentRun(runId=parent[0]), job=ParentJob(namespace=self.namespace, name=parent[1]))
        }
        if self.quarters:
            first, after = self.quarters[0].first_day, self.quarters[-1].plus(1).first_day
            facets["nominalTime"] = NominalTimeRunFacet(
                nominalStartTime=f"{first}T00:00:00+08:00", nominalEndTime=f"{after}T00:00:00+08:00"
            )
        event = RunEvent(
            eventType=RunState(state),
            eventTime=moment.isoformat(),
            run=Run(runId=run_id, facets=facets),
            job=Job(
                namespace=self.namespace,
                name=job,
                facets={"jobType": JobTypeJobFacet(processingType="BATCH", integration="I315", jobType="STEP")},
            ),
            inputs=[_input(dataset, self.namespace) for dataset in reads],
            outputs=[_output(dataset, self.namespace) for dataset in writes],
            producer=PRODUCER,
        )
        _append_to(self.file, event)


@contextmanager
def recorded(workplace: Workplace, run: DagsterRun, quarters: list[Quarter], step: str) -> Iterator[Recording]:
    """The recording of one step of a run: START now, COMPLETE when the block ends, FAIL if it does not end well.

    Raises `InfrastructureError` if the file cannot be written, so that no run goes on without its lineage.
    """
    file = workplace.warehouse.openlineage / f"{run.run_id}.jsonl"
    recording = Recording(file, workplace.settings.lineage_namespace, run.run_id, run.job_name, quarters, step)
    recording.told("START")
    state = "FAIL"
    try:
        yield recording
        state = "COMPLETE"
    finally:
        recording.told(state)


def _run_id(run_id: str, job: str) -> str:
    """The id of a job inside a run: the same whenever it is told of."""
    return str(uuid.uuid5(uuid.UUID(run_id), job))


def _append_to(file: Path, event: RunEvent) -> None:
    from openlineage.client.transport.file import FileConfig, FileTransport

    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        FileTransport(FileConfig(log_file_path=str(file), append=True)).emit(event)
    except RuntimeError as error:
        # All that the transport raises.
        raise InfrastructureError(
            f"lineage of this run cannot be written: found {error}; expected a file that can be appended to; "
            "next: check the folder's rights and the disk, then run the quarter again"
        ) from error


def _facets(dataset: Dataset, namespace: str) -> dict[str, Any]:
    from openlineage.client.generated.column_lineage_dataset import ColumnLineageDatasetFacet, Fields, InputField
    from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
    from openlineage.client.generated.schema_dataset import SchemaDatasetFacet, SchemaDatasetFacetFields

    facets: dict[str, Any] = {}
    if dataset.columns:
        facets["schema"] = SchemaDatasetFacet(
            fields=[
                SchemaDatasetFacetFields(each.name, each.type or None, each.description or None, position)
                for position, each in enumerate(dataset.columns, 1)
            ]
        )
    if any(each.origins for each in dataset.columns):
        facets["columnLineage"] = ColumnLineageDatasetFacet(
            fields={
                each.name: Fields([InputField(namespace, name, column) for name, column in each.origins])
                for each in dataset.columns
                if each.origins
            }
        )
    if dataset.version:
        facets["version"] = DatasetVersionDatasetFacet(dataset.version)
    return facets


def _input(dataset: Dataset, namespace: str) -> InputDataset:
    """An input: its columns are told where it is written, what judged it is told here."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.generated.data_quality_assertions_dataset import Assertion, DataQualityAssertionsDatasetFacet

    facets: dict[str, InputDatasetFacet] = {}
    if dataset.assertions:
        facets["dataQualityAssertions"] = DataQualityAssertionsDatasetFacet(
            [
                Assertion(assertion=rule, success=passed, severity=severity, name=rule, description=said)
                for rule, passed, severity, said in dataset.assertions
            ]
        )
    return InputDataset(namespace, dataset.name, inputFacets=facets)


def _output(dataset: Dataset, namespace: str) -> OutputDataset:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.generated.output_statistics_output_dataset import OutputStatisticsOutputDatasetFacet

    counted: dict[str, OutputDatasetFacet] = (
        {} if dataset.rows is None else {"outputStatistics": OutputStatisticsOutputDatasetFacet(rowCount=dataset.rows)}
    )
    return OutputDataset(namespace, dataset.name, facets=_facets(dataset, namespace), outputFacets=counted)
