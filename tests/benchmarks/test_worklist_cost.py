"""What a work list costs once a quarter is published, and how it grows with the number of firms, printed by `make bench`."""

from __future__ import annotations

import time
from decimal import Decimal

from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse
from pipelines.whatif.edition import official_ruleset, open_edition
from pipelines.worklists.effects import effects
from pipelines.worklists.keeping import read_list
from pipelines.worklists.kinds import KINDS, kind_of
from pipelines.worklists.listing import work_list
from tests.conftest import Office

QUARTER, MANY = "2023Q3", 1000


def test_every_list_of_the_sample_is_there_in_at_most_5_seconds(sample: Office) -> None:
    for kind in KINDS:
        started = time.perf_counter()
        firms = len(work_list(Warehouse(sample.warehouse), QUARTER, kind.name, None, None).firms)
        taken = time.perf_counter() - started
        print(f"\n{kind.name}: {firms} firms with their effects in {taken:.2f} s; at most 5")
        assert taken <= 5


def test_a_thousand_firms_with_three_indicators_each_take_at_most_15_seconds(sample: Office) -> None:
    warehouse, kind = Warehouse(sample.warehouse), kind_of("contracts_unregistered")
    edition = open_edition(warehouse, Quarter.parse(QUARTER), None)
    rows = read_list(warehouse, QUARTER, kind).rows
    many = [rows[number % len(rows)] | {"amount": Decimal(1_000_000 + number)} for number in range(MANY)]
    started = time.perf_counter()
    found = effects(kind, many, edition, official_ruleset(edition, None))
    taken = time.perf_counter() - started
    print(f"\n{MANY} firms that move three indicators each: {taken:.1f} s; at most 15")
    assert len(found) == MANY
    assert taken <= 15
