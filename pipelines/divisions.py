"""Names of counties and cities as they were in a quarter, for what names more regions than an edition scores.

Here: the division table, and finding a region that a person typed. Not here: what is said of a region.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.in_memory import DBT_PROJECT
from pipelines.whatif.edition import nearest

_SEED = DBT_PROJECT / "seeds" / "divisions.csv"


@dataclass(frozen=True)
class Division:
    """A division of Zhejiang; `level` is c county, m city, p province, r the province's own level."""

    code: str
    name: str
    city_code: str
    city_name: str
    level: str


def divisions_in(quarter: Quarter) -> dict[str, Division]:
    """The divisions in force on the quarter's last day, by code."""
    day = quarter.last_day.isoformat()
    with _SEED.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Division(row["code"], row["name"], row["city_code"], row["city_name"], row["level"])
            for row in csv.DictReader(lines)
            if row["valid_from"] <= day and day <= (row["valid_to"] or "9999")
        }


def region_of(typed: str, divisions: dict[str, Division]) -> Division:
    """The county or city of that code or name; a usage error names the nearest."""
    known = {code: each for code, each in divisions.items() if each.level != "p"}
    found = [each for each in known.values() if typed in (each.code, each.name)]
    if len(found) == 1:
        return found[0]
    near = nearest(typed, [*known, *(each.name for each in known.values())])
    shown = ", ".join(f"{each.code} {each.name}" for each in known.values() if each.code in near or each.name in near)
    raise UsageError(f"--region: found {typed!r}; expected a county or city in force{', such as ' + shown if shown else ''}")
