"""What editions told is laid beside the landing: their rows, and the contributions behind them, with or without the firms' names."""

from __future__ import annotations

from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from pipelines.editions import lineage
from pipelines.editions.lineage import NoLineage
from pipelines.editions.told import lay_out
from pipelines.quarters import Quarter
from tests.small_warehouse import QUARTER, SmallWarehouse


def told(ready: SmallWarehouse, name: str, until: int | None = None) -> list[dict[str, object]]:
    lay_out([Quarter.parse(QUARTER)], ready.warehouse, ready.warehouse, ready.ledger, until)
    rows: list[dict[str, object]] = pq.read_table(ready.warehouse.landing / "published" / f"{name}.parquet").to_pylist()
    return rows


def test_nothing_is_told_before_the_first_edition(ready: SmallWarehouse) -> None:
    assert [told(ready, name) for name in ("indicators", "targets", "contributions")] == [[], [], []]


def test_an_editions_values_and_what_they_were_added_up_from_are_told(ready: SmallWarehouse) -> None:
    edition = ready.publish()
    published = pq.read_table(edition.path / "indicators.parquet").to_pylist()
    rows = told(ready, "indicators")
    assert {(row["edition"], row["quarter"]) for row in rows} == {("001", QUARTER)}
    assert [row["value"] for row in rows] == [row["value"] for row in published]
    amounts = [row["amount"] for row in told(ready, "contributions")]
    counted = [Decimal(str(row["value"])) for row in published if row["value"] is not None]
    assert float(sum(amounts)) == pytest.approx(float(sum(counted)))


def test_what_was_published_after_a_line_of_the_ledger_is_not_told_at_that_line(ready: SmallWarehouse) -> None:
    before = ready.ledger.end()[0]
    ready.publish()
    assert told(ready, "indicators", until=before) == []
    assert told(ready, "indicators")


def test_contributions_kept_before_they_named_firms_are_told_without_names(ready: SmallWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(lineage, "COLUMNS", tuple(name for name in lineage.COLUMNS if name != "contributor"))
        ready.publish()
    rows = told(ready, "contributions")
    assert rows
    assert {row["contributor"] for row in rows} == {None}


def test_a_lost_part_stops_the_build_by_name(ready: SmallWarehouse) -> None:
    ready.publish()
    for part in (ready.warehouse.lineage / "parts").iterdir():
        part.unlink()
    with pytest.raises(NoLineage, match="lineage/parts/"):
        told(ready, "contributions")
