"""The oracle's table: one row per region × indicator × period of a quarter's edition ("Rows and readings")."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd

from . import contracts, incubators, ledger, statistics, tax
from .deliveries import Quarter
from .divisions import shown
from .readings import Reading, amount, growth, missing, not_published, ratio

COLUMNS = ["region_code", "level", "indicator", "period", "value", "numerator", "denominator", "status"]
HUNDRED_MILLION = 100_000_000
Readings = dict[tuple[str, str, str], Reading]


def oracle_indicators(data_raw: Path, tax_url: str, quarter: str) -> pd.DataFrame:
    """Every indicator of a quarter from the newest deliveries of the drop folder and the tax database.

    `value` is in the unit shown; `numerator` and `denominator` are in yuan, persons or square metres, undivided.
    """
    asked = Quarter.of(quarter)
    levels = shown(asked.last_day)
    readings = statistics.statistics_indicators(data_raw, asked)
    readings |= _contract_indicators(data_raw, asked)
    readings |= _tax_indicators(tax_url, asked)
    readings |= _incubator_indicators(data_raw, asked)
    entries = ledger.delivered(data_raw, asked)
    for key, reading in entries.entries.items() if entries else ():
        if key in readings:
            raise ValueError(f"the ledger delivers {key}, which is computed")
        readings[key] = reading
    rows = [
        (region, levels[region], indicator, period, reading.value, reading.numerator, reading.denominator, reading.status)
        for (region, indicator, period), reading in sorted(readings.items())
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": "float64", "numerator": "float64", "denominator": "float64"})


def _contract_indicators(data_raw: Path, quarter: Quarter) -> Readings:
    out: Readings = {}
    now, before = contracts.contract_sums(data_raw, quarter), contracts.contract_sums(data_raw, quarter.year_before)
    gdp = statistics.values(data_raw, quarter, "地区生产总值", "本年累计")
    for region in shown(quarter.last_day):
        output = now.output[region] if now else None
        readings = {
            "TECH_TX": amount(output, HUNDRED_MILLION),
            "TECH_TX_GROWTH": growth(output, before.output.get(region, Decimal(0)) if before else None),
            "TECH_TX_GDP": ratio(output, gdp.get(region), 100),
            "TECH_IN": amount(now.absorbed[region] if now else None, HUNDRED_MILLION),
            "TECH_N": amount(now.count[region] if now else None, 1),
        }
        out |= {(region, indicator, str(quarter)): reading for indicator, reading in readings.items()}
    return out


def _tax_indicators(tax_url: str, quarter: Quarter) -> Readings:
    out: Readings = {}
    research, technology = tax.research_sums(tax_url, quarter), tax.technology_sums(tax_url, quarter)
    for region in shown(quarter.last_day):
        if quarter.number == 1:
            collected = firms = not_published()
        elif research is None:
            collected = firms = missing()
        else:
            collected, firms = amount(research[0][region], HUNDRED_MILLION), amount(research[1][region], 1)
        exempt = amount(technology[region] if technology else None, HUNDRED_MILLION)
        readings = {"TAX_RD": collected, "TAX_RD_N": firms, "TAX_TECH": exempt}
        out |= {(region, indicator, str(quarter)): reading for indicator, reading in readings.items()}
    return out


def _incubator_indicators(data_raw: Path, quarter: Quarter) -> Readings:
    sums = incubators.incubator_sums(data_raw, quarter)
    per_unit = {"INC_N": 1, "MS_N": 1, "INC_FIRMS": 1, "INC_JOBS": 1, "INC_AREA_NEW": 10_000, "INC_GRAD": 1}
    return {
        (region, indicator, str(quarter)): amount(sums[indicator][region] if sums else None, unit)
        for indicator, unit in per_unit.items()
        for region in shown(quarter.last_day)
    }


def quarantined_rows(data_raw: Path, tax_url: str, quarter: str) -> pd.DataFrame:
    """The rows that the oracle does not count: feed, sheet or table, source row, reason. Tax is the whole database."""
    asked = Quarter.of(quarter)
    feeds = {feed.__name__.rpartition(".")[2]: feed.delivered(data_raw, asked) for feed in (statistics, contracts, incubators, ledger)}
    rows = [(name, *kept) for name, read in feeds.items() if read for kept in read.quarantined]
    rows += [("tax", *kept) for kept in tax.read_tax(tax_url).quarantined]
    return pd.DataFrame(rows, columns=["feed", "source_sheet", "source_row", "reason"])
