"""Which periods the scores of a quarter rest on, so that a long history is not scored again with it.

Here: the periods that a ruleset looks back to, and the rows of them. Not here: scoring.
"""

from __future__ import annotations

from itertools import groupby

import pyarrow as pa

from pipelines.quarters import Quarter
from pipelines.rulesets.parameters import Rows


def periods_needed(rules: Rows, quarter: Quarter) -> set[str]:
    """The quarter and every period whose values its score, its rankings, carried values or changes may rest on."""
    scored = {quarter} | {base_quarter(quarter, row["change_base"]) for row in rules["rule_rank"] if row.get("change_base")}
    oldest = max((row.get("carry_quarters") or 0 for row in rules["rule_indicator"]), default=0)
    read = {period.plus(-age) for period in scored for age in range(oldest + 1)}
    bases = {base_quarter(period, row["base"]) for period in read for row in rules["rule_component"] if row.get("base")}
    return {str(period) for period in read | bases}


def base_quarter(period: Quarter, base: str) -> Quarter:
    """The quarter that a change or a ranking by change compares with."""
    return period.plus(-4 if base == "same_period_last_year" else -1)


def of_periods(content: pa.Table, periods: set[str]) -> pa.Table:
    """The rows of these periods, without a look at the other rows: most of a long history is never needed."""
    start, slices = 0, [content.slice(0, 0)]
    for period, run in groupby(content.column("period").to_pylist()):
        length = sum(1 for _ in run)
        if period in periods:
            slices.append(content.slice(start, length))
        start += length
    return pa.concat_tables(slices)
