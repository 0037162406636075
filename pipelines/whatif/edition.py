"""The published quarter that a what-if starts from: its edition's tables, its scoring inputs, its rulesets, the catalogue.

Here: reading them, and finding a region or an indicator by the name that a person typed. Not here: amending or scoring.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.editions.pointer import read_pointer
from pipelines.editions.schema import MANIFEST
from pipelines.editions.scoring_inputs import ScoringInputs, load
from pipelines.errors import Failure, UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.in_memory import DBT_PROJECT
from pipelines.rulesets.language import Ruleset, load_ruleset
from pipelines.warehouse import Warehouse

RULESETS = DBT_PROJECT / "rulesets"
_CATALOGUE = DBT_PROJECT / "seeds" / "indicators.csv"
_CELL_COLUMNS = ["region_code", "region_name", "level", "indicator", "period", "value", "numerator", "denominator", "status"]
Row = dict[str, Any]


class RulesDiffer(Failure):
    """The rule files at hand are not those that the edition was scored under."""


@dataclass(frozen=True)
class Edition:
    """One published edition; `inputs` are what its scores were computed from."""

    warehouse: Warehouse
    quarter: Quarter
    number: str
    manifest: Row
    inputs: ScoringInputs

    @property
    def folder(self) -> Path:
        """Its published folder."""
        return self.warehouse.editions / str(self.quarter) / self.number

    @cached_property
    def ranking(self) -> list[Row]:
        """Rows of `ranking.csv`, cells as text."""
        return read_csv(self.folder / "ranking.csv")

    @cached_property
    def targets(self) -> list[Row]:
        """Rows of `targets.csv`, cells as text."""
        return read_csv(self.folder / "targets.csv")

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], Row]:
        """Indicator rows by region, indicator and period."""
        rows = pq.ParquetFile(self.folder / "indicators.parquet").read(_CELL_COLUMNS).to_pylist()
        return {(row["region_code"], row["indicator"], row["period"]): row for row in rows}

    @cached_property
    def regions(self) -> dict[str, Row]:
        """Code -> `region_name` and `level` of every region of the edition."""
        return {code: row for (code, _, _), row in self.cells.items()}

    @cached_property
    def catalogue(self) -> dict[str, Row]:
        """The catalogue of indicators by code."""
        return {row["code"]: row for row in read_csv(_CATALOGUE)}

    def cell(self, region: str, indicator: str) -> Row:
        """The row of the quarter itself; empty if there is none."""
        return self.cells.get((region, indicator, str(self.quarter)), {})

    def county(self, typed: str, where: str) -> str:
        """The code of a county given by code or name; a usage error names the nearest counties."""
        counties = {code: row["region_name"] for code, row in self.regions.items() if row["level"] == "c"}
        found = [code for code, name in counties.items() if typed in (code, name)]
        if len(found) == 1:
            return found[0]
        others = {code: row["region_name"] for code, row in self.regions.items() if typed in (code, row["region_name"])}
        if others:
            raise UsageError(f"{where}: found {typed}, which is a city or the province; expected a county: only counties are scored")
        near = nearest(typed, [*counties, *counties.values()])
        shown = ", ".join(sorted({f"{code} {name}" for code, name in counties.items() if code in near or name in near}))
        raise UsageError(f"{where}: found region {typed!r}; expected a county of {self.quarter}{', such as ' + shown if shown else ''}")


def open_edition(warehouse: Warehouse, quarter: Quarter, number: str | None) -> Edition:
    """The edition of that number, or the one in force; a usage error if there is none."""
    if number is None:
        pointer = read_pointer(warehouse).get(str(quarter))
        if pointer is None:
            raise UsageError(f"no edition in force: found none of {quarter} in {warehouse.editions}; next: `i315 run {quarter}`")
        number = pointer.edition
    manifest = warehouse.editions / str(quarter) / number / MANIFEST
    if not manifest.is_file():
        found = ", ".join(sorted(path.parent.name for path in manifest.parent.parent.glob(f"[0-9]*/{MANIFEST}"))) or "none"
        raise UsageError(f"no such edition: found {found} of {quarter}; expected {number}")
    return Edition(warehouse, quarter, number, json.loads(manifest.read_bytes()), load(warehouse, str(quarter), number))


def official_ruleset(edition: Edition, family: str | None) -> Ruleset:
    """The ruleset of that family under which the edition was scored; without a family the one that ranks the most counties.

    A usage error if it has none of the family, `RulesDiffer` if the file of the rules changed since.
    """
    used = {each["id"]: each for each in edition.manifest["rulesets"]}
    ranked = Counter(row["ruleset"].partition("/")[0] for row in edition.ranking)
    told = used.get(family) if family else max(used.values(), key=lambda each: (ranked[each["id"]], each["id"]), default=None)
    if told is None:
        names = ", ".join(f"{each['id']}/{each['version']}" for each in used.values()) or "none"
        raise UsageError(f"edition {edition.quarter}/{edition.number}: found the rulesets {names}; expected one of the family {family}")
    path = RULESETS / told["id"] / f"{told['version']}.yml"
    ruleset = load_ruleset(path) if path.is_file() else None
    if ruleset is None or ruleset.sha256 != told["sha256"]:
        found = f"the hash {ruleset.sha256[:12]}" if ruleset else "no such file"
        raise RulesDiffer(
            f"{told['id']}/{told['version']}.yml: found {found}; expected {told['sha256'][:12]}, under which "
            f"{edition.quarter}/{edition.number} was scored; next: check out the rules of that edition"
        )
    return ruleset


def nearest(typed: str, names: Iterable[str]) -> list[str]:
    """Up to three names most like what was typed."""
    plain = {name.upper(): name for name in names}
    return [plain[match] for match in difflib.get_close_matches(typed.upper(), plain, n=3, cutoff=0.5)]


def read_csv(path: Path) -> list[Row]:
    """Rows of a CSV file with a header, cells as text."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
