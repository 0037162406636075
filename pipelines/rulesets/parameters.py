"""The parameter tables: what each column of each table means, and how a ruleset's rows become Arrow tables.

Here: the declaration that the loader fills and the scoring SQL reads. Not here: reading YAML, judging rules.
Every table starts with `ruleset` (`<id>/<version>`) and `sha256` (of the ruleset's canonical JSON).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Rows = dict[str, list[Row]]

_COLUMNS = {
    "rule_set": "family:text version:text supersedes:text is_draft:bool is_illustrative:bool note:text valid_from:text valid_to:text"
    " population:text coverage_min:double scale:double compare_dp:int rounding:text redistribute_within:text"
    " total_low:double total_high:double total_round:int",
    "rule_scenario": "scenario:text valid_from:text valid_to:text",
    "rule_peer_group": "peer_group:text membership:text",
    "rule_indicator": "ordinal:int indicator:text name:text unit:text direction:text ideal:double has_calendar:bool vintage:text"
    " not_applicable:text not_applicable_over:text not_published:text not_published_over:text carry_quarters:int"
    " missing:text missing_over:text coverage_min:double withheld:text treat:text treat_low:double treat_high:double",
    "rule_calendar": "indicator:text part:text",
    "rule_applies": "indicator:text membership:text is_member:bool",
    "rule_component": "ordinal:int indicator:text component:text share:double change:text base:text base_vintage:text min_base:double"
    " method:text peer_group:text worst:double best:double transform:text to_low:double to_high:double z_mean:double z_scale:double"
    " ties:text target:double centre:double centre_stat:text base_y:double step:double gain:double is_relative:bool whole_steps:bool"
    " clamp_low:double clamp_high:double floor_share:double",
    "rule_band": "indicator:text component:text ordinal:int ge:double gt:double le:double lt:double y:double",
    "rule_point": "indicator:text component:text ordinal:int x:double y:double",
    "rule_node": "ordinal:int node:text parent:text depth:int is_leaf:bool indicator:text weight:double points:double combine:text"
    " power:double worst_k:int mpi_sign:int mpi_population:bool n_factors:int factor:int is_divisor:bool is_complement:bool"
    " rescale_over:text out_of:double fill_over:text",
    "rule_adjustment": "ordinal:int adjustment:text event:text per_item:double cap:double floor:double max_star:int",
    "rule_rank": "ordinal:int rank_id:text measure:text node:text change_base:text change_rules:text basis:text is_descending:bool"
    " peer_group:text ties:text tie_breaks:text",
    "rule_tie_break": "rank_id:text ordinal:int tie_break:text",
    "rule_star": "ordinal:int star_id:text kind:text node:text basis:text is_closed_left:bool rank_id:text",
    "rule_cut": "star_id:text star:int cut:double share_numerator:long share_denominator:long",
    "rule_guard": "star_id:text ordinal:int star:int else_star:int need:text rank_id:text share_numerator:long share_denominator:long"
    " max_rank:double node:text at_least:double",
    "rule_robustness": "setting:text ordinal:int text_value:text number_value:double",
}

TABLES = tuple(_COLUMNS)


def no_rows() -> Rows:
    """An empty list of rows for every parameter table."""
    return {table: [] for table in TABLES}


def to_arrow(rows: Rows) -> dict[str, pa.Table]:
    """Every parameter table as Arrow, with its declared types; a column that a row leaves out is null."""
    import pyarrow as pa

    types = {"text": pa.string(), "int": pa.int32(), "long": pa.int64(), "double": pa.float64(), "bool": pa.bool_()}
    tables = {}
    for table, columns in _COLUMNS.items():
        declared = [("ruleset", "text"), ("sha256", "text"), *(column.split(":") for column in columns.split())]
        schema = pa.schema([(name, types[kind]) for name, kind in declared])
        tables[table] = pa.table({f.name: pa.array([row.get(f.name) for row in rows[table]], f.type) for f in schema}, schema=schema)
    return tables
