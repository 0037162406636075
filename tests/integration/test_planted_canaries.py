"""Two hundred planted names, codes, amounts and values, and a password in a URL: none of them in anything that others may open.

A quarter is delivered again with them in every feed, among them rows that are quarantined, and published; then the tax office's server
does not answer, and deliveries that hold them are rejected. Looked through are events, logs, metadata, findings, lineage for catalogues,
editions (workbooks and Parquet unpacked) and what the commands printed.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import stat
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from stdnum.cn import uscc

from tests import warm
from tests.conftest import Office
from tests.integration.broken_deliveries import RECEIVED, Contracts, copied, edited_workbook
from tests.integration.test_nothing_of_firms import opened_to_others

QUARTER, NAMED, CODED, PAID, BROKEN, TAXED = "2023Q1", 45, 30, 25, 2, 50
SIDES = ("卖方行政区划代码", "买方行政区划代码")
PASSWORD = "jinsique-mima-0001"


@dataclass(frozen=True)
class Planted:
    """The canaries, the office that they were delivered to, and all that the command printed."""

    canaries: list[str]
    office: Office
    printed: str


@pytest.fixture(scope="module")
def planted(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    office = copied(small, tmp_path_factory.mktemp("canaries"))
    canaries = [*_in_contracts(office), *_in_register(office)]
    canaries += _in_workbook(office, "incubators", {"孵化载体": (1, 2, 6), "在孵企业": (1, 2, 3)})
    canaries += _in_workbook(office, "statistics", {"规上企业": (4, 2, 1)})
    published = warm.run(office, QUARTER)
    assert published.returncode == 0, published.stdout + published.stderr
    unreachable = f"postgresql+psycopg://reader:{PASSWORD}@127.0.0.1:9/tax"
    places = ["--data-raw", str(office.data_raw), "--warehouse", str(office.warehouse), "--tax-url", unreachable]
    stopped = warm.i315("run", QUARTER, *places, "--verbose", cwd=office.cwd)
    assert stopped.returncode == 30, stopped.stdout + stopped.stderr
    told = [published, stopped]
    for spoil in (_an_open_quote, _a_file_cut_off, _bytes_of_no_encoding, _text_in_a_key_of_the_tax_office):
        spoil(office)
        told.append(warm.i315("run", QUARTER, *office.places, "--verbose", cwd=office.cwd))
        assert told[-1].returncode == 20, told[-1].stdout + told[-1].stderr
    return Planted([*canaries, PASSWORD], office, "".join(each.stdout + each.stderr for each in told))


def _in_contracts(office: Office) -> list[str]:
    export, canaries = Contracts(office, QUARTER), []
    counted = [each for each in export.records if each["合同状态"] == "已登记"]
    for number, record in enumerate(counted[:NAMED]):
        record["卖方名称"], record["合同名称"] = f"金丝雀卖方{number:04d}公司", f"金丝雀项目{number:04d}"
        canaries += [record["卖方名称"], record["合同名称"]]
    for number, record in enumerate(counted[NAMED : NAMED + CODED]):
        body = f"91330108MB{number:04d}QQQ"
        record["买方统一社会信用代码"] = body + uscc.calc_check_digit(body)
        canaries.append(record["买方统一社会信用代码"])
    # What one of many contracts adds to a figure is not its amount; what one of few adds is for the rules of disclosure.
    is_large = [{code for code, count in Counter(row[side] for row in counted).items() if count > 5} for side in SIDES]
    among_many = [
        row for row in counted[NAMED + CODED : -BROKEN] if all(row[side] in large for side, large in zip(SIDES, is_large, strict=True))
    ]
    assert len(among_many) >= PAID
    for number, record in enumerate(among_many[:PAID]):
        amount = f"17{number:02d}.3{number % 10}"
        record["合同成交总额(万元)"] = record["技术交易额(万元)"] = amount
        canaries += [amount, amount.replace(".", "") + "00"]
    for number, record in enumerate(counted[-BROKEN:]):
        record["登记日期"] = f"金丝雀日期{number:04d}"
        canaries.append(record["登记日期"])
    export.deliver()
    return canaries


def _in_register(office: Office) -> list[str]:
    canaries = []
    with sqlite3.connect(office.data_raw / "tax.sqlite") as connection:
        for number, (key,) in enumerate(connection.execute("select djxh from dj_nsrxx order by djxh limit ?", [TAXED]).fetchall()):
            canaries.append(f"金丝雀纳税人{number:04d}")
            connection.execute("update dj_nsrxx set nsrmc = ? where djxh = ?", [canaries[-1], key])
    return canaries


def _in_workbook(office: Office, feed: str, sheets: dict[str, tuple[int, int, int]]) -> list[str]:
    """Firms in the first rows of each sheet: header row, column of names, column of codes."""
    canaries: list[str] = []

    def edit(book: Workbook) -> None:
        for title, (header, names, codes) in sheets.items():
            for row in range(header + 1, min(header + 6, book[title].max_row)):
                number = len(canaries)
                body = f"91330108MC{feed[0].upper().replace('I', 'J').replace('S', 'T')}{number:03d}QQQ"
                canaries.append(f"金丝雀{feed}{number:04d}公司")
                canaries.append(body + uscc.calc_check_digit(body))
                book[title].cell(row, names).value, book[title].cell(row, codes).value = canaries[-2:]

    edited_workbook(office, QUARTER, feed, edit)
    return canaries


def _an_open_quote(office: Office) -> None:
    lines = _contracts(office).decode("gb18030").split("\r\n")
    lines[5] = lines[5].replace("金丝雀", '"金丝雀', 1)
    _deliver(office, "20231216", "\r\n".join(lines).encode("gb18030"))


def _a_file_cut_off(office: Office) -> None:
    content = _contracts(office)
    _deliver(office, "20231217", content[: content.index("金丝雀".encode("gb18030"), len(content) // 50) + 6])


def _bytes_of_no_encoding(office: Office) -> None:
    name = "金丝雀".encode("gb18030")
    _deliver(office, "20231218", _contracts(office).replace(name, name + b"\xff", 1))


def _text_in_a_key_of_the_tax_office(office: Office) -> None:
    _deliver(office, "20231219", _contracts(office))
    with sqlite3.connect(office.data_raw / "tax.sqlite") as connection:
        connection.execute(
            "update sb_zzs set xse = '金丝雀纳税人0001', sbxh = '金丝雀纳税人0001' "
            "where sbxh = (select min(sbxh) from sb_zzs where skssq_z = '2023-03-31')"
        )


def _contracts(office: Office) -> bytes:
    return (office.data_raw / QUARTER / "contracts" / f"{RECEIVED}_更正.csv").read_bytes()


def _deliver(office: Office, received: str, content: bytes) -> None:
    (office.data_raw / QUARTER / "contracts" / f"{received}_更正.csv").write_bytes(content)


def _content(path: Path) -> bytes:
    """What a file says once it is unpacked."""
    if path.suffix == ".parquet":
        text = io.BytesIO()
        pcsv.write_csv(pq.ParquetFile(path).read(), text)
        return text.getvalue()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as package:
            return b"".join(package.read(name) for name in package.namelist())
    return path.read_bytes()


def _stands_in(canary: str, content: bytes) -> bool:
    """Whether a canary is said as it is or as JSON writes it; an amount not as the last digits of a moment's Unix time."""
    forms = {canary.encode(), json.dumps(canary)[1:-1].encode()}
    before = rb"(?<!1[0-9]{5})" if canary.replace(".", "").isdigit() else b""
    return any(each in content and re.search(before + re.escape(each), content) for each in forms)


