"""Receipts after the gate: which rows are not counted and which findings are the office's to answer.

Here: gathering them for the deliveries in force of a judged quarter. Not here: the verdicts themselves (staging, gate).
"""

from __future__ import annotations

from collections import defaultdict

from pipelines.delivery import Delivery
from pipelines.feeds import FILE_FEEDS
from pipelines.gate import Finding
from pipelines.landing.parquet import landed_positions
from pipelines.ledger import Ledger
from pipelines.receipts.content import LISTED, BadRow, Fault, Receipt, TableCount
from pipelines.receipts.keeping import Drawer
from pipelines.receipts.naming import Names, names_of
from pipelines.report.content import SEVERITY
from pipelines.spreadsheets import column_letters
from pipelines.transform.quarantine import NEXT_STEP, QuarantinedRow, quarantined_rows
from pipelines.warehouse import Warehouse

#: That rows are quarantined is said row by row.
LISTED_BY_ROW = "QUA-002"

Counts = dict[str, list[tuple[str, int, int, int, int]]]


def issue_judged(quarter: str, findings: list[Finding], warehouse: Warehouse, ledger: Ledger, actor: str) -> int:
    """Issue the receipts of the deliveries that the quarter was judged on; returns how many are new or changed."""
    with warehouse.connect() as connection:
        bad = quarantined_rows(warehouse, connection, quarter)
        counts: Counts = defaultdict(list)
        for delivery_id, *count in connection.execute(
            "select delivery_id, source_table, rows_landed, rows_kept, rows_quarantined, coercions from stg_row_counts "
            "where quarter = $1 order by source_table",
            [quarter],
        ).fetchall():
            counts[delivery_id].append(tuple(count))
        names = names_of(connection)
    drawer = Drawer(warehouse, ledger, actor)
    deliveries = [each for (its_quarter, _), each in ledger.in_force().items() if its_quarter == quarter and each.delivery_id in counts]
    return sum(drawer.put(_receipt(delivery, bad, counts, findings, names, warehouse)) for delivery in deliveries)


def _receipt(
    delivery: Delivery, bad: list[QuarantinedRow], counts: Counts, findings: list[Finding], names: Names, warehouse: Warehouse
) -> Receipt:
    mine = [row for row in bad if (row.feed, row.delivery_id) == (delivery.feed, delivery.delivery_id)]
    questions = [finding for finding in findings if not finding.passed and _is_about(finding, delivery)]
    tables = _Tables(delivery, warehouse)
    outcome = "questioned" if any(each.holds for each in questions) else "accepted_in_part" if mine else "accepted"
    listed: dict[str, list[BadRow]] = defaultdict(list)
    for row in mine[:LISTED]:
        listed[tables.name(row.table)].append(tables.bad_row(row))
    return Receipt(
        delivery,
        "content",
        outcome,
        (*(_question(each, names) for each in questions if each.rule != LISTED_BY_ROW), *map(tables.fault, mine[:LISTED])),
        tuple(TableCount(tables.name(table.split("/")[1]), *numbers) for table, *numbers in counts[delivery.delivery_id]),
        {name: tuple(rows) for name, rows in listed.items()},
        max(0, len(mine) - LISTED),
    )


def _is_about(finding: Finding, delivery: Delivery) -> bool:
    """A check of one feed's figures, or one that names the delivery or its feed."""
    return (
        finding.table.startswith(f"chk_{delivery.feed}")
        or delivery.delivery_id in finding.subject.split("/")
        or finding.indicator.split("/")[0] == delivery.feed
    )


def _question(finding: Finding, names: Names) -> Fault:
    verdict = "已豁免" if finding.waiver else SEVERITY[finding.severity]
    what = f"{finding.reason}({finding.rule})"
    return Fault(verdict, "", names.subject(finding), what, finding.observed, finding.expected, finding.next_step)


class _Tables:
    """Headings and cell addresses of one delivery's tables, as the office knows them."""

    def __init__(self, delivery: Delivery, warehouse: Warehouse) -> None:
        feed = FILE_FEEDS.get(delivery.feed)
        self._headings = {table.name: {field.name: field.label for field in table.fields} for table in feed.tables} if feed else {}
        self._sheets = {table.name: table.sheet for table in feed.tables} if feed else {}
        self._is_workbook = feed is not None and feed.form == "workbook"
        self._positions = {table: landed_positions(warehouse, delivery, table) for table in delivery.rows}

    def name(self, table: str) -> str:
        """The sheet's name, the database table's, or a plain word for the one table of a file."""
        return self._sheets.get(table, table) or "数据"

    def _heading(self, table: str, field: str) -> str:
        return self._headings.get(table, {}).get(field, field)

    def place(self, row: QuarantinedRow) -> str:
        """`A17 B17` in a workbook, the line and columns of a CSV, the key and fields of a database row."""
        positions = self._positions[row.table]
        if self._is_workbook:
            cells = [f"{column_letters(positions[field])}{row.row}" for field in row.fields if field in positions]
            return " ".join(cells) or f"第{row.row}行"
        headings = "、".join(self._heading(row.table, field) for field in row.fields if field in row.delivered or field in positions)
        return f"第{row.row}行 {headings}".strip() if positions else f"主键 {row.row} {headings}".strip()

    def fault(self, row: QuarantinedRow) -> Fault:
        """The row in the list of what is wrong."""
        sheet = row.sheet if self._is_workbook else "" if self._positions[row.table] else row.table
        return Fault("未计入", sheet, self.place(row), row.what, row.found, row.expected, NEXT_STEP)

    def bad_row(self, row: QuarantinedRow) -> BadRow:
        """The row as delivered, in the order of its headings."""
        headings = self._headings.get(row.table) or {name: name for name in row.delivered if name not in _OWN}
        cells = {heading: row.delivered.get(field, "") for field, heading in headings.items()}
        bad = tuple(headings[field] for field in row.fields if field in headings)
        return BadRow(row.row, cells, bad, row.what, row.expected)


#: Landing columns that the office did not deliver.
_OWN = frozenset({"delivery_id", "source_file", "source_sheet", "source_row", "quarter"})
