"""Reading the tax office's database: one read transaction, checked schema, streamed to Parquet in its own types.

Here: connecting, reading and freezing rows. Not here: which extract is a new delivery (tax.py).
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.confidential import form_of
from pipelines.errors import Code, DeliveryRejected, InfrastructureError, Problem
from pipelines.feeds import TAX_TABLES, Column, DatabaseTable
from pipelines.landing.parquet import ROW_GROUP, extract_schema
from pipelines.quarters import BEIJING, Quarter

CONNECT_SECONDS, STATEMENT_MILLISECONDS = 10, 30 * 60 * 1000
_TIMEOUTS = {
    "statement_timeout": STATEMENT_MILLISECONDS,
    "lock_timeout": 60 * 1000,
    "idle_in_transaction_session_timeout": STATEMENT_MILLISECONDS,
}
_STEP = "ask the tax office for the table as the contract says"


def shown(url: sa.URL) -> str:
    """The database's address without anything secret: no password, no query."""
    return url.set(query={}).render_as_string(hide_password=True)


def rejected(
    code: Code, url: sa.URL, table: str, found: str, expected: str, place: str = "", next_step: str = _STEP, value: str = ""
) -> DeliveryRejected:
    """Build the rejection of what the database holds."""
    return DeliveryRejected(Problem(code, shown(url), found, expected, next_step, sheet=table, place=place, value=value))


def _unreachable(url: sa.URL, error: BaseException, secret: str | None) -> InfrastructureError:
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if secret:
        first_line = first_line.replace(secret, "***")
    return InfrastructureError(
        f"tax database unreachable: {shown(url)}: found {type(error).__name__}: {first_line}; expected a database that answers and may be "
        "read; next: check I315_TAX_URL (or --tax-url), the server, the network, the user's password and right to read"
    )


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(f"sqlite+{url.get_dialect().driver}://", creator=lambda: _sqlite_read_only(url), poolclass=sa.NullPool)
        # pysqlite begins no transaction before a select; without one every select would see another moment.
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    timeout = {"connect_timeout": CONNECT_SECONDS} if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query else {}
    return sa.create_engine(url, connect_args=timeout, poolclass=sa.NullPool)


def _sqlite_read_only(url: sa.URL) -> sqlite3.Connection:
    name = (url.database or "").removeprefix("file:").partition("?")[0]
    return sqlite3.connect(f"file:{quote(str(Path(name).absolute()))}?mode=ro", uri=True, isolation_level=None)


@contextmanager
def snapshot(tax_url: str) -> Iterator[Snapshot]:
    """The database at one moment, for the length of a block; `InfrastructureError` if it cannot be reached or read."""
    try:
        url = sa.make_url(tax_url)
        engine = _engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise InfrastructureError(
            f"tax database: found a URL or driver that cannot be used ({type(error).__name__}); expected a SQLAlchemy URL such as "
            "postgresql+psycopg://user:password@host/database; next: correct I315_TAX_URL (or --tax-url)"
        ) from error
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                for setting, milliseconds in _TIMEOUTS.items():
                    connection.execute(sa.text(f"SET LOCAL {setting} = {milliseconds}"))
            yield Snapshot(connection, url)
    except sa.exc.DBAPIError as error:
        raise _unreachable(url, error.orig or error, url.password) from error
    finally:
        engine.dispose()


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

    def extract(self, table: DatabaseTable, quarter: Quarter | None, target: Path) -> int:
        """Write a table's rows (those of one quarter if given), in the order of the primary key, to `target`; their number.

        Only one chunk of rows is in memory at a time.
        """
        schema = extract_schema(table.columns)
        columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in table.columns]
        query = sa.select(*columns).select_from(sa.table(table.name, *columns)).order_by(sa.column(table.primary_key))
        if quarter is not None:
            query = query.where(*_ends_in(table, quarter))
        rows, last_key = 0, None
        with (
            pq.ParquetWriter(target, schema, compression="zstd", store_schema=False) as sink,
            self.connection.execution_options(stream_results=True, yield_per=ROW_GROUP).execute(query) as result,
        ):
            for chunk in result.partitions():
                values = list(zip(*chunk, strict=True))
                last_key = self._check_keys(table, values[self._key_index(table)], last_key)
                arrays = [self._array(table, column, cells, values) for column, cells in zip(table.columns, values, strict=True)]
                sink.write_batch(pa.record_batch(arrays, schema=schema))
                rows += len(chunk)
        counted = self.count(table, quarter)
        if rows != counted:
            raise InfrastructureError(
                f"tax database: {shown(self.url)} table {table.name}: found {rows} rows received; expected the {counted} that the database "
                "counts at the same moment; next: run again, and have the connection looked at if it stays so"
            )
        return rows

    def _key_index(self, table: DatabaseTable) -> int:
        return [column.name for column in table.columns].index(table.primary_key)

    def _check_keys(self, table: DatabaseTable, keys: tuple[Any, ...], last_key: Any) -> Any:
        """Refuse a key that is missing or there twice; the last key of the chunk."""
        bad = next((key for key in keys if key is None), 0)
        twice = next((later for earlier, later in pairwise((last_key, *keys)) if earlier == later), None)
        if bad is None or twice is not None:
            found = "a row without a key" if bad is None else f"key {twice} twice"
            value = "" if bad is None else str(twice)
            raise rejected("key_duplicate", self.url, table.name, found, "every key once", f"column {table.primary_key}", value=value)
        return keys[-1]

    def _array(self, table: DatabaseTable, column: Column, cells: tuple[Any, ...], values: list[tuple[Any, ...]]) -> pa.Array:
        kind = extract_schema([column]).field(0).type
        try:
            at_once = _at_once(column, cells, kind)
            return pa.array(_CONVERTERS[column.kind](cells), kind) if at_once is None else at_once
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            at = next(index for index, cell in enumerate(cells) if not _fits(column, cell, kind))
        key = values[self._key_index(table)][at]
        raise rejected(
            "value_unfit",
            self.url,
            table.name,
            f"a value of the form {form_of(cells[at])}",
            f"a value of type {kind}",
            f"{table.primary_key} {key} column {column.name}",
            "ask the tax office to correct the value",
            form_of(cells[at]),
        )


