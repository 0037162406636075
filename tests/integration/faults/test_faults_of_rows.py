"""Each fault of single rows: kept aside with reason, field and place, counted, listed for its office, and the gate says what follows."""

from __future__ import annotations

import sqlite3

import pytest

from pipelines.errors import HeldByGate
from pipelines.transform.quarantine import EXPECTED
from tests.integration.faults.bench import MODEL_OF, Bench, Staged
from tests.integration.faults.cases import Quarantined
from tests.integration.faults.registers import ONE_FIRM, ONE_VAT
from tests.integration.faults.rows import ROW_CASES

#: Tables of which one case was judged by Great Expectations too; the others break the same bounds.
JUDGED: set[str] = set()
#: What is kept aside because the row that it points to is: the reason, by table.
DEPENDENTS = {"carriers": ("tenants", "unknown_carrier"), "dj_nsrxx": ("sb_zzs", "unknown_taxpayer")}


def key_in_register(bench: Bench, case: Quarantined) -> int:
    where = ONE_FIRM if case.table == "dj_nsrxx" else ONE_VAT
    key = "djxh" if case.table == "dj_nsrxx" else "sbxh"
    connection = sqlite3.connect(bench.tax)
    (found,) = connection.execute(f"select {key} from {case.table} where {where}").fetchone()
    connection.close()
    return int(found)


def staged(bench: Bench, case: Quarantined) -> tuple[Staged, int]:
    """What staging makes of the spoilt delivery, and the place that was spoilt."""
    if isinstance(case.spoil, tuple):
        with bench.falsified_tax(*case.spoil) as url:
            bench.land_tax(url)
            return bench.staged(case.feed, case.table, case.checks), key_in_register(bench, case)
    content, row = case.spoil(bench.clean(case.feed))
    with bench.delivered(case.feed, content):
        assert bench.land(case.feed).is_new
        return bench.staged(case.feed, case.table, case.checks), row


@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: case.name)
def test_a_faulty_row_is_kept_aside_by_name_and_the_others_count(bench: Bench, case: Quarantined) -> None:
    served = bench.served()
    before = bench.baseline(case.feed)
    after, row = staged(bench, case)
    new = {place: reason for place, reason in after.quarantined.items() if place not in before.quarantined}
    assert new.pop((case.table, row)) == (case.reason, case.field)
    assert not before.quarantined.keys() - after.quarantined.keys()
    dependent, reason = DEPENDENTS.get(case.table, ("", ""))
    assert all(table == dependent and because == reason for (table, _), (because, _) in new.items()), new
    if dependent:
        model = MODEL_OF.get(dependent, dependent)
        assert len(new) == len(before.kept[model]) - len(after.kept[model])
    assert case.reason in EXPECTED
    label, expected = EXPECTED[case.reason]
    assert label
    assert expected
    broken = after.out_of_bounds()
    assert broken["error"] == set(case.holds), "the gate holds by no other rule; without one the run ends with exit code 0"
    assert "QUA-002" in broken["warning"]
    if case.holds and case.table not in JUDGED:
        JUDGED.add(case.table)
        assert {finding.rule for finding in after.findings() if finding.holds} == set(case.holds)
        assert HeldByGate.exit_code == 10
    assert bench.served() == served
