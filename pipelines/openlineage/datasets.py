"""Datasets: what the system reads and writes, under the names that its assets have in the UI.

Here: names, columns, and the columns that these come from, out of feed contracts, dbt's manifest and the tables of an edition.
Not here: events. A dataset never holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.feeds import FILE_FEEDS, TAX_TABLES, DatabaseTable, Table

IN_FORCE = "landing/in_force"
NOTES_OF_A_ROW = {
    "coercions": "换算读取的字段数 / cells read in another form than the column's",
    "unfit": "不能读取的字段,原因:字段 / first cell that holds no value of its column, as reason:column",
    "given": "上述字段的原文 / both as the database gave them, JSON by column",
}
PLACE_OF_A_ROW = {
    "quarter": "报送季度 / quarter of the delivery, from the folder's name",
    "delivery_id": "报送编号 / delivery, first 16 digits of its SHA-256",
    "source_file": "文件 / delivered file, or database and table",
    "source_sheet": "工作表 / sheet",
    "source_row": "行号或主键 / row of the sheet, line of the file, or primary key",
}


@dataclass(frozen=True)
class Column:
    """One column; `origins` are the (dataset, column) pairs that it is computed from."""

    name: str
    type: str = ""
    description: str = ""
    origins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A named table or file; `rows` is None where they were not counted, `version` empty where there is none.

    `assertions` are the rules that judged it: (rule, passed, severity, what it says).
    """

    name: str
    columns: tuple[Column, ...] = ()
    rows: int | None = None
    version: str = ""
    assertions: tuple[tuple[str, bool, str, str], ...] = field(default=(), repr=False)

    def counted(self, rows: int) -> Dataset:
        """The same with its number of rows."""
        return replace(self, rows=rows)


def feed_dataset(feed: str) -> Dataset:
    """What an office delivers: a column per header that it writes (`sheet.header`), or per column of its database."""
    return Dataset(f"feeds/{feed}", tuple(Column(origin) for table in landing_columns(feed) for origin in _delivered_columns(feed, table)))


def landing_columns(feed: str) -> dict[str, dict[str, str]]:
    """The landing columns of each table of a feed, with what the office calls them."""
    if feed in FILE_FEEDS:
        return {table.name: _text_columns(table) for table in FILE_FEEDS[feed].tables}
    return {table.name: _typed_columns(table) for table in TAX_TABLES}


def _text_columns(table: Table) -> dict[str, str]:
    said_by_the_sheet = dict.fromkeys(table.extra_fields, "")
    return {each.name: each.label for each in table.fields} | said_by_the_sheet | PLACE_OF_A_ROW


def _typed_columns(table: DatabaseTable) -> dict[str, str]:
    return {column.name: column.name for column in table.columns} | NOTES_OF_A_ROW | PLACE_OF_A_ROW


def _delivered_columns(feed: str, table: str) -> dict[str, str]:
    """The landing column that each delivered column of a table becomes, by `sheet.header` or `table.column`."""
    if feed in FILE_FEEDS:
        (contract,) = (each for each in FILE_FEEDS[feed].tables if each.name == table)
        return {f"{contract.sheet or contract.name}.{each.label}": each.name for each in contract.fields}
    (database_table,) = (each for each in TAX_TABLES if each.name == table)
    return {f"{table}.{column.name}": column.name for column in database_table.columns}


def landing_dataset(feed: str, table: str) -> Dataset:
    """One landed table, each column from the header or database column that holds it."""
    origins = {landed: ((f"feeds/{feed}", delivered),) for delivered, landed in _delivered_columns(feed, table).items()}
    columns = landing_columns(feed)[table]
    return Dataset(
        f"landing/{feed}/{table}",
        tuple(Column(name, description=said, origins=origins.get(name, ())) for name, said in columns.items()),
    )


def node_name(node: Mapping[str, Any]) -> str:
    """The dataset of a dbt node: a source is the landed table, anything else bears its own name."""
    if node["resource_type"] != "source":
        return str(node["name"])
    return IN_FORCE if node["source_name"] == "landing" else f"landing/{node['source_name']}/{node['name']}"


def node_dataset(
    node: Mapping[str, Any], everything: Mapping[str, Mapping[str, Any]], parents: Mapping[str, list[tuple[str, str]]]
) -> Dataset:
    """A seed or model with its documented columns and what they are computed from (`parents`, by unique id)."""
    names = {**dict.fromkeys(node["columns"]), **dict.fromkeys(parents)}
    columns = []
    for name in names:
        documented = node["columns"].get(name, {})
        origins = tuple((node_name(everything[parent]), column) for parent, column in parents.get(name, []))
        columns.append(Column(name, documented.get("data_type") or "", documented.get("description") or "", origins))
    return Dataset(node_name(node), tuple(columns))


def edition_datasets(version: str) -> list[Dataset]:
    """The tables of an edition that models give, each column from the model's column of the same name; `version` is `2023Q3/001`."""
    return [
        Dataset(
            f"edition/{table.name}",
            tuple(Column(each.name, each.type, each.description, ((table.source, each.name),)) for each in table.fields),
            version=version,
        )
        for table in WAREHOUSE_TABLES
    ]
