"""dagster-dbt without dbt-core beside it: dbt runs in a process of its own, and nothing here asks for it in this one.

dagster-dbt imports dbt-core where it is installed, which takes as long as Dagster itself, and would then choose assets with dbt's
selection engine; where there is none it takes every node of the manifest, which is what is asked for here.
"""

from __future__ import annotations

from pipelines.without import without

with without("dbt"):
    from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, DbtCliResource, DbtProject, dbt_assets
    from dagster_dbt.errors import DagsterDbtCliRuntimeError

__all__ = ["DagsterDbtCliRuntimeError", "DagsterDbtTranslator", "DbtCliInvocation", "DbtCliResource", "DbtProject", "dbt_assets"]
