"""Reading the tax office's database: one read transaction, checked schema, every row counted, streamed to the parts of extracts.

Here: reading rows. Not here: connecting (tax_database.py), writing parts (tax_part.py), which extract is a new delivery (tax.py).
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.feeds import TAX_TABLES, Column, DatabaseTable
from pipelines.landing.parquet import ROW_GROUP
from pipelines.landing.tax_database import connected, rejected, shown
from pipelines.landing.tax_part import Row, TaxPart
from pipelines.landing.tax_periods import Account, quarter_ended, quarter_placed
from pipelines.quarters import Quarter

#: Quarters end on four days a year, written in a handful of ways: a column of more is none of periods' ends.
MOST_SPELLINGS = 10_000


@contextmanager
def snapshot(tax_url: str) -> Iterator[Snapshot]:
    """The database at one moment, for the length of a block; `InfrastructureError` if it cannot be reached or read."""
    with connected(tax_url) as (connection, url):
        yield Snapshot(connection, url)


class Snapshot:
    """One read transaction on a tax database whose tables are those of the contract."""

    def __init__(self, connection: sa.Connection, url: sa.URL) -> None:
        self.connection, self.url = connection, url
        self._keys_of_other_types: set[str] = set()
        self._accounts: dict[str, Account] = {}
        self.check_schema()

    def check_schema(self) -> None:
        """Refuse a database without a table or column of the contract, before anything is read."""
        inspector = sa.inspect(self.connection)
        for table in TAX_TABLES:
            if not inspector.has_table(table.name):
                present = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
                found = f"tables {', '.join(present) or 'none'}"
                raise rejected("table_missing", self.url, table.name, found, f"a table {table.name}", value="、".join(present))
            types = {column["name"]: column["type"] for column in inspector.get_columns(table.name)}
            missing = ", ".join(column.name for column in table.columns if column.name not in types)
            if missing:
                raise rejected("column_missing", self.url, table.name, f"columns {', '.join(types)}", f"also {missing}", value=missing)
            for column in table.columns:
                self._check_type(table, column, types[column.name])
            if not isinstance(types[table.primary_key], sa.Integer):
                self._keys_of_other_types.add(table.name)

    def _check_type(self, table: DatabaseTable, column: Column, found: sa.types.TypeEngine[Any]) -> None:
        """Refuse a column whose declared type cannot hold the contract's values exactly.

        SQLite enforces no types, and its values are judged one by one; so are those of a column that declares none, or text.
        """
        if self.connection.dialect.name == "sqlite":
            return
        base = found
        while isinstance(base, postgresql.DOMAIN):
            base = base.data_type
        is_key = column.name == table.primary_key
        fitting = (sa.Integer, sa.Numeric) if is_key else _DECLARED[column.kind]
        if isinstance(base, sa.types.NullType) or (isinstance(base, fitting) and not isinstance(base, sa.Float)):
            return
        expected = f"a column declared as {column.kind if column.kind != 'amount' else 'numeric(18,2)'}"
        raise rejected(
            "column_type", self.url, table.name, f"a column declared as {base}", expected, f"column {column.name}", value=str(base)
        )

    def notes(self) -> list[str]:
        """What the office should know of the account that reads."""
        if self.connection.dialect.name != "postgresql":
            return []
        right = sa.func.has_table_privilege(sa.bindparam("table"), "INSERT, UPDATE, DELETE")
        writable = [table.name for table in TAX_TABLES if self.connection.execute(sa.select(right), {"table": table.name}).scalar_one()]
        return [f"the reading account may write to {', '.join(writable)}: have the right taken away"] if writable else []

    def count(self, table: DatabaseTable, quarter: Quarter | None) -> int:
        """Rows of a table (in the extract of the quarter, if given), as the database has them now."""
        if quarter:
            return self.account(table).of(quarter)
        return int(self.connection.execute(sa.select(sa.func.count()).select_from(sa.table(table.name))).scalar_one())

    def account(self, table: DatabaseTable) -> Account:
        """Every row of a table of returns, by quarter; `DeliveryRejected` if its periods' ends are none."""
        if table.name not in self._accounts:
            self._accounts[table.name] = self._counted(table)
        return self._accounts[table.name]

    def extract(self, table: DatabaseTable, target: Path) -> int:
        """Write a whole table, in the order of the primary key, to `target`; the number of its rows."""
        with TaxPart(self.url, table, target) as part:
            for chunk in self._chunks(self._select(table)):
                part.take(chunk)
        if part.rejection:
            raise part.rejection
        self._check_count(table, part.rows, self.count(table, None))
        return part.rows

    def extract_quarters(self, table: DatabaseTable, targets: dict[Quarter, Path]) -> dict[Quarter, int | DeliveryRejected]:
        """Write the rows of each quarter, in the order of the primary key, to its target.

        Gives each quarter's number of rows, or why it is refused. The table is read once, with at most a chunk of rows of each quarter in
        memory at a time.
        """
        account = self.account(table)
        asked = [quarter for quarter in targets if account.of(quarter)]
        ends_on = _place(table, table.period_end)
        with ExitStack() as stack:
            parts = {quarter: stack.enter_context(TaxPart(self.url, table, target)) for quarter, target in targets.items()}
            for chunk in self._chunks(self._select(table).where(self._is_of(table, account, asked))) if asked else ():
                ends = [row[ends_on] for row in chunk]
                found = {end: quarter_ended(end) for end in set(ends)}
                if len(found) == 1 and (quarter := found[ends[0]]):
                    parts[quarter].take(chunk)
                    continue
                rows_of: dict[Quarter, list[Row]] = {}
                for row, end in zip(chunk, ends, strict=True):
                    quarter = found[end] or self._placed(table, row)
                    for each in [quarter] if quarter else asked:
                        rows_of.setdefault(each, []).append(row)
                for quarter, rows in rows_of.items():
                    if quarter in parts:
                        parts[quarter].take(rows)
        for quarter, part in parts.items():
            if not part.rejection:
                self._check_count(table, part.rows, account.of(quarter))
        return {quarter: part.rejection or part.rows for quarter, part in parts.items()}

    def _counted(self, table: DatabaseTable) -> Account:
        account, ends_on = Account(self.count(table, None)), self._cell(table, table.period_end)
        query = sa.select(ends_on, sa.func.count()).select_from(sa.table(table.name)).group_by(ends_on)
        for chunk in self._chunks(query):
            for end, rows in chunk:
                if quarter := quarter_ended(end):
                    account.ends[quarter] += rows
                    account.spellings[end] = quarter
                    if len(account.spellings) > MOST_SPELLINGS:
                        self._refuse_ends(table, f"more than {MOST_SPELLINGS} forms of periods' ends")
        if account.ends.total() < account.rows:
            for chunk in self._chunks(self._select(table).where(self._is_without_end(table, account))):
                for row in chunk:
                    quarter = self._placed(table, row)
                    if quarter:
                        account.placed[quarter] += 1
                    else:
                        account.unplaced += 1
        self._check_count(table, account.parts, account.rows)
        if account.unplaced and not account.ends and not account.placed:
            self._refuse_ends(table, f"{account.rows} rows, and no period's end among them")
        return account

    def _refuse_ends(self, table: DatabaseTable, found: str) -> NoReturn:
        expected = "days on which quarters end"
        raise rejected("value_unfit", self.url, table.name, found, expected, f"column {table.period_end}", value=table.period_end)

    def _placed(self, table: DatabaseTable, row: Row) -> Quarter | None:
        """The quarter of a row whose period's end is none."""
        start, filed = row[_place(table, table.period_start)], row[_place(table, table.filed_at)]
        return quarter_placed(start, filed, starts_with_year=table.starts_with_year)

    def _is_of(self, table: DatabaseTable, account: Account, quarters: list[Quarter]) -> sa.ColumnElement[bool]:
        mine = [end for end, quarter in account.spellings.items() if quarter in quarters]
        is_mine = self._cell(table, table.period_end).in_(_given(mine))
        return is_mine if account.ends.total() == account.rows else sa.or_(is_mine, self._is_without_end(table, account))

    def _is_without_end(self, table: DatabaseTable, account: Account) -> sa.ColumnElement[bool]:
        ends_on = self._cell(table, table.period_end)
        return sa.or_(ends_on.is_(None), ends_on.not_in(_given(account.spellings)))

    def _select(self, table: DatabaseTable) -> sa.Select[Any]:
        key: sa.ColumnElement[Any] = sa.column(table.primary_key)
        if table.name in self._keys_of_other_types:
            key = sa.cast(key, sa.BigInteger)
        columns = [self._cell(table, column.name) for column in table.columns]
        return sa.select(*columns).select_from(sa.table(table.name)).order_by(key)

    def _cell(self, table: DatabaseTable, name: str) -> sa.ColumnElement[Any]:
        """A column as it is read: PostgreSQL has days and moments that its driver does not, and gives them as text."""
        column: sa.ColumnClause[Any] = sa.column(name)
        is_read_as_text = self.connection.dialect.name == "postgresql" and table.columns[_place(table, name)].kind in ("date", "timestamp")
        return sa.cast(column, sa.Text) if is_read_as_text else column

    def _chunks(self, query: sa.Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of a query, never all of them at once."""
        with _collector_at_rest():
            yield from self._rows(query)

    def _rows(self, query: sa.Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
        if self.connection.dialect.name != "sqlite":
            with self.connection.execution_options(stream_results=True, yield_per=ROW_GROUP).execute(query) as result:
                yield from result.partitions()
            return
        # SQLite computes no row before it is asked for, and its driver's own rows are all that is needed.
        with self.connection.execute(query) as result:
            while result.cursor and (chunk := result.cursor.fetchmany(ROW_GROUP)):
                yield chunk

    def _check_count(self, table: DatabaseTable, rows: int, counted: int) -> None:
        if rows != counted:
            raise InfrastructureError(
                f"tax database: {shown(self.url)} table {table.name}: found {rows} rows received; expected the {counted} that the database "
                "counts at the same moment; next: run again, and have the connection looked at if it stays so"
            )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without looks for cycles of objects, which rows never make and which would go through all of them again and again."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


#: SQLAlchemy's types that hold each kind of the contract exactly. SQLite keeps days and moments as text under any name.
_DECLARED: dict[str, tuple[type[Any], ...]] = {
    "bigint": (sa.Integer, sa.Numeric, sa.String),
    "varchar": (sa.String,),
    "char": (sa.String,),
    "date": (sa.Date, sa.DateTime, sa.String, sa.Integer),
    "timestamp": (sa.DateTime, sa.String),
    "amount": (sa.Numeric, sa.Integer, sa.String),
}


def _place(table: DatabaseTable, name: str) -> int:
    return [column.name for column in table.columns].index(name)


def _given(cells: Iterable[Any]) -> sa.BindParameter[Any]:
    """Cells to compare a column with, just as the database gave them."""
    return sa.bindparam(None, list(cells), type_=sa.types.NULLTYPE, expanding=True)
