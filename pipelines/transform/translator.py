"""How dbt's models appear in Dagster: landing tables as upstream assets, folders as groups, owners and kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.transform.dagster_dbt_alone import DagsterDbtTranslator, DbtProject
from pipelines.ui_metadata import code_references

OWNER = "team:data-engineering"
DBT_FOLDER = "dbt_project"


class Translator(DagsterDbtTranslator):
    """Sources become `landing/<feed>/<table>`; a model's group is its folder. One manifest per translator."""

    def __init__(self) -> None:
        super().__init__()
        self._specs: dict[str, dg.AssetSpec] = {}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The asset spec of one dbt node, made once: a node is asked for by each of those that it feeds."""
        if unique_id not in self._specs:
            spec = super().get_asset_spec(manifest, unique_id, project)
            self._specs[unique_id] = _as_this_system_shows_it(
                spec, manifest["sources"].get(unique_id) or manifest["nodes"].get(unique_id, {})
            )
        return self._specs[unique_id]


def _as_this_system_shows_it(spec: dg.AssetSpec, node: Mapping[str, Any]) -> dg.AssetSpec:
    if node.get("resource_type") == "source":
        path = [node["name"]] if node["source_name"] == "landing" else [node["source_name"], node["name"]]
        return spec.replace_attributes(key=dg.AssetKey(["landing", *path]))
    group = "catalogue" if node.get("resource_type") == "seed" else node["fqn"][1]
    described = node["patch_path"].replace("://", "/").removeprefix(f"{node['package_name']}/") if node.get("patch_path") else ""
    files = [f"{DBT_FOLDER}/{file}" for file in (node["original_file_path"], described) if file]
    return spec.replace_attributes(group_name=group, owners=[OWNER]).merge_attributes(metadata=code_references(*files))
