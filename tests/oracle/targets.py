"""An edition's targets beside what the ledger delivers and the edition's own indicators: all columns of `targets.csv` (`indicators.md`).

A target of the year is about the value of the quarter, else of the year; that of an annual survey about the year before, whose value comes
out in the third quarter. Run rate and what is still needed per quarter are those of amounts that grow over the year.
"""

from __future__ import annotations

import csv
from pathlib import Path

from .deliveries import Quarter
from .ledger import delivered

SURVEYS = {"RD_GDP", "RD_GDP_INC", "RD_STAFF"}
FLOWS = {
    *("GDP", "IRD_AMT", "HT_VA", "TECH_TX", "TECH_IN", "TECH_N", "TAX_RD", "TAX_RD_N", "TAX_TECH", "INC_AREA_NEW", "INC_GRAD"),
    *("HNTE_NEW", "HNTE_APPLIED", "HNTE_PUT", "HNTE_PASSED", "GKX", "SKX", "CARRIER_NEW", "PLATFORM_PROJECTS", "PLATFORM_CONTRACTS"),
    *("PLATFORM_TALENT", "TALENT_NEW", "TEAM_NEW", "FOREIGN", "POINTS_LOAN", "POINTS_LOAN_FIRMS", "POINT_CONTRACTS", "POINT_AMOUNT"),
    *("POINT_TECH", "FUNDING", "RD_PRE", "TECH_REG", "CONVERSIONS", "INC_CARRIERS_NEW"),
}
Key = tuple[str, str, str]
Targets = dict[Key, tuple[float | None, ...]]


def expected_targets(data_raw: Path, quarter: str, edition: Path) -> Targets:
    """Every row of `targets.csv`: target, value, completion, run rate, needed per quarter."""
    now = Quarter.of(quarter)
    with (edition / "indicators.csv").open(encoding="utf-8-sig", newline="") as lines:
        values = {(row["region_code"], row["indicator"], row["period"]): row["value"] for row in csv.DictReader(lines)}
    expected: Targets = {}
    ledger = delivered(data_raw, now)
    for (region, indicator, year), target in (ledger.targets if ledger else {}).items():
        periods = [quarter, year, *([str(now.year - 1)] if indicator in SURVEYS else [])] if year == str(now.year) else []
        shown = next((text for period in periods if (text := values.get((region, indicator, period)))), None)
        value = None if shown is None else float(shown)
        is_flow = indicator in FLOWS and value is not None
        expected[region, indicator, year] = (
            target,
            value,
            value / target if value is not None and target else None,
            value / (target * now.number / 4) if is_flow and target and value is not None else None,
            (target - value) / (4 - now.number) if is_flow and value is not None and now.number < 4 else None,
        )
    return expected


def compare_targets(data_raw: Path, quarter: str, edition: Path) -> list[str]:
    """The differences between an edition's targets and what its ledger and indicators give."""
    expected = expected_targets(data_raw, quarter, edition)
    columns = ("target", "value", "completion", "run_rate", "needed_per_quarter")
    with (edition / "targets.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = {(row["region_code"], row["indicator"], row["year"]): row for row in csv.DictReader(lines)}
    differences = [f"{' '.join(key)}: on one side only" for key in sorted(rows.keys() ^ expected.keys())]
    for key in sorted(rows.keys() & expected.keys()):
        for name, wanted in zip(columns, expected[key], strict=True):
            found = float(rows[key][name]) if rows[key][name] else None
            if not _same(found, wanted):
                differences.append(f"{' '.join(key)}: {name} is {found}, the oracle says {wanted}")
    return differences


def _same(found: float | None, wanted: float | None) -> bool:
    return found is wanted is None or (found is not None and wanted is not None and abs(found - wanted) <= 1e-9 * max(1.0, abs(wanted)))
