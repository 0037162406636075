"""Reading the tax office's database: one read transaction, checked schema, streamed to Parquet in its own types.

Here: reading and freezing rows. Not here: connecting (tax_database.py), which extract is a new delivery (tax.py).
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.confidential import form_of
from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.feeds import TAX_TABLES, Column, DatabaseTable
from pipelines.landing.parquet import ROW_GROUP, extract_schema
from pipelines.landing.tax_columns import Unfit, typed
from pipelines.landing.tax_database import connected, rejected, shown
from pipelines.quarters import Quarter


@contextmanager
def snapshot(tax_url: str) -> Iterator[Snapshot]:
    """The database at one moment, for the length of a block; `InfrastructureError` if it cannot be reached or read."""
    with connected(tax_url) as (connection, url):
        yield Snapshot(connection, url)


class Snapshot:
    """One read transaction on a tax database whose tables are those of the contract."""

    def __init__(self, connection: sa.Connection, url: sa.URL) -> None:
        self.connection, self.url = connection, url
        self.check_schema()

    def check_schema(self) -> None:
        """Refuse a database without a table or column of the contract, before anything is read."""
        inspector = sa.inspect(self.connection)
        present = {*inspector.get_table_names(), *inspector.get_view_names()}
        for table in TAX_TABLES:
            if table.name not in present:
                found = f"tables {', '.join(sorted(present)) or 'none'}"
                raise rejected("table_missing", self.url, table.name, found, f"a table {table.name}", value="、".join(sorted(present)))
            types = {column["name"]: column["type"] for column in inspector.get_columns(table.name)}
            missing = ", ".join(column.name for column in table.columns if column.name not in types)
            if missing:
                raise rejected("column_missing", self.url, table.name, f"columns {', '.join(types)}", f"also {missing}", value=missing)
            for column in table.columns:
                self._check_type(table, column, types[column.name])

    def _check_type(self, table: DatabaseTable, column: Column, found: sa.types.TypeEngine[Any]) -> None:
        """Refuse a column whose declared type cannot hold the contract's values exactly.

        SQLite enforces no types, and its values are judged one by one; so are those of a column that declares none.
        """
        if self.connection.dialect.name == "sqlite":
            return
        if isinstance(found, sa.types.NullType) or (isinstance(found, _DECLARED[column.kind]) and not isinstance(found, sa.Float)):
            return
        expected = f"a column declared as {column.kind if column.kind != 'amount' else 'numeric(18,2)'}"
        raise rejected(
            "column_type", self.url, table.name, f"a column declared as {found}", expected, f"column {column.name}", value=str(found)
        )

    def notes(self) -> list[str]:
        """What the office should know of the account that reads."""
        if self.connection.dialect.name != "postgresql":
            return []
        right = sa.func.has_table_privilege(sa.bindparam("table"), "INSERT, UPDATE, DELETE")
        writable = [table.name for table in TAX_TABLES if self.connection.execute(sa.select(right), {"table": table.name}).scalar_one()]
        return [f"the reading account may write to {', '.join(writable)}: have the right taken away"] if writable else []

    def count(self, table: DatabaseTable, quarter: Quarter | None) -> int:
        """Rows of a table (whose period ends in the quarter, if given), as the database has them now."""
        query = sa.select(sa.func.count()).select_from(sa.table(table.name, sa.column(table.primary_key)))
        return int(self.connection.execute(query.where(*_ends_in(table, quarter)) if quarter else query).scalar_one())

    def has_before(self, table: DatabaseTable, quarter: Quarter) -> bool:
        """Whether any row's period ends before the quarter."""
        query = sa.select(sa.literal(1)).select_from(sa.table(table.name, sa.column(table.primary_key)))
        return self.connection.execute(query.where(sa.column(table.period_end, sa.Date) < quarter.first_day).limit(1)).first() is not None

    def extract(self, table: DatabaseTable, target: Path) -> int:
        """Write a whole table, in the order of the primary key, to `target`; the number of its rows."""
        with _Part(self, table, target) as part:
            for chunk in self._chunks(self._select(table)):
                part.take(chunk)
        if part.rejection:
            raise part.rejection
        self._check_count(table, part.rows, self.count(table, None))
        return part.rows

    def extract_quarters(self, table: DatabaseTable, targets: dict[Quarter, Path]) -> dict[Quarter, int | DeliveryRejected]:
        """Write the rows whose period ends in each quarter, in the order of the primary key, to its target.

        Gives each quarter's number of rows, or why it is refused. The table is read once, with at most a chunk of rows of each quarter in
        memory at a time.
        """
        is_asked = sa.or_(*(sa.and_(*_ends_in(table, *run)) for run in _runs(sorted(targets))))
        ends_on = [column.name for column in table.columns].index(table.period_end)
        quarter_of: dict[Any, Quarter] = {}
        with ExitStack() as stack:
            parts = {quarter: stack.enter_context(_Part(self, table, target)) for quarter, target in targets.items()}
            for chunk in self._chunks(self._select(table).where(is_asked)):
                ends = [row[ends_on] for row in chunk]
                found = set(ends)
                quarter_of |= {end: _quarter_of(end, targets) for end in found - quarter_of.keys()}
                for quarter in {quarter_of[end] for end in found}:
                    its_ends = {end for end in found if quarter_of[end] == quarter}
                    is_all = len(its_ends) == len(found)
                    parts[quarter].take(chunk if is_all else [row for row, end in zip(chunk, ends, strict=True) if end in its_ends])
        counted = self._counts(table, is_asked, targets)
        for quarter, part in parts.items():
            if not part.rejection:
                self._check_count(table, part.rows, counted[quarter])
        return {quarter: part.rejection or part.rows for quarter, part in parts.items()}

    def _select(self, table: DatabaseTable) -> sa.Select[Any]:
        columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in table.columns]
        return sa.select(*columns).select_from(sa.table(table.name, *columns)).order_by(sa.column(table.primary_key))

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

    def _counts(self, table: DatabaseTable, is_asked: sa.ColumnElement[bool], quarters: Iterable[Quarter]) -> Counter[Quarter]:
        """How many rows the database has of each quarter now."""
        ends_on: sa.ColumnClause[Any] = sa.column(table.period_end)
        query = sa.select(ends_on, sa.func.count()).select_from(sa.table(table.name, ends_on)).where(is_asked).group_by(ends_on)
        counted: Counter[Quarter] = Counter()
        for row in self.connection.execute(query):
            counted[_quarter_of(row[0], quarters)] += int(row[1])
        return counted

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