@pytest.mark.parametrize(
    ("canary", "content", "stands"),
    [
        ("1702.32", "1702.32", True),
        ("1702.32", "成交1702.32万元", True),
        ("1702.32", json.dumps("成交于1元1702.32"), True),
        ("1702.32", '{"amount": 11702.3200}', True),
        ("1702.32", '{"timestamp": 1795751702.3201}', False),
        ("1702.32", '{"timestamp": 1795751702.3201, "amount": 1702.32}', True),
        ("17023200", '{"milliseconds": 1795751702320, "cents": 17023200}', True),
        ("金丝雀卖方0001公司", "179575金丝雀卖方0001公司", True),
        ("金丝雀卖方0001公司", json.dumps("179575金丝雀卖方0001公司"), True),
    ],
)
def test_a_canary_is_found_wherever_it_stands_but_an_amount_not_in_a_moment(canary: str, content: str, stands: bool) -> None:
    assert _stands_in(canary, content.encode()) is stands


def test_no_canary_stands_in_an_event_a_log_metadata_a_page_or_an_edition(planted: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(set(planted.canaries)) >= 200
    assert (planted.office.edition(QUARTER, "002") / "board.html").is_file()
    files = opened_to_others(planted.office.warehouse)
    everything = b"\0".join([planted.printed.encode(), *(_content(path) for path in files)])
    found = [each for each in planted.canaries if _stands_in(each, everything)]
    with capsys.disabled():
        print(f"\ncanaries: {len(set(planted.canaries))} planted, {len(found)} found in {len(files)} files and what was printed")
    assert found == []


def test_what_a_run_writes_is_its_owners_alone_but_for_what_it_publishes(planted: Planted) -> None:
    # What dbt found when it parsed the project is copied with its mode; nothing of a delivery is in it.
    files = [path for path in planted.office.warehouse.rglob("*") if path.is_file() and path.name != "partial_parse.msgpack"]
    open_ones = [path for path in files if "editions" not in path.parts and stat.S_IMODE(path.stat().st_mode) & 0o077]
    print(f"\n{len(files)} files, {len(open_ones)} internal ones open to others")
    assert open_ones == []


def test_the_canaries_were_delivered_and_stand_in_what_is_the_operators_alone(planted: Planted) -> None:
    landed = b"".join(_content(path) for path in (planted.office.warehouse / "landing").rglob("*.parquet"))
    assert all(each.encode() in landed for each in planted.canaries if "金丝雀" in each)
