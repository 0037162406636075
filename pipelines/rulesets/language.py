"""The rule language (docs: scoring rules): a ruleset file as a validated set of parameter rows with one hash.

Here: the top of the file, and loading files and folders. Not here: the parts (`indicators.py`, `tree.py`, `outcome.py`), SQL.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets import strict_yaml
from pipelines.rulesets.indicators import read_indicators
from pipelines.rulesets.outcome import read_adjustments, read_ranks, read_scenarios, read_stars, read_total
from pipelines.rulesets.parameters import Row, Rows, no_rows
from pipelines.rulesets.reach import reach_of
from pipelines.rulesets.section import Section, as_fraction, closed
from pipelines.rulesets.tree import read_tree

SCHEMA = "scoring-rules/1"
OFFICIAL = "official"
RELEASED = "released.txt"
_VERSION = re.compile(r"[0-9A-Za-z]+([._-][0-9A-Za-z]+)*")


@dataclass(frozen=True)
class Ruleset:
    """One version of a ruleset: its name `<id>/<version>`, the hash of its canonical JSON, its parameter rows, the lines of its file."""

    name: str
    sha256: str
    canonical: str
    rows: Rows
    source: strict_yaml.Source = field(default_factory=lambda: strict_yaml.Source(""), compare=False)

    @property
    def is_draft(self) -> bool:
        """A draft is never scored officially; what-if may name it."""
        return bool(self.rows["rule_set"][0]["is_draft"])


def load_ruleset(path: Path, name: str = "") -> Ruleset:
    """The ruleset of one file; a usage error names the file (as `name`, if given), the line and the path of the first wrong key."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name or path.name}: not readable as UTF-8 text: {error}") from error
    return parse_ruleset(text, name or path.name)


def load_rulesets(folder: Path) -> list[Ruleset]:
    """All rulesets under `<folder>/<id>/<version>.yml` in order of name; each file lies where its id and version say."""
    loaded = []
    for path in sorted(folder.glob("*/*.yml")):
        ruleset = load_ruleset(path, f"{path.parent.name}/{path.name}")
        if f"{path.parent.name}/{path.stem}" != ruleset.name:
            where = ruleset.source.where("ruleset")
            raise UsageError(f"{where}: found {ruleset.name}; expected the id and version of its folder and file name")
        loaded.append(ruleset)
    if not loaded:
        raise UsageError(f"no rulesets: found none in {folder}; expected <id>/<version>.yml")
    _refuse_missing_vintages(loaded)
    _refuse_overlaps(loaded)
    _refuse_changes(loaded, folder / RELEASED)
    return loaded


def parse_ruleset(text: str, name: str) -> Ruleset:
    """The ruleset of a YAML text; `name` is the file named in errors."""
    document, source = strict_yaml.parse(text, name)
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(canonical.encode()).hexdigest()
    rows = no_rows()
    with closed(Section(document, "", source)) as top:
        top.choice("schema", (SCHEMA,))
        head = _head(top)
        head["scale"], scale, head["compare_dp"], head["rounding"] = _numbers(top)
        head["population"], head["coverage_min"], peer_groups = _units(top, rows)
        read_indicators(top, rows, peer_groups)
        head["redistribute_within"] = read_tree(top, rows, scale, peer_groups)
        read_adjustments(top, rows)
        head |= read_total(top, head["compare_dp"], head["scale"])
        is_rounded = head.get("total_round") is not None
        read_ranks(top, rows, peer_groups, is_rounded)
        read_stars(top, rows, is_rounded, reach_of(rows, head))
        read_scenarios(top, rows)
    rows["rule_set"].append(head)
    ruleset = f"{head['family']}/{head['version']}"
    if not head["is_draft"]:
        rows["rule_scenario"].append({"scenario": OFFICIAL, "valid_from": head["valid_from"], "valid_to": head["valid_to"]})
    for row in (row for table in rows.values() for row in table):
        row |= {"ruleset": ruleset, "sha256": sha256}
    return Ruleset(ruleset, sha256, canonical, rows, source)


def _head(top: Section) -> Row:
    with top.inside("ruleset") as head:
        row: Row = {
            "family": head.identifier("id"),
            "version": head.text("version"),
            "supersedes": head.text("supersedes", " ").strip() or None,
        }
        for key in ("version", "supersedes"):
            if row[key] is not None and not _VERSION.fullmatch(row[key]):
                head.refuse(key, repr(row[key]), "a version such as 2025.2")
        row |= {"note": head.text("note", " ").strip(), "is_draft": head.flag("draft"), "is_illustrative": head.flag("illustrative")}
        with head.inside("valid") as valid:
            for key in ("from", "to"):
                row[f"valid_{key}"] = None if key == "to" and key not in valid else valid.text(key)
                if row[f"valid_{key}"] is not None:
                    _quarter(valid, key)
            if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]:
                valid.refuse("to", row["valid_to"], f"a quarter not before {row['valid_from']}")
    return row


