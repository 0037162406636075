"""How dbt's models appear in Dagster: landing tables as upstream assets, folders as groups, owners and kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

OWNER = "team:data-engineering"


class Translator(DagsterDbtTranslator):
    """Sources become `landing/<feed>/<table>`; a model's group is its folder."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The asset spec of one dbt node."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["sources"].get(unique_id) or manifest["nodes"].get(unique_id, {})
        if node.get("resource_type") == "source":
            path = [node["name"]] if node["source_name"] == "landing" else [node["source_name"], node["name"]]
            return spec.replace_attributes(key=dg.AssetKey(["landing", *path]))
        group = "catalogue" if node.get("resource_type") == "seed" else node["fqn"][1]
        return spec.replace_attributes(group_name=group, owners=[OWNER])
