"""Tau-Argus on generated tables, run by the Python of `make argus-env`: JSON on standard input, JSON on the last line of its output.

Input: {"rules": {name: rules in Tau-Argus' words}, "tables": [{"region": [...], "sector": [...], "amount": [...]}, ...]}, with a row per
contributor. Output: for each table {name: [[region, sector], ...]}, the cells that the rules find unsafe, "Total" for a margin.
Only the primary rules are of interest, and a quick secondary suppression is the way to have a table written.
"""

from __future__ import annotations

import json
import sys
import tempfile

from pytauargus import protect


def unsafe_cells(table: dict[str, list], rules: dict[str, str]) -> dict[str, list[list[str]]]:
    """Unsafe cells of one table under each set of rules."""
    with tempfile.TemporaryDirectory() as folder:
        found = protect(table, [["region", "sector"]] * len(rules), "amount", list(rules.values()), "MOD(1)", workdir=folder)
        return {
            name: sorted([row["region"] or "Total", row["sector"] or "Total"] for row in result.rows if row["status"] == "U")
            for name, result in zip(rules, found.tables, strict=True)
        }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.stdout.write("\n" + json.dumps([unsafe_cells(table, asked["rules"]) for table in asked["tables"]]))
