"""Faults of the tax office's database as a whole: part D of the catalogue. What needs a server: test_tax_on_postgresql.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import Code
from tests.integration.faults.cases import Rejected

Q1_VAT = "skssq_z >= '2023-01-01' and skssq_z < '2023-04-01'"
ONE_VAT = f"sbxh = (select min(sbxh) from sb_zzs where {Q1_VAT})"
ONE_FIRM = "djxh = (select min(djxh) from dj_nsrxx)"


def case(fault: str, words: str, code: Code, table: str, place: str, found: str, value: str | None, *statements: str) -> Rejected:
    where = f"sheet {table}" + (f" {place}" if place else "")
    return Rejected(fault, words, "tax", statements, code, where, found, value)


def without_key(table: str) -> tuple[str, ...]:
    return f"create table made as select * from {table}", f"drop table {table}", f"alter table made rename to {table}"


def replaced_by_view(table: str, columns: str) -> tuple[str, ...]:
    return f"alter table {table} rename to kept", f"create view {table} as select {columns} from kept"


REGISTER_CASES = [
    case("D05", "a table gone", "table_missing", "sb_yfjjkc", "", "tables dj_nsrxx", None, "drop table sb_yfjjkc"),
    case(
        "D05",
        "a column renamed",
        "column_missing",
        "sb_zzs",
        "",
        "columns sbxh",
        "ms_jsxse",
        "alter table sb_zzs rename column ms_jsxse to msxse",
    ),
    case(
        "D05",
        "a view redefined without a column",
        "column_missing",
        "dj_nsrxx",
        "",
        "columns djxh",
        "xgrq",
        *replaced_by_view("dj_nsrxx", "djxh, nsrsbh, nsrmc, xzqh_dm, hy_dm, djrq, nsrzt_dm"),
    ),
    case("C12", "a column dropped", "column_missing", "sb_zzs", "", "columns sbxh", "sbrq", "alter table sb_zzs drop column sbrq"),
    case(
        "A02",
        "no return of a quarter that had some",
        "body_empty",
        "sb_zzs, sb_yfjjkc",
        "",
        "no row for 2023Q1",
        "2023Q1",
        f"delete from sb_zzs where {Q1_VAT}",
    ),
    case("A02", "no taxpayer", "body_empty", "dj_nsrxx", "", "no row for 2023Q1", "2023Q1", "delete from dj_nsrxx"),
    case(
        "D11",
        "a key twice",
        "key_duplicate",
        "sb_zzs",
        "column sbxh",
        "twice",
        None,
        *without_key("sb_zzs"),
        f"insert into sb_zzs select * from sb_zzs where {ONE_VAT}",
    ),
    case(
        "D11",
        "a row without a key",
        "key_duplicate",
        "sb_zzs",
        "column sbxh",
        "a row without a key",
        "",
        *without_key("sb_zzs"),
        f"update sb_zzs set sbxh = null where {ONE_VAT}",
    ),
]


@dataclass(frozen=True)
class Unreachable:
    """A database that cannot be read: its URL, given a folder, and what the error line must say."""

    id: str
    words: str
    url: Callable[[Path], str]
    found: str

    @property
    def name(self) -> str:
        return f"{self.id} {self.words} [tax]"


def _spoilt(folder: Path, content: bytes) -> str:
    path = folder / "spoilt.sqlite"
    path.write_bytes(content)
    return f"sqlite:///{path}"


UNREACHABLE = [
    Unreachable("D01", "a server that refuses", lambda _: "postgresql+psycopg://u:geheim@127.0.0.1:1/d", "unreachable"),
    Unreachable("D01", "a host that no name server knows", lambda _: "postgresql+psycopg://u:geheim@no.such.host.invalid/d", "unreachable"),
    Unreachable("D01", "a file that is not there", lambda folder: f"sqlite:///{folder / 'none.sqlite'}", "unreachable"),
    Unreachable("D10", "a password in a URL that cannot be used", lambda _: "nosuchdb://u:geheim@host/d", "cannot be used"),
    Unreachable("A03", "a file that is no database", lambda folder: _spoilt(folder, b"no database, but long enough" * 99), "unreachable"),
]
