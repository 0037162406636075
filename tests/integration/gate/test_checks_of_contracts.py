"""The registry's snapshot, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    CONTRACTS,
    NOW,
    Case,
    assert_found_only_beyond,
    duplicate,
    names,
    plus,
    to,
)

ONE_CONTRACT = "contract_no = '2023330108000001' and quarter = '2023Q3'"


def as_the_snapshot_before(but: str) -> str:
    """The new contracts of the third quarter are gone, except those of `but`."""
    return f"delete from {CONTRACTS} where {NOW} and contract_no like '%000003' and not ({but})"


CASES: list[Case] = [
    (
        "chk_contracts",
        "vanished",
        f"update {CONTRACTS} set state = '注销' where {ONE_CONTRACT}",
        f"delete from {CONTRACTS} where {ONE_CONTRACT}",
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "same_deal",
        duplicate(CONTRACTS, ONE_CONTRACT, contract_no="'2023330108999999'", tech_amount_yuan="tech_amount_yuan - 1"),
        duplicate(CONTRACTS, ONE_CONTRACT, contract_no="'2023330108999999'"),
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "restated",
        plus(CONTRACTS, "tech_amount_yuan", "1", f"{NOW} and contract_no like '2023330108%'"),
        plus(CONTRACTS, "tech_amount_yuan", "1", f"{NOW} and contract_no like '20233301%'"),
        ["TECH_TX"],
    ),
    (
        "chk_contracts",
        "registered_ahead",
        to(CONTRACTS, "registered_on", "date '2023-10-13'", ONE_CONTRACT),
        to(CONTRACTS, "registered_on", "date '2023-10-14'", ONE_CONTRACT),
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "signed_late",
        to(CONTRACTS, "signed_on", "registered_on + 1", ONE_CONTRACT),
        to(CONTRACTS, "signed_on", "registered_on + 1", f"{NOW} and seller_region in ('330108', '330109')"),
        ["TECH_TX"],
    ),
    (
        "chk_contracts",
        "number_year",
        to(CONTRACTS, "contract_no", "'2023330108000099'", ONE_CONTRACT),
        to(CONTRACTS, "contract_no", "'2024330108000099'", ONE_CONTRACT),
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "restated_unit",
        to(CONTRACTS, "tech_amount_yuan", "tech_amount_yuan * 7", ONE_CONTRACT),
        to(CONTRACTS, "tech_amount_yuan", "tech_amount_yuan * 10", ONE_CONTRACT),
        ["330108/TECH_TX"],
    ),
    (
        "chk_contracts",
        "resent",
        as_the_snapshot_before("seller_region < '330122'"),
        as_the_snapshot_before("seller_region < '330114'"),
        ["TECH_TX"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