#: SQLAlchemy's types for each kind of the contract. SQLite keeps days and moments as text under any name.
_DECLARED: dict[str, tuple[type[Any], ...]] = {
    "bigint": (sa.Integer,),
    "varchar": (sa.String,),
    "char": (sa.String,),
    "date": (sa.Date, sa.DateTime, sa.String),
    "timestamp": (sa.DateTime, sa.String),
    "amount": (sa.Numeric, sa.Integer),
}


def _ends_in(table: DatabaseTable, quarter: Quarter) -> tuple[sa.ColumnElement[bool], ...]:
    ends_on = sa.column(table.period_end, sa.Date)
    # Half-open, so that a database that stores the day as text with a time gives the same rows.
    return (ends_on >= quarter.first_day, ends_on < quarter.plus(1).first_day)


def _at_once(column: Column, cells: tuple[Any, ...], kind: pa.DataType) -> pa.Array | None:
    """A whole column as Arrow converts it, where all cells are of the form in which databases mostly give them; else None.

    SQLite gives amounts as floats and days and moments as text. What is not taken here is looked at cell by cell.
    """
    if column.kind == "char":
        return None
    try:
        if column.kind in ("bigint", "varchar"):
            return pa.array(cells, kind)
        if column.kind == "amount":
            return _hundredths(pa.array(cells, pa.float64()), kind)
        found = pc.cast(pa.array(cells, pa.string()), kind)
        # Arrow knows a year 0, and no calendar of ours does.
        pc.min(found).as_py()
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        # What Arrow raises for cells of another form: the caller reads them one by one, and names the one that is wrong.
        return None
    return found


def _hundredths(floats: pa.Array, kind: pa.Decimal128Type) -> pa.Array | None:
    """Floats as decimals of two places, exactly what their shortest texts say; None if any has more places or digits.

    A decimal of up to 15 digits is the shortest text of the float nearest to it.
    """
    given = floats.fill_null(0.0).to_numpy()
    hundredths = np.rint(given * 100)
    if not (np.all(hundredths / 100 == given) and np.all(np.abs(hundredths) < 1e15)):
        return None
    low = hundredths.astype("<i8")
    # 128 bits, little end first: the upper half repeats the sign.
    halves = np.stack([low, low >> 63], axis=1)
    decimals = pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(halves.tobytes())])
    return pc.if_else(floats.is_valid(), decimals, pa.scalar(None, kind))


def _fits(column: Column, cell: Any, kind: pa.DataType) -> bool:
    try:
        pa.array(_CONVERTERS[column.kind]((cell,)), kind)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        return False
    return True


def _amount(cell: Any) -> Decimal | None:
    # A float from SQLite is the nearest to what was stored as text: its shortest form is that text again.
    return cell if cell is None or isinstance(cell, Decimal) else Decimal(str(cell))


def _date(cell: Any) -> dt.date | None:
    if cell is None or (isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)):
        return cell
    moment = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(cell)
    if moment.time() != dt.time():
        raise ValueError(f"a day with a time: {cell}")
    return moment.date()


def _moment(cell: Any) -> dt.datetime | None:
    if cell is None:
        return None
    moment = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(cell)
    return moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment


_CONVERTERS: dict[str, Any] = {
    "bigint": list,
    "varchar": list,
    # PostgreSQL pads char(n) with blanks; they are no part of the value.
    "char": lambda cells: [cell.rstrip(" ") if isinstance(cell, str) else cell for cell in cells],
    "date": lambda cells: [_date(cell) for cell in cells],
    "timestamp": lambda cells: [_moment(cell) for cell in cells],
    "amount": lambda cells: [_amount(cell) for cell in cells],
}
