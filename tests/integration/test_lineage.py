"""What the auditor sees in the UI after a run: column lineage without gaps, checks with reasons, the run history."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from tests.conftest import Office

PUBLISHED = ("ed_indicators", "ed_scores", "ed_ranking", "ed_targets")


@pytest.fixture(scope="module")
def instance(small: Office) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(small.warehouse / "dagster_home")) as found:
        yield found


def lineage_of(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, list[tuple[dg.AssetKey, str]]]:
    event = instance.get_latest_materialization_event(key)
    if event is None or event.asset_materialization is None:
        return {}
    entry = event.asset_materialization.metadata.get("dagster/column_lineage")
    if entry is None:
        return {}
    return {column: [(dep.asset_key, dep.column_name) for dep in deps] for column, deps in entry.value.deps_by_column.items()}


def origins(instance: dg.DagsterInstance, key: dg.AssetKey, column: str, seen: set[tuple[dg.AssetKey, str]]) -> set[str]:
    if (key, column) in seen:
        return set()
    seen.add((key, column))
    parents = lineage_of(instance, key).get(column, [])
    if not parents:
        return {key.to_user_string()}
    return set().union(*(origins(instance, parent, name, seen) for parent, name in parents))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ed_indicators", "value"),
        ("ed_indicators", "numerator"),
        ("ed_indicators", "as_of"),
        ("ed_targets", "target"),
        ("ed_targets", "value"),
    ],
)
def test_a_published_column_leads_back_to_landing(instance: dg.DagsterInstance, table: str, column: str) -> None:
    found = origins(instance, dg.AssetKey([table]), column, set())
    assert any(origin.startswith("landing/") for origin in found), found


@pytest.mark.parametrize("column", ["total", "rank_province", "stars"])
def test_a_rank_leads_back_to_deliveries_and_to_the_ruleset(instance: dg.DagsterInstance, column: str) -> None:
    found = origins(instance, dg.AssetKey(["ed_ranking"]), column, set())
    assert any(origin.startswith("landing/rules/") for origin in found), found


def test_value_leads_back_to_every_feed(instance: dg.DagsterInstance) -> None:
    found = origins(instance, dg.AssetKey(["ed_indicators"]), "value", set())
    assert {origin.split("/")[1] for origin in found if origin.startswith("landing/")} >= {
        "statistics",
        "contracts",
        "incubators",
        "tax",
        "ledger",
    }


def test_every_run_ended_in_success_and_names_its_process(instance: dg.DagsterInstance) -> None:
    runs = instance.get_runs()
    assert runs
    assert {run.status for run in runs} == {DagsterRunStatus.SUCCESS}
    assert all("i315/process" in run.tags for run in runs)
