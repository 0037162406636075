"""The registry's export: encodings and structures that are accepted, and those that are rejected by name."""

from __future__ import annotations

import codecs

import pytest
from landing_deliveries import CONTRACT_ROW, Place, contracts_text

NAME = "20231012_技术合同登记明细.csv"
TEXT = contracts_text()


def reordered(text: str) -> str:
    return "".join(",".join(reversed(line.split(","))) + "\r\n" for line in text.splitlines())


ACCEPTED = {
    "GB18030 with CRLF": TEXT.encode("gb18030"),
    "GB18030 with LF": contracts_text(end="\n").encode("gb18030"),
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "columns in another order": reordered(TEXT).encode("gb18030"),
    "full-width brackets and spaces in the header": TEXT.replace("总额(万元)", "总额（万元） ").encode("gb18030"),
    "an extra column": "".join(f"{line},x\r\n" for line in TEXT.splitlines()).encode("gb18030"),
    "everything quoted": "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n" for line in TEXT.splitlines()).encode(
        "gb18030"
    ),
    "no line end at the end": TEXT.rstrip("\r\n").encode("gb18030"),
    "blank lines": TEXT.replace("\r\n", "\r\n\r\n").encode("gb18030"),
    "the old end-of-file mark": TEXT.encode("gb18030") + b"\x1a",
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_an_odd_but_legal_export_lands_the_same_values(kind: str, place: Place) -> None:
    place.drop("contracts", NAME).write_bytes(ACCEPTED[kind])
    (landed,) = place.land("contracts")
    assert landed.rows == {"contracts": 1}
    (row,) = place.rows("contracts", "contracts")
    assert list(row.values())[:20] == [cell or None for cell in CONTRACT_ROW.split(",")]
    assert (row["source_file"], row["source_sheet"]) == (NAME, "")
    assert row["field_count"] == (21 if kind == "an extra column" else 20)


def test_rare_characters_of_gb18030_survive(place: Place) -> None:
    place.drop("contracts", NAME).write_bytes(contracts_text(CONTRACT_ROW.replace("甲公司", "𠮷㐀公司")).encode("gb18030"))
    place.land("contracts")
    assert place.rows("contracts", "contracts")[0]["seller_name"] == "𠮷㐀公司"


def test_a_line_break_in_quotes_keeps_the_physical_line_of_every_record(place: Place) -> None:
    broken = CONTRACT_ROW.replace("微弱信号检测", '"微弱,\r\n""信号""检测"')
    place.drop("contracts", NAME).write_bytes(contracts_text(broken, CONTRACT_ROW).encode("gb18030"))
    place.land("contracts")
    rows = place.rows("contracts", "contracts")
    assert [row["source_row"] for row in rows] == [2, 4]
    assert rows[0]["contract_name"] == '微弱,\r\n"信号"检测'


def test_records_with_another_number_of_fields_land_with_their_number(place: Place) -> None:
    short = ",".join(CONTRACT_ROW.split(",")[:5])
    place.drop("contracts", NAME).write_bytes(contracts_text(CONTRACT_ROW, short, CONTRACT_ROW + ",x,y").encode("gb18030"))
    (landed,) = place.land("contracts")
    rows = place.rows("contracts", "contracts")
    assert [(row["source_row"], row["field_count"]) for row in rows] == [(2, 20), (3, 5), (4, 22)]
    assert rows[1]["registered_on"] == "2023-09-12"
    assert rows[1]["seller_name"] is None
    assert "2 records with another number of fields than the header" in landed.notes


def test_a_record_after_the_quarter_s_end_is_landed_with_the_rest(place: Place) -> None:
    place.drop("contracts", NAME).write_bytes(contracts_text(CONTRACT_ROW.replace("2023-09-12", "2023年10月9日")).encode("gb18030"))
    assert place.land("contracts")[0].rows == {"contracts": 1}


REJECTED = {
    "nothing": (b"", "unreadable", "0 bytes", ""),
    "a workbook": (b"PK\x03\x04" + bytes(50), "unreadable", "zip package", ""),
    "a header alone": (contracts_text().splitlines()[0].encode("gb18030"), "body_empty", "no record", ""),
    "another year": (contracts_text(CONTRACT_ROW.replace("2023-09-12", "20220912")).encode(), "period_mismatch", "登记日期", ""),
    "no dates": (contracts_text(CONTRACT_ROW.replace("2023-09-12", "")).encode(), "period_mismatch", "登记日期", ""),
    "a column missing": (TEXT.replace("登记日期", "日期").encode("gb18030"), "column_missing", "日期", "line 1"),
    "a column twice": (TEXT.replace("买方名称", "卖方名称").encode("gb18030"), "column_duplicate", "卖方名称", "line 1"),
    "another delimiter": (TEXT.replace(",", ";").encode("gb18030"), "column_missing", "合同登记编号;", "line 1"),
    "Big5, two columns of it garbled alike": ("證號,證號,合同類別\r\n1,2,3\r\n".encode("big5"), "column_missing", "columns", "line 1"),
    "Big5": ("合同登記編號,合同名稱,合同類別\r\n1,2,3\r\n".encode("big5"), "column_missing", "columns", "line 1"),
    "bytes that are no character": (
        TEXT.encode("gb18030") + b"1,\xff\xff\r\n",
        "encoding",
        "ff",
        f"line 3 byte {len(TEXT.encode('gb18030')) + 2}",
    ),
    "UTF-8 that breaks off": (TEXT.encode("utf-8-sig") + "甲".encode()[:2], "encoding", "UTF-8", "line 3"),
    "a block of NULs": (TEXT.encode("gb18030") + bytes(64), "encoding", "NUL", "line 3"),
    "a mark in the middle": (TEXT.encode() + TEXT.encode("utf-8-sig"), "encoding", "byte-order mark", "line 3"),
    "a quote without end": ((TEXT + '"a,b\r\n').encode("gb18030"), "csv_structure", "quoting", "line 3"),
    "text after a closing quote": (TEXT.replace("微弱信号检测", '"微弱"信号').encode("gb18030"), "csv_structure", "quoting", "line 2"),
    "lone carriage returns": (TEXT.replace("\r\n", "\r").encode("gb18030"), "csv_structure", "new-line", "line 1"),
}


@pytest.mark.parametrize("fault", REJECTED)
def test_a_broken_export_is_rejected_by_name_with_its_place(fault: str, place: Place) -> None:
    content, code, found, at = REJECTED[fault]
    place.drop("contracts", NAME).write_bytes(content)
    problem = place.reject("contracts")
    assert (problem.code, problem.file) == (code, NAME)
    assert found in problem.found
    assert problem.place.startswith(at)
    assert not list(place.warehouse.landing.rglob("*.parquet*"))
    assert not place.ledger.in_force()
