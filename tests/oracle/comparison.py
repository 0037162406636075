"""An edition's indicators beside the oracle's: a sentence for each difference, none where the two agree."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from .table import oracle_indicators

KEY = ["region_code", "indicator", "period"]
COUNTS = {"TECH_N", "TAX_RD_N", "INC_N", "MS_N", "INC_FIRMS", "INC_JOBS", "INC_GRAD"}
TOLERANCE = 1e-9  # both sides are doubles of one exact number, or of one exact quotient


def edition_indicators(edition: Path) -> pd.DataFrame:
    """`indicators.csv` of an edition folder, its codes and periods as text."""
    table = pd.read_csv(edition / "indicators.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    for column in ("value", "numerator", "denominator"):
        table[column] = pd.to_numeric(table[column].replace("", None))
    return table


def compare_edition(edition: Path, data_raw: Path, tax_url: str, quarter: str) -> list[str]:
    """The differences between an edition folder and what the drop folder gives."""
    return compare(edition_indicators(edition), oracle_indicators(data_raw, tax_url, quarter))


def compare(edition_indicators: pd.DataFrame, oracle: pd.DataFrame) -> list[str]:
    """Differences in rows, level, status, value, numerator and denominator.

    A `withheld` row of the edition must have a value in the oracle and show none of its figures. Where growth or a ratio has no value
    anyway, its row must not show the part that is withheld beside it.
    """
    differences = [
        f"{name} has {count} rows for {_name(key)}"
        for name, table in (("the edition", edition_indicators), ("the oracle", oracle))
        for key, count in table.groupby(KEY).size().items()
        if count > 1
    ]
    theirs, ours = _by_key(edition_indicators), _by_key(oracle)
    differences += [f"{_name(key)}: only in the edition ({theirs[key]['status']})" for key in sorted(theirs.keys() - ours.keys())]
    differences += [f"{_name(key)}: only in the oracle ({ours[key]['status']})" for key in sorted(ours.keys() - theirs.keys())]
    withheld = {(region, indicator) for (region, indicator, _), row in theirs.items() if row["status"] == "withheld"}
    for key in sorted(theirs.keys() & ours.keys()):
        is_part_withheld = any(key[0] == region and key[1].startswith(f"{indicator}_") for region, indicator in withheld)
        differences += [f"{_name(key)}: {difference}" for difference in _row(key[1], theirs[key], ours[key], is_part_withheld)]
    return differences


def _by_key(table: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {
        (row["region_code"], row["indicator"], row["period"]): {str(name): cell for name, cell in row.items()}
        for row in table.to_dict("records")
    }


def _name(key: Any) -> str:
    return " ".join(key)


def _row(indicator: str, edition: dict[str, Any], oracle: dict[str, Any], is_part_withheld: bool) -> list[str]:
    if edition["status"] == "withheld":
        shown = [column for column in ("value", "numerator", "denominator") if not pd.isna(edition[column])]
        withheld = [f"withheld, but {column} is shown" for column in shown]
        return withheld + ([] if oracle["status"] == "value" else [f"withheld, the oracle says {oracle['status']}"])
    texts = [
        f"{column} is {edition[column]}, the oracle says {oracle[column]}"
        for column in ("level", "status")
        if edition[column] != oracle[column]
    ]
    numbers = [
        f"{column} is {_shown(edition[column])}, the oracle says {_shown(oracle[column])}"
        for column in ("value", "numerator", "denominator")
        if not (is_part_withheld and edition["status"] != "value" and column == "numerator" and pd.isna(edition[column]))
        and not _same(edition[column], oracle[column], exactly=column == "value" and indicator in COUNTS)
    ]
    return texts + numbers


def _same(edition: Any, oracle: Any, *, exactly: bool) -> bool:
    if pd.isna(edition) or pd.isna(oracle):
        return bool(pd.isna(edition) and pd.isna(oracle))
    return edition == oracle if exactly else math.isclose(edition, oracle, rel_tol=TOLERANCE, abs_tol=1e-12)


def _shown(number: Any) -> str:
    return "nothing" if pd.isna(number) else repr(float(number))
