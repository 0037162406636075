"""Statements that falsify the clean warehouse, and the one way in which a case of them is judged.

A case is (check model, check, the statement that just stays within the bound, the statement that does not, who is then found).
"""

from __future__ import annotations

from tests.integration.gate.conftest import Falsified

Case = tuple[str, str, str, str, list[str]]

NOW = "quarter = '2023Q3'"
BINJIANG = f"{NOW} and region_code = '330108'"
CELLS = ("int_statistics_cells",)
GDP, INDUSTRY, INVESTMENT, RESEARCH = (f"base_statistics__{sheet}" for sheet in ("gdp", "industry", "investment", "research"))
FIRMS = "base_statistics__enterprises"
CONTRACTS, CARRIERS, TENANTS = "base_contracts__contracts", "base_incubators__carriers", "base_incubators__tenants"
ENTRIES, TARGETS = "base_ledger__entries", "base_ledger__targets"
TAXPAYERS, VAT, RD = "base_tax__taxpayers", "base_tax__vat_returns", "base_tax__rd_returns"
EDI = "ind_values"


def plus(table: str, column: str, amount: str, where: str = BINJIANG) -> str:
    """Add to a column."""
    return f"update {table} set {column} = {column} + {amount} where {where}"


def to(table: str, column: str, value: str, where: str = BINJIANG) -> str:
    """Set a column."""
    return f"update {table} set {column} = {value} where {where}"


def duplicate(table: str, where: str, **changes: str) -> str:
    """One of the rows again, changed."""
    changed = ", ".join(f"{value} as {column}" for column, value in changes.items())
    return f"insert into {table} select * {f'replace ({changed})' if changed else ''} from {table} where {where} limit 1"


def as_of(quarter: str, table: str, column: str, key: str, where: str, change: str = "") -> str:
    """A column of 2023Q3 as it stood in another quarter, matched by `key`."""
    joined = f"old.quarter = '{quarter}' and now.{key} = old.{key}"
    return f"update {table} as now set {column} = old.{column} {change} from {table} as old where now.{NOW} and {joined} and {where}"


def names(case: Case) -> str:
    """How a case is called in the report of the tests."""
    return f"{case[0]}-{case[1]}"


def assert_found_only_beyond(falsified: Falsified, case: Case) -> None:
    """The statement within the bound leaves the check silent, the one beyond makes it name exactly the subjects of the case."""
    model, check, within, beyond, found = case
    rebuilt = CELLS if model.startswith("chk_statistics") else ()
    assert falsified.excesses(model, check, within, rebuilt) == {}
    excesses = falsified.excesses(model, check, beyond, rebuilt)
    named = {subject.replace("zj315-county/2023.1", "PROVINCE").replace("hz315-county/2023.1", "CITY") for subject in excesses}
    assert sorted(named) == found
