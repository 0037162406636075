"""Paths with odd characters work, or are refused by name before anything is done."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.landing.tax_extract import snapshot
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.sample import write_sample
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse
from tests.conftest import I315, clean_environment

FIT = ["中文 目录", "a b", "it's", 'say "so"', "a#b", "50%", "a;b", "$HOME", "{x}", "a&b=c:d", " x "]
UNFIT = {
    "a,b": "','",
    "a?b": "'?'",
    "a*b": "'*'",
    "[a]": "'['",
    "a\\b": "'\\\\'",
    "a%41b": "'%41'",
    "a\nb": "'\\n'",
    "a\udcb5b": "'\\udcb5'",
}


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("I315_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("name", FIT)
def test_a_warehouse_with_this_name_keeps_its_ledger_and_finds_its_landing(tmp_path: Path, name: str) -> None:
    settings = load_settings(warehouse=tmp_path / name)
    (settings.warehouse / "landing").mkdir(parents=True)
    Ledger(settings.ledger_database_url)
    assert [path.name for path in settings.warehouse.iterdir() if path.is_file()] == ["ledger.sqlite"]
    warehouse = Warehouse(settings.warehouse)
    with warehouse.connect(read_only=False) as connection:
        connection.execute("create table one as select 1 as a")
        connection.execute(f"copy one to '{str(warehouse.landing / 'x.parquet').replace(chr(39), 2 * chr(39))}' (format parquet)")
        assert connection.execute("select a from read_parquet('landing/*.parquet')").fetchall() == [(1,)]


@pytest.mark.parametrize(("name", "found"), UNFIT.items(), ids=map(ascii, UNFIT))
def test_a_warehouse_whose_path_a_database_reads_otherwise_is_refused_by_name(tmp_path: Path, name: str, found: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_settings(warehouse=tmp_path / name)
    assert f"I315_WAREHOUSE (--warehouse): found {found} in " in str(refused.value)


def test_a_link_to_such_a_folder_is_refused_and_one_from_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    (tmp_path / "plain").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a,b")
    (tmp_path / "a,b" / "link").symlink_to(tmp_path / "plain")
    with pytest.raises(UsageError, match="found ','"):
        load_settings(warehouse=tmp_path / "link")
    assert load_settings(warehouse=tmp_path / "a,b" / "link").warehouse == tmp_path / "plain"


@pytest.mark.parametrize("name", ["x" * 256, "/".join(["y" * 200] * 16)])
def test_a_path_that_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    for option in ("warehouse", "data_raw"):
        with pytest.raises(UsageError, match="choose a shorter one"):
            load_settings(**{option: tmp_path / name})


@pytest.mark.parametrize("name", [*FIT, "a,b", "a?b", "a*b", "[a]", "a\\b", "a%41b"])
def test_a_drop_folder_with_this_name_holds_the_tax_database(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    write_tables(folder / "tax.sqlite")
    settings = load_settings(data_raw=folder)
    with snapshot(settings.tax_database_url) as tax:
        assert tax.notes() is not None


def write_tables(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(
            "create table dj_nsrxx (djxh bigint primary key, nsrsbh varchar(20), nsrmc varchar(200), xzqh_dm char(6), hy_dm char(4), "
            "djrq date, nsrzt_dm char(2), xgrq timestamp)"
        )
        connection.execute(
            "create table sb_zzs (sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, xse numeric(18,2), ynse numeric(18,2), "
            "ms_jsxse numeric(18,2), sbrq timestamp)"
        )
        connection.execute(
            "create table sb_yfjjkc (sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, sblx_dm char(2), xmsl int, "
            "yffy_gj numeric(18,2), jjkc_je numeric(18,2), sbrq timestamp)"
        )
    connection.close()


def test_a_sample_lies_in_a_folder_with_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a,b'c\"d#e%41f?g;h$i{j}[k]*l\\m 中\n \udcb5"
    write_sample(folder, scale=0.02, seed=3, first=Quarter(2023, 1), last=Quarter(2023, 1))
    assert sorted(path.name for path in folder.iterdir()) == ["2023Q1", "tax.sqlite"]


def test_a_run_into_a_folder_with_a_comma_ends_at_once_as_a_usage_error_and_makes_nothing(tmp_path: Path) -> None:
    command = [str(I315), "run", "2023Q1", "--warehouse", str(tmp_path / "a,b")]
    finished = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "found ','" in finished.stderr
    assert list(tmp_path.iterdir()) == []
