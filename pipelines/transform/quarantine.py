"""The quarantine list: every row that is not counted, as its office can look it up and mend it.

Here: the rows with what was delivered in them, and one internal file per quarter with file, sheet, row, what was found, what is expected
and the next step. Not here: the verdicts themselves (models/staging). The found text may be a firm's, so the file is for the operator
alone (mode 0600) and never in an edition.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.durable import write_bytes
from pipelines.spreadsheets import neutralised
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("quarter", "feed", "file", "sheet", "row", "field", "reason", "found", "expected", "next_step")
# A spreadsheet cell holds 32,767 characters; what is wrong shows in far fewer.
LONGEST_FOUND = 200
NEXT_STEP = "请报送单位更正该行后重新报送"

EXPECTED = {
    "key_missing": ("缺少主键", "该行应填写主键"),
    "key_malformed": ("主键格式不对", "合同登记编号为 14 或 16 位数字,中间无空格"),
    "duplicate_key": ("主键重复,保留第一行", "每个主键只有一行"),
    "uscc_invalid": ("统一社会信用代码校验不通过", "18 位代码,校验位符合 GB 32100-2015"),
    "unknown_division": ("行政区划代码未知或当日无效", "当日有效的县(市、区)代码,或省外代码"),
    "unknown_carrier": ("载体编码不在孵化载体表中", "同一份报送中有效的载体编码"),
    "unknown_taxpayer": ("纳税人不在登记表中或已被隔离", "同一次抽取中有效的纳税人"),
    "name_mismatch": ("代码与名称不是同一地区或指标", "同一地区或指标的代码与名称"),
    "total_row": ("合计或小计行,不是明细", "仅列明细行"),
    "unknown_value": ("取值不在约定范围", "数据约定所列的取值"),
    "not_a_number": ("不是数字", "数字"),
    "format_contradicts": ("单元格格式显示的不是所存的数", "所存与所显示一致的数值,单位与约定相同"),
    "negative_amount": ("金额或数量为负", "不小于零的数"),
    "tech_above_total": ("技术交易额大于合同成交总额", "技术交易额不大于合同成交总额"),
    "not_a_date": ("不是日期", "日期,如 2023-09-30"),
    "date_outside_year": ("登记日期不在该年度", "该年度内的日期"),
    "not_a_period": ("期间格式不对", "2023Q3 或 2023,申报所属期自 1 月 1 日起、止于季度末日"),
    "period_in_future": ("期间晚于报送季度", "不晚于报送季度的期间"),
    "computed_elsewhere": ("该指标由其他来源计算", "仅由台账提供的指标编码"),
    "control_character": ("文本含控制字符", "不含控制字符的文本"),
    "mojibake": ("文本为乱码", "编码正确的文本"),
    "placeholder_value": ("占位值,不是实际数据", "实际的名称或数值"),
    "value_unfit": ("字段值与约定的类型不符", "约定的类型,如金额为两位小数"),
    "precision_lost": ("代码或数值被存成科学记数,末位已丢失", "完整的代码或数值"),
    "broken_quoting": ("引号未按规则配对", "含引号的字段整体加引号,内部引号写两遍"),
    "wrong_number_of_fields": ("字段数与表头不一致", "与表头相同的字段数"),
}


@dataclass(frozen=True)
class QuarantinedRow:
    """One row that is not counted: its place, the fields at fault with the reason's code, and its cells as delivered.

    `table` is a landing table without its feed, `row` the sheet row, line or primary key; `delivered` maps landing columns to text.
    """

    feed: str
    table: str
    delivery_id: str
    file: str
    sheet: str
    row: int
    fields: tuple[str, ...]
    reason: str
    delivered: dict[str, str]

    @property
    def what(self) -> str:
        """What is wrong, in Chinese."""
        return EXPECTED[self.reason][0]

    @property
    def expected(self) -> str:
        """What should stand there, in Chinese."""
        return EXPECTED[self.reason][1]

    @property
    def found(self) -> str:
        """The text of the fields at fault; empty for fields that are no delivered column."""
        return " / ".join(self.delivered[field] for field in self.fields if self.delivered.get(field))


def quarantined_rows(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, quarter: str) -> list[QuarantinedRow]:
    """The quarantined rows of a quarter, by feed, table and row."""
    verdicts = connection.execute(
        "select feed, source_table, delivery_id, source_file, source_sheet, source_row, field, reason "
        "from stg_quarantine where quarter = $1 order by feed, source_table, delivery_id, source_row",
        [quarter],
    ).fetchall()
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for _, source_table, delivery_id, _, _, row, _, _ in verdicts:
        places[source_table, delivery_id].append(row)
    delivered = {
        (*place, row): cells
        for place, rows in places.items()
        for row, cells in _delivered(warehouse, connection, quarter, *place, rows).items()
    }
    return [
        QuarantinedRow(
            feed,
            source_table.split("/")[1],
            delivery_id,
            file,
            sheet,
            row,
            tuple(field.split()),
            reason,
            delivered[source_table, delivery_id, row],
        )
        for feed, source_table, delivery_id, file, sheet, row, field, reason in verdicts
    ]


def _delivered(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, quarter: str, source_table: str, delivery_id: str, rows: list[int]
) -> dict[int, dict[str, str]]:
    """The cells of some rows of a landing file as text, by row."""
    landed = warehouse.landing / source_table / f"quarter={quarter}" / f"{delivery_id}.parquet"
    cursor = connection.execute(
        "select source_row, columns(*)::varchar from read_parquet($1, hive_partitioning = false) where list_contains($2, source_row)",
        [str(landed), rows],
    )
    names = [column[0] for column in cursor.description or []][1:]
    found = {row: {name: text for name, text in zip(names, cells, strict=True) if text is not None} for row, *cells in cursor.fetchall()}
    # What a database gave and no type could hold is kept beside the columns.
    return {row: cells | json.loads(cells.get("given", "{}")) for row, cells in found.items()}


def quarantine_file(warehouse: Warehouse, quarter: str) -> Path:
    """Where the list of a quarter lies."""
    return warehouse.root / "quarantine" / f"{quarter}.csv"


def write_quarantine_lists(warehouse: Warehouse, quarters: list[str]) -> dict[str, int]:
    """Write the list of each quarter anew and return the number of its rows."""
    counts = {}
    with warehouse.connect() as connection:
        for quarter in quarters:
            rows = quarantined_rows(warehouse, connection, quarter)
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in rows:
                place = (quarter, row.feed, row.file, row.sheet, row.row, " ".join(row.fields))
                found = neutralised(row.found[:LONGEST_FOUND])
                writer.writerow([*place, f"{row.reason} {row.what}", found, row.expected, NEXT_STEP])
            write_bytes(quarantine_file(warehouse, quarter), text.getvalue().encode("utf-8-sig"), is_private=True)
            counts[quarter] = len(rows)
    return counts
