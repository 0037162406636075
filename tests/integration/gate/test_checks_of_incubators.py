"""Carriers and tenants, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    CARRIERS,
    NOW,
    TAXPAYERS,
    TENANTS,
    Case,
    assert_found_only_beyond,
    duplicate,
    names,
    plus,
    to,
)

ONE_TENANT = f"{NOW} and carrier_code = 'C330108'"


def more_tenants(number: int, changes: str) -> str:
    """So many tenants more in 滨江区's carrier, each with the changes."""
    row = f"select * replace ({changes}) from {TENANTS}, range({number}) as t (n) where {ONE_TENANT}"
    return f"insert into {TENANTS} by name select * exclude (n) from ({row})"


def cancelled(number: int) -> str:
    """So many more tenants in 滨江区's carrier that the tax register has as cancelled."""
    tenants = more_tenants(number, "'X' || n as uscc")
    firms = f"select * replace ('X' || n as uscc, '05' as taxpayer_state) from {TAXPAYERS}, range({number}) as t (n) where {BINJIANG}"
    return f"{tenants}; insert into {TAXPAYERS} by name select * exclude (n) from ({firms})"


CASES: list[Case] = [
    ("chk_incubators", "rooms", plus(CARRIERS, "area_office_m2", "2"), plus(CARRIERS, "area_office_m2", "3"), ["330108/INC_AREA_NEW"]),
    (
        "chk_incubators",
        "tenants",
        to(TENANTS, "quarantined_because", "'uscc_invalid'", ONE_TENANT),
        to(TENANTS, "state", "'毕业'", ONE_TENANT),
        ["330108/INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_twice",
        duplicate(TENANTS, ONE_TENANT, carrier_code="'C330109'"),
        f"insert into {TENANTS} select * replace ('C330109' as carrier_code) from {TENANTS} where {NOW} and carrier_code < 'C330110'",
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_stay",
        to(TENANTS, "entered_on", "date '2019-09-29'", f"{NOW} and carrier_code < 'C330111'"),
        to(TENANTS, "entered_on", "date '2019-09-29'", NOW),
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_cancelled",
        f"update base_tax__taxpayers set taxpayer_state = '05' where {NOW}",
        "update base_tax__taxpayers as taxpayer set uscc = tenant.uscc, taxpayer_state = '05' "
        f"from {TENANTS} as tenant where tenant.quarter = taxpayer.quarter and tenant.region_code = taxpayer.region_code",
        ["INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "carrier_level",
        to(CARRIERS, "carrier_level", "null", "quarter = '2023Q2' and carrier_code = 'C330108'"),
        to(CARRIERS, "carrier_level", "null", f"{NOW} and carrier_code = 'C330108'"),
        ["INC_N"],
    ),
    (
        "chk_incubators",
        "carrier_gone",
        f"delete from {CARRIERS} where {NOW} and carrier_code < 'C330108'",
        f"delete from {CARRIERS} where {NOW} and carrier_code < 'C330111'",
        ["INC_N"],
    ),
    (
        "chk_incubators",
        "tenant_twice_county",
        more_tenants(5, "uscc as uscc"),
        more_tenants(6, "uscc as uscc"),
        ["330108/INC_FIRMS"],
    ),
    (
        "chk_incubators",
        "tenant_stay_county",
        more_tenants(10, "'X' || n as uscc, date '2019-09-29' as entered_on"),
        more_tenants(11, "'X' || n as uscc, date '2019-09-29' as entered_on"),
        ["330108/INC_FIRMS"],
    ),
    ("chk_incubators", "tenant_cancelled_county", cancelled(5), cancelled(6), ["330108/INC_FIRMS"]),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
