"""What the site says: editions with their states, revisions, files with hashes, and the dictionary, read from the editions' own folders.

Here: reading and checking them. Not here: layout. A file that is not the one its manifest names ends the making of the site.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.divisions import divisions_in
from pipelines.editions.manifest import digest
from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.errors import Failure
from pipelines.quarters import Quarter
from pipelines.report.content import STANDING, quarter_name, shown
from pipelines.rulesets.in_memory import DBT_PROJECT
from pipelines.whatif.edition import read_csv

if TYPE_CHECKING:
    from pipelines.ledger import Entry

Row = dict[str, Any]
IN_FORCE, SUPERSEDED, WITHDRAWN = "in force", "superseded", "withdrawn"
STATES = {IN_FORCE: "现行", SUPERSEDED: "已被取代", WITHDRAWN: "已撤回"}
REVISIONS_SHOWN = 300
_DECIMALS_UNLISTED = 2


class EditionDamaged(Failure):
    """A file of an edition is not the one that its manifest names."""


@dataclass(frozen=True)
class Published:
    """One edition as the site shows it; `withdrawal` says when, by whom and why, empty for one that is not withdrawn."""

    quarter: str
    edition: str
    state: str
    withdrawal: str
    folder: Path
    manifest: Row

    @property
    def title(self) -> str:
        """Quarter and number in Chinese."""
        return f"{quarter_name(self.quarter)} 第{self.edition}版"

    @property
    def state_name(self) -> str:
        """The state in Chinese."""
        return STATES[self.state]

    @property
    def page(self) -> str:
        """The file name of its page."""
        return f"{self.quarter}-{self.edition}.html"

    @property
    def place(self) -> str:
        """The folder of its files below the site's root."""
        return f"editions/{self.quarter}/{self.edition}"

    @cached_property
    def files(self) -> list[Row]:
        """Name, bytes and SHA-256 of every file of its folder, the board first."""
        named = {MANIFEST, *self.manifest["files"], *([SIGNATURE] if (self.folder / SIGNATURE).is_file() else [])}
        found = []
        for name in sorted(named, key=lambda name: (name != "board.html", name)):
            content = self.content(name)
            found.append({"name": name, "bytes": len(content), "sha256": digest(content)})
        return found

    def content(self, name: str) -> bytes:
        """The bytes of a file, checked against the manifest; `EditionDamaged` if they are others."""
        path = self.folder / name
        content = path.read_bytes() if path.is_file() else b""
        told = self.manifest["files"].get(name, {}).get("sha256")
        if told is not None and digest(content) != told:
            found = f"the hash {digest(content)[:12]}" if content else "no such file"
            raise EditionDamaged(
                f"{self.quarter}/{self.edition}/{name}: found {found}; expected {told[:12]} by {MANIFEST}; "
                "next: restore the folder from a copy, then make the site again"
            )
        return content

    @cached_property
    def data_package(self) -> Row:
        """Its `datapackage.json`."""
        package: Row = json.loads(self.content("datapackage.json"))
        return package

    def revisions(self, catalogue: Mapping[str, Row]) -> list[Row]:
        """The rows of `revisions.csv` in words, figures at the catalogue's decimals."""
        names = divisions_in(Quarter.parse(self.quarter))
        return [
            {
                "region": names[row["region_code"]].name if row["region_code"] in names else row["region_code"],
                "indicator": _cell_name(row["indicator"], catalogue),
                "period": quarter_name(row["period"]),
                "old": _figure(row["old"], row["indicator"], catalogue),
                "new": _figure(row["new"], row["indicator"], catalogue),
                "cause": row["cause"],
            }
            for row in read_csv(self.folder / "revisions.csv")
        ]


def published_editions(folders: list[Path], in_force: Mapping[str, str], withdrawn: Mapping[tuple[str, str], Entry]) -> list[Published]:
    """The editions of these folders, newest quarter and number first; `in_force` names each quarter's edition in force."""
    found = []
    for folder in folders:
        quarter, edition = folder.parent.name, folder.name
        gone = withdrawn.get((quarter, edition))
        state = WITHDRAWN if gone else IN_FORCE if in_force.get(quarter) == edition else SUPERSEDED
        said = f"{gone.at[:16].replace('T', ' ')} UTC，{gone.actor}：{gone.payload['reason']}" if gone else ""
        found.append(Published(quarter, edition, state, said, folder, json.loads((folder / MANIFEST).read_bytes())))
    return sorted(found, key=lambda each: (Quarter.parse(each.quarter), int(each.edition)), reverse=True)


def catalogue() -> dict[str, Row]:
    """The catalogue of indicators by code; of several in time, the one listed last."""
    return {row["code"]: row for row in read_csv(DBT_PROJECT / "seeds" / "indicators.csv")}


def _cell_name(code: str, entries: Mapping[str, Row]) -> str:
    ruleset, _, what = code.rpartition("/")
    if ruleset and what in STANDING:
        return f"{STANDING[what][0]}（{ruleset}）"
    return str(entries[code]["name_zh"]) if code in entries else code


def _figure(text: str, code: str, entries: Mapping[str, Row]) -> str:
    what = code.rpartition("/")[2] if "/" in code else ""
    listed = int(entries[code]["decimals"]) if code in entries else _DECIMALS_UNLISTED
    return shown(float(text) if text else None, STANDING[what][1] if what in STANDING else listed)
