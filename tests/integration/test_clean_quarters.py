"""The quarters of the sample, in which nothing is wrong but a few planted rows: the gate holds none and hardly warns.

The long form, 20 quarters of several seeds, is a benchmark (`make bench`).
"""

from __future__ import annotations

import pytest

from pipelines.gate.verdict import last_verdict
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.clean_quarters import WARNINGS_PER_THOUSAND, Tally
from tests.conftest import Office

QUARTERS = [f"{year}Q{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]


def test_eight_clean_quarters_give_no_error_and_at_most_a_warning_per_thousand_values(sample: Office, capsys: pytest.CaptureFixture[str]):
    ledger = Ledger(f"sqlite:///{sample.warehouse / 'ledger.sqlite'}")
    tally = Tally()
    for quarter in QUARTERS:
        tally.add(last_verdict(quarter, Warehouse(sample.warehouse), ledger)[1])
    with capsys.disabled():
        print(f"\nclean sample: {tally}")
    assert tally.quarters == len(QUARTERS)
    assert not tally.errors
    assert tally.per_thousand <= WARNINGS_PER_THOUSAND
