"""Confidentiality: after a run no firm stands in anything that others than the operator may open."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Office

#: What may hold a firm's rows: the workshop, delivered bytes, landed rows and what was added up of them, and the lists and receipts
#: that are the operator's alone.
ITS_OWNERS_ALONE = {"archive", "landing", "lineage", "warehouse.duckdb", "quarantine", "receipts", "scoring_inputs", "internal"}
_CODE = re.compile(rb"[0-9A-HJ-NPQRTUWXY]{18}")


@pytest.fixture(scope="module")
def firms(small: Office) -> tuple[set[str], set[str]]:
    """Codes (18 characters) and names of all firms in the drop folder's contracts and in the tax register."""
    codes, names = set(), set()
    for file in small.data_raw.rglob("*.csv"):
        with file.open(encoding="gb18030", newline="") as opened:
            for row in csv.DictReader(opened):
                codes |= {row["卖方统一社会信用代码"], row["买方统一社会信用代码"]}
                names |= {row["卖方名称"], row["买方名称"]}
    with sqlite3.connect(small.data_raw / "tax.sqlite") as connection:
        for code, name in connection.execute("select nsrsbh, nsrmc from dj_nsrxx"):
            codes.add(code)
            names.add(name)
    return {code for code in codes if code and len(code) == 18}, {name for name in names if name and len(name) > 4}


def opened_to_others(warehouse: Path) -> list[Path]:
    return [
        path for top in sorted(warehouse.iterdir()) if top.name not in ITS_OWNERS_ALONE for path in [top, *top.rglob("*")] if path.is_file()
    ]


def test_no_firm_stands_in_events_logs_metadata_findings_lineage_or_editions(small: Office, firms: tuple[set[str], set[str]]) -> None:
    codes, names = firms
    assert min(len(codes), len(names)) > 200
    written = [name.encode() for name in names] + [json.dumps(name)[1:-1].encode() for name in names]
    any_name = re.compile(b"|".join(re.escape(each) for each in written))
    files = opened_to_others(small.warehouse)
    assert {"dagster_home", "openlineage", "findings", "editions", "dbt"} <= {file.relative_to(small.warehouse).parts[0] for file in files}
    for file in files:
        content = file.read_bytes()
        assert not {found.decode() for found in _CODE.findall(content)} & codes, file
        assert not any_name.search(content), file