class _Part:
    """The rows of a table, or those of one quarter, on their way to a file: written in chunks of `ROW_GROUP`, whatever they came in.

    `rejection` is what is wrong with them; from then on nothing is taken.
    """

    def __init__(self, source: Snapshot, table: DatabaseTable, target: Path) -> None:
        self._source, self._table = source, table
        self._key = [column.name for column in table.columns].index(table.primary_key)
        self._schema = extract_schema(table.columns)
        self._sink = pq.ParquetWriter(target, self._schema, compression="zstd", store_schema=False)
        self._waiting: list[Sequence[Any]] = []
        self._last_key: Any = None
        self.rows = 0
        self.rejection: DeliveryRejected | None = None

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._waiting:
            self._write(self._waiting)
        self._sink.close()

    def take(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take the rows that follow."""
        self._waiting.extend(rows)
        while len(self._waiting) >= ROW_GROUP:
            chunk, self._waiting = self._waiting[:ROW_GROUP], self._waiting[ROW_GROUP:]
            self._write(chunk)

    def _write(self, chunk: Sequence[Sequence[Any]]) -> None:
        if self.rejection:
            return
        values = list(zip(*chunk, strict=True))
        try:
            self._check_keys(values[self._key])
            arrays = [self._array(column, cells, values) for column, cells in zip(self._table.columns, values, strict=True)]
        except DeliveryRejected as rejection:
            self.rejection = rejection
            return
        self._sink.write_batch(pa.record_batch(arrays, schema=self._schema))
        self.rows += len(chunk)

    def _check_keys(self, keys: tuple[Any, ...]) -> None:
        """Refuse a key that is missing or there twice."""
        if len({self._last_key, None, *keys}) == len(keys) + 1 + (self._last_key is not None):
            self._last_key = keys[-1]
            return
        bad = next((key for key in keys if key is None), 0)
        twice = next((later for earlier, later in pairwise((self._last_key, *keys)) if earlier == later), None)
        if bad is None or twice is not None:
            found = "a row without a key" if bad is None else f"key {twice} twice"
            place, value = f"column {self._table.primary_key}", "" if bad is None else str(twice)
            raise rejected("key_duplicate", self._source.url, self._table.name, found, "every key once", place, value=value)
        self._last_key = keys[-1]

    def _array(self, column: Column, cells: tuple[Any, ...], values: list[tuple[Any, ...]]) -> pa.Array:
        try:
            return typed(column, cells)
        except Unfit as unfit:
            form = form_of(cells[unfit.at])
            place = f"{self._table.primary_key} {values[self._key][unfit.at]} column {column.name}"
            step = "ask the tax office to correct the value"
            found, expected = f"a value of the form {form}", f"a value of type {unfit.kind}"
            raise rejected("value_unfit", self._source.url, self._table.name, found, expected, place, step, form) from unfit


#: SQLAlchemy's types for each kind of the contract. SQLite keeps days and moments as text under any name.
_DECLARED: dict[str, tuple[type[Any], ...]] = {
    "bigint": (sa.Integer,),
    "varchar": (sa.String,),
    "char": (sa.String,),
    "date": (sa.Date, sa.DateTime, sa.String),
    "timestamp": (sa.DateTime, sa.String),
    "amount": (sa.Numeric, sa.Integer),
}


def _ends_in(table: DatabaseTable, first: Quarter, last: Quarter | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    ends_on = sa.column(table.period_end, sa.Date)
    # Half-open, so that a database that stores the day as text with a time gives the same rows.
    return (ends_on >= first.first_day, ends_on < (last or first).plus(1).first_day)


def _runs(quarters: Sequence[Quarter]) -> list[tuple[Quarter, Quarter]]:
    """First and last of each run of quarters that follow one another."""
    firsts = [quarter for quarter in quarters if quarter.plus(-1) not in quarters]
    lasts = [quarter for quarter in quarters if quarter.plus(1) not in quarters]
    return list(zip(firsts, lasts, strict=True))


def _quarter_of(end: Any, quarters: Iterable[Quarter]) -> Quarter:
    """Which of the quarters a period ends in, of a day that `_ends_in` found for them; SQLite compares days as the texts that they are."""
    day = end if isinstance(end, str) else f"{end:%Y-%m-%d}"
    return next(each for each in quarters if str(each.first_day) <= day < str(each.plus(1).first_day))
