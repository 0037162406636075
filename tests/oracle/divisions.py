"""Zhejiang's divisions, when they are in force, and how county sums become those of cities and the province."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .cells import Quarantined, code

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "divisions.csv"
PROVINCE, PROVINCE_ITSELF, HOME = "330000", "330099", "33"
OUTSIDE = ""
PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46"),
    *("50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"),
}


@dataclass(frozen=True)
class Division:
    """One row of the seed; `level` is c, m, p or r (省本级)."""

    code: str
    city: str
    level: str
    first: dt.date
    last: dt.date


@lru_cache(maxsize=1)
def divisions() -> list[Division]:
    """All divisions of the seed, those no longer in force too."""
    with SEED.open(encoding="utf-8-sig", newline="") as file:
        return [
            Division(
                row["code"],
                row["city_code"],
                row["level"],
                dt.date.fromisoformat(row["valid_from"]),
                dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max,
            )
            for row in csv.DictReader(file)
        ]


@lru_cache(maxsize=2_000)
def on_day(day: dt.date) -> Mapping[str, Division]:
    """The divisions in force on a day, by code."""
    return {division.code: division for division in divisions() if division.first <= day <= division.last}


def shown(day: dt.date) -> dict[str, str]:
    """The regions of an edition (counties, cities, the province) and their level."""
    return {division.code: division.level for division in on_day(day).values() if division.level in "cmp"}


def place(cell: Any, day: dt.date, what: str, levels: str = "cr") -> str:
    """The code of a Zhejiang division of one of the levels in force on the day, or OUTSIDE for one elsewhere in China."""
    text = code(cell)
    if text is None:
        raise Quarantined(f"{what}: no division")
    if not re.fullmatch(r"[0-9]{6}", text) or text[:2] not in PROVINCES:
        raise Quarantined(f"{what}: unknown division {text}")
    if text[:2] != HOME:
        return OUTSIDE
    division = on_day(day).get(text)
    if division is None or division.level not in levels:
        raise Quarantined(f"{what}: division {text} is none in force on {day}")
    return text


def added_up(by_county: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    """Sums for every region shown: a county's own (zero where it has none), cities of their counties, the province of all and 330099."""
    cities = {division.code: division.city for division in divisions() if division.level == "c"}
    sums: dict[str, Any] = {}
    for region, level in shown(day).items():
        if level == "c":
            sums[region] = by_county.get(region, 0)
        elif level == "m":
            sums[region] = sum(amount for county, amount in by_county.items() if cities.get(county) == region)
        else:
            sums[region] = sum(by_county.values())
    return sums
