"""What an office calls things: regions, indicators, sheets and columns by their names instead of codes.

Here: looking names up for the subjects of findings. Not here: findings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.feeds import FILE_FEEDS
from pipelines.gate import Finding

if TYPE_CHECKING:
    import duckdb

_UNIT_OF_A_MEASURE = re.compile("_(yuan|pct)$")


@dataclass(frozen=True)
class Names:
    """Names by code."""

    regions: dict[str, str]
    indicators: dict[str, str]

    def subject(self, finding: Finding) -> str:
        """Region and indicator of a finding in words; what has no name stands as it is."""
        parts = [self.regions.get(finding.region, finding.region), self._measure(finding.indicator)]
        return " ".join(part for part in parts if part) or finding.subject

    def _measure(self, code: str) -> str:
        bare = _UNIT_OF_A_MEASURE.sub("", code)
        return self.indicators.get(code) or _COLUMNS.get(bare) or _SHEETS.get(code.split("/")[-1]) or code


def names_of(connection: duckdb.DuckDBPyConnection) -> Names:
    """The names of the warehouse's seeds; of several in time, the newest."""
    regions = connection.execute("select code, name from divisions order by valid_from").fetchall()
    indicators = connection.execute("select code, name_zh from indicators order by valid_from").fetchall()
    return Names(dict(regions), dict(indicators))


_COLUMNS = {
    field.name: f"{table.sheet} {field.label}"
    for feed in FILE_FEEDS.values()
    for table in feed.tables
    for field in table.fields
    if table.layout == "statistics"
}
_SHEETS = {table.name: table.sheet for feed in FILE_FEEDS.values() for table in feed.tables}
