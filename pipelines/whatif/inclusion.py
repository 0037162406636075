"""What including firms does to a county's high-tech share: before, after under both formulas, and what a target still needs.

Here: the arithmetic of 高新纳统 (indicators.md) for each county, and the values that the scenario sets. Not here: finding the firms.
With H and T the county's 高新技术产业增加值 and 规上工业增加值 of the year to date, and v the firms' value added:
a firm above scale is only reclassified, (H + v) / T; one newly admitted also enlarges the whole, (H + v) / (T + v).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.errors import UsageError
from pipelines.whatif.amendments import Amendments
from pipelines.whatif.edition import Edition
from pipelines.whatif.firms import RECLASSIFIED, Firm

SHARE, AMOUNT, GROWTH = "HT_SHARE", "HT_VA", "HT_VA_GROWTH"
YUAN_PER_YI = 100_000_000


@dataclass(frozen=True)
class Inclusion:
    """One county: amounts in yuan, shares and target in %.

    `share_after` takes each firm by its own kind; the other two take all of them by one formula. `needed_…` is the value added that
    reaches the target by one formula (none: no target, or out of reach).
    """

    county: str
    high_tech_yuan: float
    industry_yuan: float
    share_now: float
    value_added_yuan: float
    share_reclassified: float
    share_admitted: float
    high_tech_after_yuan: float
    share_after: float
    target: float | None
    needed_reclassified_yuan: float | None
    needed_admitted_yuan: float | None


def include(firms: list[Firm], edition: Edition, counties: list[str], target: float | None) -> list[Inclusion]:
    """One row for each county of the firms and of `counties`; the target is the one given, else that of the ledger for the year."""
    found = []
    for county in dict.fromkeys([*(firm.county for firm in firms), *counties]):
        here = [firm for firm in firms if firm.county == county]
        aim = target if target is not None else _target_of_the_ledger(edition, county)
        found.append(_inclusion(here, edition, county, aim))
    return found


def _inclusion(firms: list[Firm], edition: Edition, county: str, target: float | None) -> Inclusion:
    cell = edition.cell(county, SHARE)
    high_tech, industry = cell.get("numerator"), cell.get("denominator")
    if high_tech is None or not industry:
        raise UsageError(
            f"--include: found no {SHARE} of {county} in {edition.quarter}/{edition.number}; expected numerator and denominator"
        )
    value_added = sum(firm.value_added_yuan for firm in firms)
    admitted = sum(firm.value_added_yuan for firm in firms if firm.kind != RECLASSIFIED)
    return Inclusion(
        county=county,
        high_tech_yuan=high_tech,
        industry_yuan=industry,
        share_now=100 * high_tech / industry,
        value_added_yuan=value_added,
        share_reclassified=100 * (high_tech + value_added) / industry,
        share_admitted=100 * (high_tech + value_added) / (industry + value_added),
        high_tech_after_yuan=high_tech + value_added,
        share_after=100 * (high_tech + value_added) / (industry + admitted),
        target=target,
        needed_reclassified_yuan=None if target is None else needed(high_tech, industry, target / 100, is_admitted=False),
        needed_admitted_yuan=None if target is None else needed(high_tech, industry, target / 100, is_admitted=True),
    )


def needed(high_tech: float, industry: float, share: float, *, is_admitted: bool) -> float | None:
    """The least value added that takes the share to `share` (0 to 1): sT - H, or (sT - H)/(1 - s); none if that is out of reach."""
    gap = max(share * industry - high_tech, 0.0)
    if not is_admitted:
        return gap if high_tech + gap <= industry else None
    return gap / (1 - share) if share < 1 else None


def amend(inclusions: list[Inclusion], made: Amendments, edition: Edition) -> None:
    """Set the county's share and amount in the scenario, and say what an inclusion does not change."""
    for each in inclusions:
        if not each.value_added_yuan:
            continue
        for indicator, value in ((SHARE, each.share_after), (AMOUNT, each.high_tech_after_yuan / YUAN_PER_YI)):
            if (each.county, indicator) in made.values:
                raise UsageError(f"--include: found {indicator} of {each.county} set with --set too; expected one of the two")
            made.values[each.county, indicator] = value
        name = edition.regions[each.county]["region_name"]
        if each.share_after != each.share_reclassified:
            made.notes.append(
                f"{name}: v of newly admitted firms is an estimate: VAT sales of the year to date × 规上工业增加值 / 营业收入"
            )
        made.notes.append(
            f"{name}: {GROWTH} is delivered, at comparable prices, and not recomputed; "
            "revenue and R&D expense of the county stay as delivered; whether a firm's class is in the catalogue is not checked"
        )


def _target_of_the_ledger(edition: Edition, county: str) -> float | None:
    for row in edition.targets:
        if (row["region_code"], row["indicator"], row["year"]) == (county, SHARE, str(edition.quarter.year)) and row["target"]:
            return float(row["target"])
    return None
