"""Column lineage that was read before is not read again, and is never that of other SQL, parents or code."""

from pathlib import Path

import pytest

from pipelines.transform import column_lineage
from pipelines.transform.column_lineage import KnownLineage

PARENTS = {"model.i315.stg": '"warehouse"."main"."stg"'}
SQL = """select quarter, amount * 2 as twice from "warehouse"."main"."stg" where quarter in ({quarters})"""
EXPECTED = {"quarter": [("model.i315.stg", "quarter")], "twice": [("model.i315.stg", "amount")]}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL that was taken apart."""
    taken_apart: list[str] = []
    real = column_lineage.column_parents

    def counted(sql: str, parents: dict[str, str]) -> column_lineage.ColumnParents:
        taken_apart.append(sql)
        return real(sql, parents)

    monkeypatch.setattr(column_lineage, "column_parents", counted)
    return taken_apart


def test_a_model_of_other_quarters_is_read_once(tmp_path: Path, read: list[str]) -> None:
    for quarters in ("'2023Q3'", "'2023Q3', '2023Q4'", "'2024Q1'"):
        known = KnownLineage(tmp_path / "lineage.json")
        assert known.column_parents(SQL.format(quarters=quarters), PARENTS) == EXPECTED
        known.keep()
    assert len(read) == 1


def test_other_sql_other_parents_and_other_code_are_read_anew(tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lineage.json"
    sql = SQL.format(quarters="'2023Q3'")
    first = KnownLineage(path)
    first.column_parents(sql, PARENTS)
    first.keep()
    known = KnownLineage(path)
    assert known.column_parents(sql.replace("amount", "size"), PARENTS)["twice"] == [("model.i315.stg", "size")]
    renamed = {"model.i315.other": PARENTS["model.i315.stg"]}
    assert known.column_parents(sql, renamed)["twice"] == [("model.i315.other", "amount")]
    assert len(read) == 3
    monkeypatch.setattr(column_lineage, "version", lambda package: "another")
    KnownLineage(path).column_parents(sql, PARENTS)
    assert len(read) == 4


def test_only_what_was_asked_for_is_kept(tmp_path: Path, read: list[str]) -> None:
    path = tmp_path / "lineage.json"
    for column in ("amount", "size", "amount"):
        known = KnownLineage(path)
        known.column_parents(SQL.format(quarters="'2023Q3'").replace("amount", column), PARENTS)
        known.keep()
    assert len(read) == 3
