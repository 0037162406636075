"""Scoring inputs beside an edition: internal, whole, the same bytes again."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.editions import publishing
from pipelines.editions.scoring_inputs import NoInputs, inputs_folder, load
from pipelines.rulesets.in_memory import VALUES
from tests.small_warehouse import QUARTER, SmallWarehouse

_KEY = {"unit": "330108", "indicator": "HT_SHARE"}


@pytest.fixture
def with_values(ready: SmallWarehouse) -> SmallWarehouse:
    rows = [
        {"scenario": "official", "period": QUARTER, "value": 88.0, "state": "withheld"},
        {"scenario": "official", "period": "2022Q3", "value": 87.0, "state": "value"},
        {"scenario": "official", "period": "2023Q4", "value": 89.0, "state": "value"},
        {"scenario": "other", "period": QUARTER, "value": 90.0, "state": "value"},
    ]
    ready.sql("insert into int_scoring_values by name select * from rows", rows=pa.Table.from_pylist([row | _KEY for row in rows], VALUES))
    return ready


def test_an_edition_has_its_official_inputs_up_to_its_quarter_withheld_values_among_them(with_values: SmallWarehouse) -> None:
    published = with_values.publish()
    kept = load(with_values.warehouse, QUARTER, published.edition).values.to_pylist()
    assert [(row["period"], row["value"], row["state"]) for row in kept] == [("2022Q3", 87.0, "value"), (QUARTER, 88.0, "withheld")]


def test_they_are_their_owners_alone(with_values: SmallWarehouse) -> None:
    with_values.publish()
    paths = [with_values.warehouse.scoring_inputs, *with_values.warehouse.scoring_inputs.rglob("*")]
    assert {(path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in paths} == {(True, "0o700"), (False, "0o600")}
    assert len([path for path in paths if path.is_file()]) == 3


def test_what_a_publisher_left_that_died_before_the_edition_had_its_name_is_harmless(
    with_values: SmallWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "write_folder", die)
        with pytest.raises(KeyboardInterrupt):
            with_values.publish()
    folder = inputs_folder(with_values.warehouse, QUARTER, "001")
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "values.parquet").write_bytes(b"of a dead publisher")
    assert with_values.publish().edition == "001"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == left


def test_an_edition_without_inputs_gets_them_when_it_is_published_again_unchanged(with_values: SmallWarehouse) -> None:
    published = with_values.publish()
    for path in inputs_folder(with_values.warehouse, QUARTER, published.edition).iterdir():
        path.unlink()
    with pytest.raises(NoInputs, match="next: `i315 run 2023Q3`"):
        load(with_values.warehouse, QUARTER, published.edition)
    assert not with_values.publish().is_new
    assert load(with_values.warehouse, QUARTER, published.edition).values.num_rows == 2


def test_damaged_inputs_are_told_and_never_read_as_none(with_values: SmallWarehouse) -> None:
    published = with_values.publish()
    path = inputs_folder(with_values.warehouse, QUARTER, published.edition) / "values.parquet"
    for content in (b"", path.read_bytes()[:-10], b"PAR1PAR1"):
        path.write_bytes(content)
        with pytest.raises(NoInputs, match="no readable Parquet"):
            load(with_values.warehouse, QUARTER, published.edition)
