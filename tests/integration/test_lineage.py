"""What the auditor sees in the UI after a run: column lineage without gaps, assets that say who, what and where, the run history."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.definitions import build_defs
from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.landing.assets import IN_FORCE
from pipelines.openlineage.datasets import landing_columns
from pipelines.settings import PROJECT, Settings
from pipelines.workplace import Workplace
from tests.conftest import Office

Place = tuple[str, str]
Parents = dict[str, dict[str, list[Place]]]

PUBLISHED_COLUMNS = [(table.source, column) for table in WAREHOUSE_TABLES for column in table.columns]
#: Where a delivered column is not looked for: names and codes of divisions and indicators come from the catalogue's seeds, a ruleset's
#: name, its tree and its weights from the rule files.
FROM_CATALOGUE_OR_RULES_ALONE = {
    ("ed_indicators", "region_name"),
    ("ed_indicators", "city_name"),
    ("ed_indicators", "level"),
    ("ed_scores", "ruleset"),
    ("ed_scores", "region_code"),
    ("ed_scores", "node"),
    ("ed_ranking", "ruleset"),
    ("ed_ranking", "region_code"),
    ("ed_ranking", "region_name"),
    ("ed_ranking", "city_name"),
}
#: Columns of the way that hold no column of anything: a feed's name and the official scenario's, written in the SQL, and a count of rows.
WRITTEN_OR_COUNTED = {("stg_row_counts", "feed"), ("int_scoring_values", "scenario"), ("int_scoring_events", "count")}


@pytest.fixture(scope="module")
def instance(small: Office) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(small.warehouse / "dagster_home")) as found:
        yield found


@pytest.fixture(scope="module")
def specs() -> dict[str, dg.AssetSpec]:
    definitions = build_defs(Workplace(Settings()))
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def parents(instance: dg.DagsterInstance, specs: dict[str, dg.AssetSpec]) -> Parents:
    """Per asset with column lineage in its newest event: the places that each of its columns comes from."""
    found: Parents = {}
    for name, spec in specs.items():
        event = instance.get_latest_materialization_event(spec.key)
        entry = event.asset_materialization.metadata.get("dagster/column_lineage") if event and event.asset_materialization else None
        if entry is not None:
            columns = entry.value.deps_by_column.items()
            found[name] = {column: [(dep.asset_key.to_user_string(), dep.column_name) for dep in deps] for column, deps in columns}
    return found


def ends(parents: Parents, place: Place) -> set[Place]:
    """Where a column's lineage ends, and columns in between that name no parent."""
    found: set[Place] = set()
    seen, open_places = {place}, [place]
    while open_places:
        asset, column = open_places.pop()
        if asset not in parents:
            found.add((asset, column))
            continue
        origins = parents[asset][column]
        if not origins:
            found.add((asset, column))
        open_places += [origin for origin in origins if origin not in seen]
        seen |= set(origins)
    return found


def seed_columns() -> set[Place]:
    seeds = (PROJECT / "dbt_project" / "seeds").glob("*.csv")
    return {(seed.stem, column) for seed in seeds for column in seed.read_text(encoding="utf-8").splitlines()[0].split(",")}


def delivered_columns() -> set[Place]:
    feeds = ("statistics", "contracts", "incubators", "tax", "ledger")
    return {(f"landing/{feed}/{table}", column) for feed in feeds for table, columns in landing_columns(feed).items() for column in columns}


@pytest.mark.parametrize("place", PUBLISHED_COLUMNS, ids=".".join)
def test_a_published_column_leads_back_to_landing_catalogue_or_rules_and_nowhere_else(parents: Parents, place: Place) -> None:
    found = ends(parents, place)
    delivered = found & delivered_columns()
    of_rules = {(asset, column) for asset, column in found if asset.startswith("landing/rules/")}
    in_force = {(asset, column) for asset, column in found if asset == IN_FORCE.to_user_string()}
    assert found - delivered - of_rules - in_force - seed_columns() <= WRITTEN_OR_COUNTED
    assert bool(delivered) is (place not in FROM_CATALOGUE_OR_RULES_ALONE)


def test_value_leads_back_to_every_feed_and_a_star_to_the_rules_too(parents: Parents) -> None:
    feeds = {"statistics", "contracts", "incubators", "tax", "ledger"}
    assert {asset.split("/")[1] for asset, _ in ends(parents, ("ed_indicators", "value")) if asset.startswith("landing/")} == feeds
    assert {asset.split("/")[1] for asset, _ in ends(parents, ("ed_ranking", "stars")) if asset.startswith("landing/")} == feeds | {"rules"}


def test_every_column_of_the_edition_is_one_of_the_models_columns(parents: Parents, specs: dict[str, dg.AssetSpec]) -> None:
    stated = parents["edition"]
    assert stated == {f"{table.name}.{column}": [(table.source, column)] for table in WAREHOUSE_TABLES for column in table.columns}
    shown = {column.name for column in specs["edition"].metadata["dagster/column_schema"].columns}
    assert stated.keys() <= shown


def test_every_asset_says_whose_it_is_what_it_is_and_which_files_make_it(specs: dict[str, dg.AssetSpec]) -> None:
    for name, spec in specs.items():
        assert spec.owners, name
        assert spec.description, name
        files = [reference.file_path for reference in spec.metadata["dagster/code_references"].code_references]
        assert files, name
        for file in files:
            assert (PROJECT / file).exists(), f"{name}: {file}"
            assert not file.startswith("/"), f"{name}: {file}"


def test_a_partition_says_what_it_holds(instance: dg.DagsterInstance, small: Office) -> None:
    def told(key: str) -> dict[str, object]:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey.from_user_string(key), asset_partitions=["2023Q1"]), limit=1
        ).records
        return {name: entry.value for name, entry in records[0].asset_materialization.metadata.items()}

    edition = told("edition")
    assert (edition["edition"], edition["board"]) == ("001", "/editions/2023Q1/001/board.html")
    assert small.warehouse.joinpath(str(edition["folder in the warehouse"]), "manifest.json").is_file()
    landed = told("landing/contracts/contracts")
    assert str(landed["delivery"]).startswith("20230412_")
    assert landed["rows"] == len(next(small.data_raw.glob("2023Q1/contracts/*.csv")).read_text("gb18030").splitlines()) - 1
    observed = instance.fetch_observations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("base_contracts__contracts"), asset_partitions=["2023Q1"]), limit=1
    ).records[0]
    assert observed.asset_observation is not None
    assert set(observed.asset_observation.metadata) == {"rows landed", "rows", "quarantined", "coerced cells"}


def test_every_run_ended_in_success_and_names_its_process(instance: dg.DagsterInstance) -> None:
    runs = instance.get_runs()
    assert runs
    assert {run.status for run in runs} == {DagsterRunStatus.SUCCESS}
    assert all("i315/process" in run.tags for run in runs)
