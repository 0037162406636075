"""Deliveries that look odd and keep the contract: accepted without an error, noted or coerced, and every figure as it was."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.delivery import Delivery
from pipelines.landing import Landed
from tests.integration.broken_deliveries import newest
from tests.integration.faults.bench import QUARTER, Bench, Staged
from tests.integration.faults.cases import Legal
from tests.integration.faults.oddities import LEGAL_CASES


def landed_text(bench: Bench, delivery: Delivery) -> dict[str, list[tuple[object, ...]]]:
    """The landed rows of a delivery without their places, by table."""
    rows = {}
    for table in delivery.rows:
        path = bench.warehouse.landing / delivery.feed / table / f"quarter={delivery.quarter}" / f"{delivery.delivery_id}.parquet"
        query = f"select * exclude (delivery_id, source_file, source_sheet, source_row) from read_parquet('{path}') order by source_row"
        rows[table] = duckdb.sql(query).fetchall()
    return rows


def accepted(bench: Bench, case: Legal) -> tuple[Landed, Staged | None]:
    """The delivery as it landed, and as it was staged where its text differs from the sound one's."""
    before = landed_text(bench, bench.ledger().in_force()[QUARTER, case.feed])

    def landed_and_staged(landed: Landed) -> tuple[Landed, Staged | None]:
        return landed, bench.staged(case.feed) if landed_text(bench, landed.delivery) != before else None

    if isinstance(case.spoil, tuple):
        with bench.falsified_tax(*case.spoil) as url:
            return landed_and_staged(bench.land_tax(url))
    content, _ = case.spoil(bench.clean(case.feed))
    with bench.delivered(case.feed, content) as path:
        landed = bench.land(case.feed)
        assert landed.delivery.file_name == path.name
        return landed_and_staged(landed)


@pytest.mark.parametrize("case", LEGAL_CASES, ids=lambda case: case.name)
def test_an_odd_but_legal_delivery_is_accepted_and_its_figures_are_the_same(bench: Bench, case: Legal) -> None:
    before = bench.baseline(case.feed)
    landed, after = accepted(bench, case)
    assert landed.delivery.accepted
    for note in case.notes:
        assert any(note in told for told in landed.notes), landed.notes
    if after is None:
        assert case.keeps_values
        assert not case.coercions
    else:
        assert sorted(after.quarantined.values()) == sorted(before.quarantined.values())
        more = {table: count - before.coercions[table] for table, count in after.coercions.items()}
        assert {table: count for table, count in more.items() if count} == case.coercions
        assert (after.kept == before.kept) == case.keeps_values
        assert after.out_of_bounds()["error"] == set()


def test_what_is_still_being_written_or_no_delivery_is_passed_over_and_told(bench: Bench) -> None:
    folder = newest(bench.office, QUARTER, "ledger").parent
    beside = [folder / name for name in ("20231215_更正.xlsx.part", "~$20231215_更正.xlsx", ".20231215_更正.xlsx", "Thumbs.db")]
    in_force = bench.ledger().in_force()
    for path in beside:
        path.write_bytes(b"half a file")
    try:
        landed = bench.land("ledger")
    finally:
        for path in beside:
            path.unlink()
    assert bench.ledger().in_force() == in_force
    assert sum("ignored, a temporary" in note for note in landed.notes) == len(beside)
