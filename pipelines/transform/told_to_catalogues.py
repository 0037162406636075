"""What a build told: each model of a dbt build as an OpenLineage run inside the step, from dbt's own record of it.

Here: manifest, run results and column lineage turned into datasets and runs. Not here: events (pipelines/openlineage).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pipelines.openlineage import Dataset, Recording
from pipelines.openlineage.datasets import node_dataset, node_name
from pipelines.transform.column_lineage import ColumnParents

BUILT = ("model", "seed")


def tell_models(
    recording: Recording, manifest: Mapping[str, Any], run_results: Mapping[str, Any], lineage: Mapping[str, ColumnParents]
) -> None:
    """Tell of every seed and model that the build made, with its moments; and of the step, which read sources and wrote models."""
    everything = manifest["nodes"] | manifest["sources"]
    for result in run_results["results"]:
        node = everything.get(result["unique_id"])
        if node is None or node["resource_type"] not in BUILT or not result["timing"]:
            continue
        parents = [everything[parent] for parent in node["depends_on"].get("nodes", [])]
        dataset = node_dataset(node, everything, lineage.get(result["unique_id"], {}))
        moments = [dt.datetime.fromisoformat(each[end]) for each in result["timing"] for end in ("started_at", "completed_at")]
        reads = [Dataset(node_name(parent)) for parent in parents]
        recording.ran(f"warehouse.{node['name']}", reads, dataset, min(moments), max(moments), has_failed=result["status"] != "success")
        recording.reads(*(Dataset(node_name(parent)) for parent in parents if parent["resource_type"] == "source"))
        recording.writes(Dataset(dataset.name))