def _quarter(section: Section, key: str) -> None:
    try:
        Quarter.parse(section.text(key))
    except UsageError:
        section.refuse(key, repr(section.text(key)), "a quarter such as 2023Q3")


def _numbers(top: Section) -> tuple[float, Fraction, int, str]:
    if "numbers" not in top:
        return 100.0, Fraction(100), 9, "half_up"
    with top.inside("numbers") as numbers:
        scale = as_fraction(numbers.raw("scale"), numbers, "scale") if "scale" in numbers else Fraction(100)
        if not 0 < scale <= 10**6:
            numbers.refuse("scale", str(scale), "a number above 0 and at most 1000000")
        compare_dp = numbers.whole("compare_dp", 0, 12, 9)
        return float(scale), scale, compare_dp, numbers.choice("rounding", ("half_up", "half_even"), "half_up")


def _units(top: Section, rows: Rows) -> tuple[str, float | None, list[str]]:
    with top.inside("units") as units:
        population = units.identifier("population")
        coverage_min = float(as_fraction(units.raw("coverage_min"), units, "coverage_min")) if "coverage_min" in units else None
        if coverage_min is not None and not 0 < coverage_min <= 1:
            units.refuse("coverage_min", f"{coverage_min:g}", "a share of a unit's indicators above 0 and at most 1, such as 0.8")
        if "peer_groups" in units:
            with units.inside("peer_groups") as groups:
                for name in groups.names_found():
                    if name == "all":
                        groups.refuse(name, "the reserved name 'all'", "another name for the peer group")
                    rows["rule_peer_group"].append({"peer_group": name, "membership": groups.identifier(name)})
    return population, coverage_min, [row["peer_group"] for row in rows["rule_peer_group"]]


def _refuse_missing_vintages(rulesets: list[Ruleset]) -> None:
    """The warehouse holds the latest figure of a base period only; a table from outside has only one anyway."""
    for ruleset in rulesets:
        for row in ruleset.rows["rule_component"]:
            if row.get("base_vintage") == "as_published":
                ordinal = next(each["ordinal"] for each in ruleset.rows["rule_indicator"] if each["indicator"] == row["indicator"])
                where = ruleset.source.where(f"indicators[{ordinal}].components[{row['ordinal']}].value.base_vintage")
                raise UsageError(f"{where}: found 'as_published'; expected 'latest', the only vintage of the base that the warehouse holds")


def _refuse_overlaps(rulesets: list[Ruleset]) -> None:
    """Two released versions of one ruleset must not be in force in the same quarter."""
    sources = {ruleset.name: ruleset.source for ruleset in rulesets}
    heads = sorted((r.rows["rule_set"][0] for r in rulesets if not r.is_draft), key=lambda head: (head["family"], head["valid_from"]))
    for earlier, later in pairwise(heads):
        if earlier["family"] == later["family"] and (earlier["valid_to"] is None or earlier["valid_to"] >= later["valid_from"]):
            raise UsageError(
                f"{sources[later['ruleset']].where('ruleset.valid.from')}: "
                f"found {later['valid_from']}, when {earlier['ruleset']} is in force "
                f"(to {earlier['valid_to'] or 'no end'}); expected a quarter after it"
            )


def _refuse_changes(rulesets: list[Ruleset], released: Path) -> None:
    """Every released version has the hash that was noted at its release: a change is a new version in a new file.

    The list has a line `<sha256>  <id>/<version>` for each; drafts are not on it.
    """
    lines = released.read_text(encoding="utf-8").split("\n") if released.exists() else []
    noted = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines if line.strip())}
    current = {ruleset.name: ruleset.sha256 for ruleset in rulesets if not ruleset.is_draft}
    for name, sha256 in current.items():
        if noted.get(name) != sha256:
            raise UsageError(
                f"{name}.yml: found content with the hash {sha256}; expected {noted.get(name, 'its line')} in {released.name}. "
                "A released version never changes: write a new version, or add the line of a new one"
            )
    if gone := sorted(noted.keys() - current.keys()):
        raise UsageError(f"{released.name}: found {', '.join(gone)}, which no file holds; expected every released version to stay")
