"""Write the sample's drop folder and tax database for a range of quarters.

Here: the order of the parts and the names of the files. Not here: any part. A year's contracts are made once and dropped with the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.errors import UsageError
from pipelines.quarters import Quarter, span
from pipelines.sample.calendar import deliveries, export_day
from pipelines.sample.contract_export import write_snapshot
from pipelines.sample.contract_targets import HUNDREDTHS
from pipelines.sample.contracts import Contracts, make_contracts
from pipelines.sample.economy import Economy
from pipelines.sample.figures import Figures, figures
from pipelines.sample.firms import Firms, make_firms
from pipelines.sample.geography import OWN, Geography, read_geography
from pipelines.sample.incubator_book import write_incubators
from pipelines.sample.incubators import Carriers, Tenants, make_carriers, make_tenants
from pipelines.sample.ledger_book import PointFigures, write_ledger
from pipelines.sample.parties import Parties, make_parties
from pipelines.sample.statistics_book import write_statistics
from pipelines.sample.streams import Flags, Ints
from pipelines.sample.tax import TaxSample

DEFAULT_SEED = 315
FIRST, LAST = Quarter(2022, 1), Quarter(2023, 4)
_NAMES = {
    "statistics": "统计月报_合成.xlsx",
    "contracts": "技术合同明细_合成.csv",
    "incubators": "孵化载体_合成.xlsx",
    "ledger": "科技台账_合成.xlsx",
}


@dataclass(frozen=True)
class _World:
    """Everything that does not depend on the quarters written."""

    geography: Geography
    economy: Economy
    firms: Firms
    parties: Parties
    carriers: Carriers
    tenants: Tenants


def write_sample(out: Path, scale: float = 1, seed: int = DEFAULT_SEED, first: Quarter = FIRST, last: Quarter = LAST) -> None:
    """Write synthetic deliveries for `first`..`last` to `out`: the four drop folders of each quarter and `tax.sqlite`.

    `scale` multiplies firms, contracts and the carriers outside 滨江区 (1: about 3,000, 20,000 a year, 300 in all). The same
    arguments give the same bytes; a quarter's deliveries do not depend on the range. An existing `tax.sqlite` is replaced; it would
    not fit deliveries of other quarters that an earlier sample left, so these are refused.
    """
    quarters = span(first, last)
    _refuse_other_quarters(out, quarters)
    world = _make_world(scale, seed)
    out.mkdir(parents=True, exist_ok=True)
    (out / "tax.sqlite").unlink(missing_ok=True)
    tax = TaxSample(out / "tax.sqlite", world.firms, seed)
    for year in sorted({quarter.year for quarter in quarters}):
        contracts = make_contracts(world.geography, world.firms, world.parties, year, scale, seed)
        reported = figures(world.firms, world.economy, year, seed)
        for quarter in (quarter for quarter in quarters if quarter.year == year):
            _write_quarter(out / str(quarter), world, contracts, reported, quarter, seed)
            tax.add_quarter(quarter, reported, _known_sellers(world, contracts, quarter))
    tax.close()


def _refuse_other_quarters(out: Path, quarters: list[Quarter]) -> None:
    wanted = set(map(str, quarters))
    other = sorted(path.name for path in out.glob("[0-9][0-9][0-9][0-9]Q[1-4]") if path.name not in wanted)
    if other:
        expected = f"a new folder, or one with {', '.join(sorted(wanted))} alone"
        raise UsageError(f"--out {out}: found deliveries of {', '.join(other)}; expected {expected}")


def _make_world(scale: float, seed: int) -> _World:
    geography = read_geography()
    economy = Economy(geography, seed)
    firms = make_firms(geography, economy, scale, seed)
    carriers = make_carriers(geography, scale, seed)
    return _World(geography, economy, firms, make_parties(geography, firms, seed), carriers, make_tenants(geography, firms, carriers, seed))


def _write_quarter(folder: Path, world: _World, contracts: Contracts, reported: list[Figures], quarter: Quarter, seed: int) -> None:
    for feed, name in _NAMES.items():
        (folder / feed).mkdir(parents=True, exist_ok=True)
        for received in deliveries(feed, quarter):
            path = folder / feed / f"{received.prefix}_{name}"
            if feed == "statistics":
                write_statistics(path, world.economy, world.firms, reported[quarter.number - 1], quarter, received, seed)
            elif feed == "contracts":
                write_snapshot(path, contracts, world.parties, world.geography, quarter, received, seed)
            elif feed == "incubators":
                write_incubators(path, world.geography, world.carriers, world.tenants, quarter, received, seed)
            else:
                point = _point_figures(world, contracts, quarter)
                write_ledger(path, world.economy, point, _incubated(world, Quarter(quarter.year, 4)), quarter, received, seed)


def _point_figures(world: _World, contracts: Contracts, quarter: Quarter) -> PointFigures:
    """What the ledger says of the registration point: the contracts of the year up to the quarter's end."""
    day = export_day(quarter).toordinal()
    tech, deal = contracts.amounts(day)
    in_time = contracts.quarter < quarter.number
    at_point = contracts.is_point & in_time
    counted = in_time & (contracts.region == world.geography.anchor) & (contracts.counted(day) > 0)
    return PointFigures(
        contracts=int(at_point.sum()),
        deal=round(int(deal[at_point].sum()) / HUNDREDTHS, 2),
        tech=round(int(tech[at_point].sum()) / HUNDREDTHS, 2),
        registered=round(int(deal[counted].sum()) / HUNDREDTHS, 2),
    )


def _incubated(world: _World, quarter: Quarter) -> Ints:
    """Tenants on at the quarter's end by county."""
    listed, is_on = world.tenants.seen(quarter)
    return np.bincount(world.carriers.region[world.tenants.carrier[listed[is_on]]], minlength=OWN)


def _known_sellers(world: _World, contracts: Contracts, quarter: Quarter) -> Flags:
    """Which firms have a counted contract as seller in the year to date."""
    counted = (contracts.quarter < quarter.number) & (contracts.counted(export_day(quarter).toordinal()) > 0)
    known = np.zeros(len(world.parties.uscc), dtype=bool)
    known[contracts.seller[counted]] = True
    return known[: world.firms.size]
