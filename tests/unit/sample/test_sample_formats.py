"""The sample's files keep the feed contracts and reproduce byte for byte."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import openpyxl
import pytest
from stdnum.cn import uscc

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.sample import write_sample
from pipelines.sample.geography import read_geography

SCALE = 0.02


def hashes(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(root.rglob("*")) if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes_and_a_quarter_does_not_depend_on_the_range(sample, tmp_path):
    write_sample(tmp_path, SCALE, first=Quarter(2023, 3), last=Quarter(2023, 3))
    again = {name: digest for name, digest in hashes(tmp_path).items() if name.startswith("2023Q3")}
    first = hashes(sample)
    assert again
    assert again == {name: first[name] for name in again}


def test_the_tax_database_of_the_same_arguments_has_the_same_bytes(sample, tmp_path):
    write_sample(tmp_path, SCALE, first=Quarter(2023, 2), last=Quarter(2023, 3))
    assert hashes(tmp_path) == hashes(sample)


def test_another_seed_writes_other_files(sample, other_seed):
    ours, theirs = hashes(sample), hashes(other_seed)
    assert ours.keys() == theirs.keys()
    assert not {name for name in ours if ours[name] == theirs[name]}


def test_the_contract_export_is_strict_gb18030_with_crlf_and_20_columns(sample, read):
    data = read.newest(sample, "2023Q3", "contracts").read_bytes()
    text = data.decode("gb18030", errors="strict")
    assert text.count("\n") == text.count("\r\n") == len(read.contracts(sample, "2023Q3")) + 1
    assert {len(row) for row in read.contracts(sample, "2023Q3")} == {20}
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_a_snapshot_holds_contracts_registered_after_the_quarter_and_restates_earlier_ones(sample, read):
    second, third = ({row["合同登记编号"]: row["合同状态"] for row in read.contracts(sample, quarter)} for quarter in ("2023Q2", "2023Q3"))
    assert any("2023-10-01" <= row["登记日期"] <= "2023-10-31" for row in read.contracts(sample, "2023Q3"))
    assert set(second) - set(third) <= {number for number in second if number[4:10] == "330199"}


def test_statistics_sheets_have_merged_title_unit_row_grouped_header_and_footnote(sample, read):
    sheet = openpyxl.load_workbook(read.newest(sample, "2023Q3", "statistics"))["规上工业"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:I1", "C3:D3", "E3:F3", "H3:I3", "A3:A4", "B3:B4"} <= merged
    assert sheet["A1"].value.startswith("2023年1-9月")
    assert sheet["I2"].value == "单位:千元"
    assert (sheet["C3"].value, sheet["C4"].value, sheet["D4"].value) == ("规上工业增加值", "本年累计", "同比增速(%)")
    assert [sheet.cell(row, 2).value for row in (5, 6, 7)] == ["浙江省", "\u3000杭州市", "\u3000\u3000上城区"]
    assert sheet.cell(5 + 102, 1).value == "330099"
    assert sheet.cell(5 + 103, 1).value.startswith("注")
    assert "合成数据" in sheet.cell(5 + 103, 1).value


def test_the_annual_sheet_comes_with_third_quarters_only(sample, read):
    second, third = (openpyxl.load_workbook(read.newest(sample, quarter, "statistics")) for quarter in ("2023Q2", "2023Q3"))
    assert "全社会研发" not in second.sheetnames
    assert third["全社会研发"]["A1"].value.startswith("2022年")


def test_the_province_is_its_cities_and_a_city_its_counties(sample, read):
    rows = [row for row in read.sheet(sample, "2023Q3", "statistics", "全社会研发") if row[0] and str(row[0]).isdigit()]
    values = {str(row[0]): row[2:] for row in rows}
    assert len(values) == 103
    cities = [code for code in values if code.endswith("00") and code != "330000"]
    for column in range(4):
        assert values["330000"][column] == sum(values[code][column] for code in [*cities, "330099"])
        for city in cities:
            counties = [code for code in values if code[:4] == city[:4] and code not in (city, "330099")]
            assert values[city][column] == sum(values[code][column] for code in counties)


def test_rooms_add_up_and_the_count_of_tenants_is_that_of_the_tenant_sheet(sample, read):
    tenants = read.records(sample, "2023Q3", "incubators", "在孵企业")
    for row in read.records(sample, "2023Q3", "incubators", "孵化载体"):
        rooms = sum(row[name] for name in ("办公用房", "在孵企业用房", "公共服务用房", "其他用房"))
        assert rooms == float(str(row["使用总面积(平方米)"]).replace(",", ""))
        assert row["在孵企业数"] == sum(tenant["载体编码"] == row["载体编码"] and tenant["状态"] == "在孵" for tenant in tenants)


def test_all_credit_codes_but_the_spoilt_ones_pass_an_independent_check(sample):
    with sqlite3.connect(sample / "tax.sqlite") as database:
        codes = [code for (code,) in database.execute("select nsrsbh from dj_nsrxx")]
    assert len(set(codes)) == len(codes) > 50
    assert all(uscc.is_valid(code) for code in codes)


def test_tax_corrections_are_further_rows_and_prepayments_come_in_the_second_and_third_quarter(sample):
    with sqlite3.connect(sample / "tax.sqlite") as database:
        kinds = set(database.execute("select distinct skssq_z, sblx_dm from sb_yfjjkc"))
        corrected = database.execute(
            "select count(*) from (select 1 from sb_zzs group by djxh, skssq_z having count(*) > 1 and count(distinct sbrq) > 1)"
        ).fetchone()[0]
        notice = database.execute("select notice from sample_notice").fetchone()[0]
    assert kinds == {("2023-06-30", "YJ"), ("2023-09-30", "YJ")}
    assert corrected > 0
    assert "合成数据" in notice


def test_a_later_delivery_supersedes_an_earlier_one_on_the_same_day_too(sample):
    assert len(list((sample / "2023Q2" / "contracts").iterdir())) == 2
    assert any("-2_" in path.name for path in (sample / "2023Q2" / "ledger").iterdir())


def test_the_seed_has_90_counties_in_11_cities():
    geography = read_geography()
    assert (len(geography.codes), len(geography.city_codes), len(geography.rows)) == (90, 11, 103)


def test_a_scale_beyond_the_rows_of_a_sheet_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="scale out of range"):
        write_sample(tmp_path, 1000)


def test_a_sample_is_not_written_beside_the_deliveries_of_other_quarters(tmp_path: Path) -> None:
    (tmp_path / "2022Q4").mkdir()
    with pytest.raises(UsageError, match=r"--out .*: found deliveries of 2022Q4; expected a new folder, or one with 2023Q1 alone"):
        write_sample(tmp_path, 0.02, first=Quarter(2023, 1), last=Quarter(2023, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["2022Q4"]
