"""Faults of single rows and cells: parts C, M, T and X of the catalogue, table by table."""

from __future__ import annotations

from collections.abc import Callable

from tests.integration.faults.cases import Quarantined
from tests.integration.faults.mutators import (
    COUNTY,
    Mutator,
    Record,
    Value,
    cell,
    contract,
    contract_field,
    contract_line,
    counted,
    lines,
    page,
    records,
)
from tests.integration.faults.pages import Page
from tests.integration.faults.registers import ONE_FIRM, ONE_VAT

GDP, INDUSTRY, INVESTMENT, FIRMS = "地区生产总值", "规上工业", "投资", "规上企业"
CARRIERS, TENANTS, ENTRIES, TARGETS = "孵化载体", "在孵企业", "台账", "目标"
MOJIBAKE, BIDI, ERROR = "锟斤拷公司", "甲\u202e公司", ' t="e"'
COVERED = ("chk_statistics_cover",)


def registry(fault: str, words: str, spoil: Mutator, reason: str, field: str, count: int = 1) -> Quarantined:
    return Quarantined(fault, words, "contracts", spoil, "contracts", reason, field, count)


def added(change: Callable[[Record], None]) -> Mutator:
    """A further record behind the last, made from the county's contract."""

    def edit(found: list[Record]) -> int:
        made = dict(next(record for record in found if counted(record)))
        change(made)
        found.append(made)
        return len(found) - 1

    return records(edit)


def appended(line: str) -> Mutator:
    def edit(found: list[str]) -> int:
        found.append(line)
        return len(found)

    return lines(edit)


REGISTRY = [
    registry("T06", "mojibake in a name", contract(卖方名称=MOJIBAKE), "mojibake", "text"),
    registry("T06", "a lost character", contract(买方名称="甲\ufffd公司"), "mojibake", "text"),
    registry("T06", "UTF-8 read as Latin-1", contract(合同名称="æ¡¥æ¢"), "mojibake", "text"),
    registry("T10", "a mark of writing direction in a name", contract(卖方名称=BIDI), "control_character", "text"),
    registry(
        "T10",
        "a mark of writing direction in a code",
        contract_field("卖方统一社会信用代码", lambda code: code[:5] + "\u200f" + code[5:]),
        "uscc_invalid",
        "seller_uscc",
    ),
    registry(
        "T13",
        "the letter O for the digit 0",
        contract_field("卖方统一社会信用代码", lambda code: code[:2] + "O" + code[3:]),
        "uscc_invalid",
        "seller_uscc",
    ),
    registry("T15", "a control character in a name", contract(卖方名称="甲\x07公司"), "control_character", "text"),
    registry("C03", "a bare quote", contract_line(lambda line: line.replace(",", ',5" ', 1)), "broken_quoting", "row"),
    registry("C04", "a field too many", contract_line(lambda line: line + ",x"), "wrong_number_of_fields", "row"),
    registry("C05", "a field too few", contract_line(lambda line: line.removesuffix(",")), "wrong_number_of_fields", "row"),
    registry("C07", "a header in other words inside", appended("编号,名称" + "," * 18), "key_malformed", "contract_no"),
    registry("C14", "a total among the records", appended("合计" + "," * 13 + "1200,1000" + "," * 5), "key_malformed", "contract_no"),
    registry("C15", "a footnote behind the records", appended("注:本表不含受理合同"), "wrong_number_of_fields", "row"),
    registry("C17", "NA for an amount", contract(**{"技术交易额(万元)": "NA"}), "not_a_number", "tech_amount"),
    registry("C17", "× for an amount", contract(**{"技术交易额(万元)": "×"}), "not_a_number", "tech_amount"),
    registry("C18", "a number as 2.02333E+15", contract(合同登记编号="2.02333E+15"), "precision_lost", "contract_no"),
    registry("C18", "a credit code as 9.13301E+17", contract(卖方统一社会信用代码="9.13301E+17"), "precision_lost", "seller_uscc"),
    registry("C19", "a formula for an amount", contract(**{"合同成交总额(万元)": "=1+1"}), "not_a_number", "contract_amount"),
    registry("X10", "two amounts in a field", contract(**{"技术交易额(万元)": "85.20 63"}), "not_a_number", "tech_amount"),
    registry("C18", "an amount as a rounded exponent", contract(**{"技术交易额(万元)": "1.06E+02"}), "precision_lost", "tech_amount"),
    registry("M17", "a country of no list", contract(买方国别代码="QQ"), "unknown_value", "buyer_country"),
    registry("M17", "a word for a country", contract(买方国别代码="境外"), "unknown_value", "buyer_country"),
    registry("X10", "two numbers of contracts in a field", contract(合同登记编号="20233301080000 01"), "key_malformed", "contract_no"),
    registry("X09", "a day parted by a blank", contract(登记日期="2023-02-1 5"), "not_a_date", "registered_on"),
    registry("X10", "an amount with its unit", contract(**{"技术交易额(万元)": "12.5万元"}), "not_a_number", "tech_amount"),
    registry("X10", "an amount in Chinese numerals", contract(**{"合同成交总额(万元)": "壹仟"}), "not_a_number", "contract_amount"),
    registry("X09", "a day in American order", contract(登记日期="03/15/23"), "not_a_date", "registered_on"),
    registry("X09", "a month for a day", contract(合同签订日期="2023年2月"), "not_a_date", "signed_on"),
    registry("X09", "a day that is none", contract(登记日期="2023-02-30"), "not_a_date", "registered_on"),
    registry("M05", "a county code that never was", contract(卖方行政区划代码="339999"), "unknown_division", "seller_region"),
    registry("M05", "a county abolished in 2021", contract(卖方行政区划代码="330104"), "unknown_division", "seller_region"),
    registry("M05", "a code of no province", contract(买方行政区划代码="999999"), "unknown_division", "buyer_region"),
    registry("M09", "a number twice", added(lambda record: None), "duplicate_key", "contract_no"),
    registry(
        "M09",
        "a number twice with another amount",
        added(lambda record: record.update({"技术交易额(万元)": "1"})),
        "duplicate_key",
        "contract_no",
    ),
    registry(
        "M11",
        "a wrong check digit",
        contract_field("卖方统一社会信用代码", lambda code: code[:-1] + ("0" if code[-1] != "0" else "1")),
        "uscc_invalid",
        "seller_uscc",
    ),
    registry("M11", "a 15-digit tax number", contract(卖方统一社会信用代码="330108123456789"), "uscc_invalid", "seller_uscc"),
    registry("M12", "a negative amount", contract(**{"技术交易额(万元)": "-5"}), "negative_amount", "tech_amount"),
    registry(
        "M13",
        "transactions above the contract",
        contract(**{"合同成交总额(万元)": "1", "技术交易额(万元)": "2"}),
        "tech_above_total",
        "tech_amount",
    ),
    registry("M13", "registered in another year", contract(登记日期="2022-03-15"), "date_outside_year", "registered_on"),
    registry("M10", "a state of no list", contract(合同状态="解除"), "unknown_value", "state"),
    registry("M17", "a category of no list", contract(合同类别="技术入股"), "unknown_value", "category"),
    registry(
        "M20",
        "nines for an amount",
        contract(**{"合同成交总额(万元)": "999999", "技术交易额(万元)": "999999"}),
        "placeholder_value",
        "contract_amount",
    ),
    registry("M20", "测试 for a name", contract(合同名称="测试"), "placeholder_value", "text"),
    registry(
        "A04", "a number cut to 13 digits", contract_field("合同登记编号", lambda number: number[:13]), "key_malformed", "contract_no"
    ),
]


def regional(
    fault: str, words: str, sheet: str, table: str, header: str, value: Value, reason: str, field: str, **more: str
) -> Quarantined:
    """A county's row kept aside: the region is missing then, and publication is held."""
    spoil = cell(sheet, header, value)
    return Quarantined(fault, words, "statistics", spoil, table, reason, field, holds=("STA-001",), checks=COVERED, **more)


def firm(fault: str, words: str, header: str, value: Value, reason: str, field: str) -> Quarantined:
    return Quarantined(fault, words, "statistics", cell(FIRMS, header, value), "enterprises", reason, field)


def last_row_again(found: Page) -> int:
    """The county's row once more, behind the last county."""
    row = found.row(COUNTY)
    last = next(
        number for number in range(row, found.last_row + 2) if not found.text(number, "A") or found.text(number, "A").startswith("注")
    )
    found.put_row(last, found.cells(row))
    return last


def firm_named_like_a_note(found: Page) -> int:
    """The county's first firm without its code, under a name that begins as a footnote does."""
    row = found.row(COUNTY)
    found.put(row, found.column("统一社会信用代码"), None)
    found.put(row, found.column("单位详细名称"), "注塑机械厂(合成)")
    return row


def total_row(found: Page) -> int:
    last = next(
        number for number in range(5, found.last_row + 2) if not found.text(number, "A") or found.text(number, "A").startswith("注")
    )
    found.put_row(last, {})
    found.put(last, "B", "合计")
    found.put(last, "C", 1)
    return last


STATISTICS = [
    regional("X01", "an error cell", GDP, "gdp", "本年累计", (ERROR, "<v>#REF!</v>"), "not_a_number", "gdp_ytd"),
    regional(
        "X01", "an error cell for a growth", INVESTMENT, "investment", "固定资产投资", (ERROR, "<v>#DIV/0!</v>"), "not_a_number", "fai_ytd"
    ),
    regional("X10", "words for a figure", GDP, "gdp", "本年累计", "待核", "not_a_number", "gdp_ytd"),
    regional("X10", "a figure with its unit", INDUSTRY, "industry", "营业收入", "12.5亿元", "not_a_number", "revenue_ytd"),
    regional("C17", "null for a figure", INVESTMENT, "investment", "固定资产投资", "null", "not_a_number", "fai_ytd"),
    regional("M06", "a county's code beside another's name", GDP, "gdp", "地区", "西湖区", "name_mismatch", "region_code region_name"),
    regional("M06", "a name without its last sign", INDUSTRY, "industry", "地区", "西湖", "name_mismatch", "region_code region_name"),
    regional("C18", "a growth as a rounded exponent", GDP, "gdp", "同比增速(%)", "5.6E+00", "precision_lost", "gdp_growth"),
    regional("X10", "two figures in a cell", INVESTMENT, "investment", "固定资产投资", "85.20 63", "not_a_number", "fai_ytd"),
    regional("M05", "a county code that never was", GDP, "gdp", "行政区划代码", "339999", "unknown_division", "region_code"),
    regional("M05", "a county abolished in 2021", INDUSTRY, "industry", "行政区划代码", "330104", "unknown_division", "region_code"),
    regional("M06", "a name for a code", GDP, "gdp", "行政区划代码", "滨江区", "unknown_division", "region_code"),
    regional("C18", "a code as 3.30108E+05", GDP, "gdp", "行政区划代码", "3.30108E+05", "unknown_division", "region_code"),
    regional("M12", "a negative GDP", GDP, "gdp", "本年累计", -5, "negative_amount", "gdp_ytd"),
    regional("M20", "nines for a figure", GDP, "gdp", "本年累计", 999999, "placeholder_value", "gdp_ytd"),
    regional("T06", "mojibake in a county's name", GDP, "gdp", "地区", "锟斤拷区", "mojibake", "region_name"),
    regional("T10", "a mark of writing direction in a name", GDP, "gdp", "地区", "滨\u202e江区", "control_character", "region_name"),
    Quarantined("M08", "a county twice", "statistics", page(GDP, last_row_again), "gdp", "duplicate_key", "region_code", checks=COVERED),
    Quarantined("C14", "a total without a code", "statistics", page(GDP, total_row), "gdp", "key_missing", "region_code", checks=COVERED),
    firm("M11", "a wrong check digit", "统一社会信用代码", "913301081234567890", "uscc_invalid", "uscc"),
    firm("C18", "a credit code as 9.13301E+17", "统一社会信用代码", "9.13301E+17", "precision_lost", "uscc"),
    firm("X01", "an error cell for a key", "统一社会信用代码", (ERROR, "<v>#N/A</v>"), "uscc_invalid", "uscc"),
    firm("C18", "a missing key", "统一社会信用代码", None, "key_missing", "uscc"),
    Quarantined(
        "X04", "a firm named like a footnote", "statistics", page(FIRMS, firm_named_like_a_note), "enterprises", "key_missing", "uscc"
    ),
    firm("M17", "perhaps for yes or no", "是否高新技术产业", "可能", "unknown_value", "is_ht"),
    firm("M17", "a class of three digits that may be a group", "行业代码", "331", "unknown_value", "industry_code"),
    firm("M17", "a class of no industry", "行业代码", "6511", "unknown_value", "industry_code"),
    firm("M12", "a negative turnover", "营业收入", -1, "negative_amount", "revenue_ytd"),
    firm("X10", "words for a firm's figure", "研发费用", "约三万", "not_a_number", "rd_expense_ytd"),
    firm("T06", "mojibake in a name", "单位详细名称", MOJIBAKE, "mojibake", "firm_name"),
    firm("M20", "测试企业 for a name", "单位详细名称", "测试企业", "placeholder_value", "firm_name"),
]


def carrier(fault: str, words: str, header: str, value: Value, reason: str, field: str) -> Quarantined:
    return Quarantined(fault, words, "incubators", cell(CARRIERS, header, value), "carriers", reason, field)


def tenant(fault: str, words: str, header: str, value: Value, reason: str, field: str) -> Quarantined:
    spoil = cell(TENANTS, header, value, key="在孵", by="状态")
    return Quarantined(fault, words, "incubators", spoil, "tenants", reason, field)


def again(sheet: str, header: str) -> Mutator:
    """A sheet's first row of the body once more, behind the last, with one cell left as it is."""

    def edit(found: Page) -> int:
        found.put_row(found.last_row + 1, found.cells(2))
        assert found.text(found.last_row, found.column(header))
        return found.last_row

    return page(sheet, edit)


INCUBATORS = [
    carrier("X01", "an error cell", "使用总面积(平方米)", (ERROR, "<v>#VALUE!</v>"), "not_a_number", "area_total"),
    carrier("X10", "an area with its unit", "使用总面积(平方米)", "1200平方米", "not_a_number", "area_total"),
    carrier("X10", "an area in another unit", "办公用房", "1.5亩", "not_a_number", "area_office"),
    carrier("X09", "a day in American order", "认定日期", "09/10/23", "not_a_date", "recognised_on"),
    carrier("M05", "a county code that never was", "行政区划代码", "339999", "unknown_division", "region_code"),
    carrier("M05", "a code of no province", "行政区划代码", "990108", "unknown_division", "region_code"),
    carrier("M11", "a wrong check digit", "运营机构统一社会信用代码", "913301081234567890", "uscc_invalid", "operator_uscc"),
    carrier("C18", "a credit code as 9.13301E+17", "运营机构统一社会信用代码", "9.13301E+17", "precision_lost", "operator_uscc"),
    carrier("M12", "a negative income", "总收入(千元)", -1, "negative_amount", "income"),
    carrier("M17", "a type of no list", "类型", "加速器", "unknown_value", "carrier_type"),
    carrier("C14", "a subtotal with kind, level and division", "载体名称", "孵化器小计", "total_row", "carrier_code carrier_name"),
    carrier("C14", "a total for a code", "载体编码", "合计", "total_row", "carrier_code carrier_name"),
    carrier("M17", "half a level", "级别", "国", "unknown_value", "carrier_level"),
    carrier("M17", "a level of no list", "级别", "部级", "unknown_value", "carrier_level"),
    carrier("T06", "mojibake in a name", "载体名称", MOJIBAKE, "mojibake", "carrier_name"),
    carrier("M20", "测试 for a name", "载体名称", "测试", "placeholder_value", "carrier_name"),
    carrier("C18", "a missing key", "载体编码", None, "key_missing", "carrier_code"),
    Quarantined("M09", "a carrier twice", "incubators", again(CARRIERS, "载体编码"), "carriers", "duplicate_key", "carrier_code"),
    Quarantined("M09", "a tenant twice", "incubators", again(TENANTS, "载体编码"), "tenants", "duplicate_key", "carrier_code uscc"),
    tenant("M17", "a state of no list", "状态", "孵化中", "unknown_value", "state"),
    tenant("C14", "a total among the tenants", "企业名称", "合计", "total_row", "firm_name"),
    tenant("M05", "a carrier of no list", "载体编码", "FH00000000000", "unknown_carrier", "carrier_code"),
    tenant("M11", "a 9-digit organisation code", "统一社会信用代码", "123456789", "uscc_invalid", "uscc"),
    tenant("X09", "words for a day", "入孵日期", "去年三月", "not_a_date", "entered_on"),
    tenant("M12", "a negative staff", "从业人员数", -3, "negative_amount", "staff_count"),
    tenant("X01", "an error cell of a tenant", "从业人员数", (ERROR, "<v>#NAME?</v>"), "not_a_number", "staff_count"),
    tenant("T10", "a mark of writing direction in a name", "企业名称", BIDI, "control_character", "firm_name"),
]


def entry(fault: str, words: str, header: str, value: Value, reason: str, field: str) -> Quarantined:
    return Quarantined(fault, words, "ledger", cell(ENTRIES, header, value), "entries", reason, field)


def target(fault: str, words: str, header: str, value: Value, reason: str, field: str) -> Quarantined:
    return Quarantined(fault, words, "ledger", cell(TARGETS, header, value), "targets", reason, field)


LEDGER = [
    entry("X01", "an error cell", "数值", (ERROR, "<v>#REF!</v>"), "not_a_number", "value"),
    entry("X10", "a number in words", "数值", "一百多", "not_a_number", "value"),
    entry("X09", "words for a day", "截至日期", "季末", "not_a_date", "as_of"),
    entry("M05", "a county code that never was", "行政区划代码", "339999", "unknown_division", "region_code"),
    entry("M03", "a period still to come", "期间", "2023Q4", "period_in_future", "period"),
    entry("M03", "a period that is none", "期间", "一季度", "not_a_period", "period"),
    entry("M17", "an indicator that other offices deliver", "指标编码", "TECH_TX", "computed_elsewhere", "indicator_code"),
    entry("M06", "a code beside another's name", "指标名称", "国家科技型中小企业入库数", "name_mismatch", "indicator_code indicator_name"),
    target("M17", "a target of no programme", "指标编码", "HNTE_VALI", "unknown_value", "indicator_code"),
    entry("C18", "a missing key", "指标编码", None, "key_missing", "indicator_code"),
    entry("T06", "mojibake in the source", "来源", MOJIBAKE, "mojibake", "text"),
    entry("M20", "nines for a number", "数值", 999999, "placeholder_value", "value"),
    Quarantined("M09", "an entry twice", "ledger", again(ENTRIES, "指标编码"), "entries", "duplicate_key", "indicator region_code period"),
    target("M03", "a year of two digits", "年度", "23", "not_a_period", "year"),
    target("M05", "a target of a county that never was", "行政区划代码", "339999", "unknown_division", "region_code"),
    target("C17", "no target", "目标值", "—", "not_a_number", "target"),
    target("X10", "words for a target", "目标值", "力争翻番", "not_a_number", "target"),
    target("T10", "a mark of writing direction in the unit", "单位", "亿\u202e元", "control_character", "unit source"),
]


def register(fault: str, words: str, table: str, set_: str, reason: str, field: str) -> Quarantined:
    name, where = ("dj_nsrxx", ONE_FIRM) if table == "dj_nsrxx" else (table, ONE_VAT)
    # So few firms file in the small office that one of them with its returns is more than a hundredth of the extract.
    holds = ("QUA-001",) if table == "dj_nsrxx" else ()
    return Quarantined(fault, words, "tax", (f"update {name} set {set_} where {where}",), table, reason, field, holds=holds)


TAX = [
    register("M11", "a wrong check digit", "dj_nsrxx", "nsrsbh = '913301081234567890'", "uscc_invalid", "nsrsbh"),
    register("C18", "a credit code as 9.13301E+17", "dj_nsrxx", "nsrsbh = '9.13301E+17'", "precision_lost", "nsrsbh"),
    register("M05", "a county code that never was", "dj_nsrxx", "xzqh_dm = '339999'", "unknown_division", "xzqh_dm"),
    register("M05", "a code of no province", "dj_nsrxx", "xzqh_dm = '990000'", "unknown_division", "xzqh_dm"),
    register("T06", "mojibake in a name", "dj_nsrxx", f"nsrmc = '{MOJIBAKE}'", "mojibake", "nsrmc"),
    register("T15", "a control character in a name", "dj_nsrxx", "nsrmc = '甲' || char(7) || '公司'", "control_character", "nsrmc"),
    register("T10", "a mark of writing direction in a name", "dj_nsrxx", f"nsrmc = '{BIDI}'", "control_character", "nsrmc"),
    register("M20", "测试 for a name", "dj_nsrxx", "nsrmc = '测试'", "placeholder_value", "nsrmc"),
    register("M09", "a return of a taxpayer of no list", "sb_zzs", "djxh = -1", "unknown_taxpayer", "djxh"),
    register("M12", "a negative exempt amount", "sb_zzs", "ms_jsxse = -5", "negative_amount", "ms_jsxse"),
    register("M02", "a return from January to December", "sb_zzs", "skssq_q = '2022-01-01'", "not_a_period", "skssq_q"),
    register("X09", "a return without its day of filing", "sb_zzs", "sbrq = null", "not_a_date", "sbrq"),
    register("X09", "a return without its period's end", "sb_zzs", "skssq_z = null", "not_a_period", "skssq_z"),
    register("X09", "a return without its period", "sb_zzs", "skssq_z = null, skssq_q = null", "not_a_period", "skssq_z"),
    register("X09", "infinity for a period's end", "sb_zzs", "skssq_z = 'infinity'", "not_a_date", "skssq_z"),
    register("X09", "words for a period's end", "sb_zzs", "skssq_z = '一季度末'", "not_a_date", "skssq_z"),
    register("X09", "a blank for a period's end", "sb_zzs", "skssq_z = ' '", "not_a_period", "skssq_z"),
    register("X09", "a period's end in American order", "sb_zzs", "skssq_z = '03/31/2023'", "not_a_date", "skssq_z"),
    register("X09", "a day that is none for a period's end", "sb_zzs", "skssq_z = '2023-03-32'", "not_a_date", "skssq_z"),
    register("M02", "a period that ends within a quarter", "sb_zzs", "skssq_z = '2023-03-30'", "not_a_period", "skssq_z"),
    register("M02", "a period that ends in 2203", "sb_zzs", "skssq_z = '2203-03-31'", "not_a_period", "skssq_z"),
    register("M02", "a period that ends in the year 23", "sb_zzs", "skssq_z = '0023-03-31'", "not_a_period", "skssq_z"),
    register("M02", "a period that starts after its end", "sb_zzs", "skssq_q = '2023-04-01'", "not_a_period", "skssq_q"),
    register("X09", "words for a period's start", "sb_zzs", "skssq_q = '年初'", "not_a_date", "skssq_q"),
    register("X09", "infinity for a moment of filing", "sb_zzs", "sbrq = 'infinity'", "not_a_date", "sbrq"),
    register("D06", "a third decimal", "sb_zzs", "xse = 1.005", "value_unfit", "xse"),
    register("X10", "words in an amount", "sb_zzs", "xse = '约三万'", "not_a_number", "xse"),
    register("X10", "an amount beyond all bounds", "sb_zzs", "xse = 1e30", "value_unfit", "xse"),
    register("X10", "two amounts in one cell", "sb_zzs", "xse = '85.20 63'", "not_a_number", "xse"),
    register("D06", "a taxpayer's number that is none", "sb_zzs", "djxh = '甲'", "not_a_number", "djxh"),
    register("M17", "a class without its last digit", "dj_nsrxx", "hy_dm = '397'", "unknown_value", "hy_dm"),
    register("M17", "words for a class", "dj_nsrxx", "hy_dm = '待核实'", "unknown_value", "hy_dm"),
    register("M17", "a state of no list", "dj_nsrxx", "nsrzt_dm = '7777'", "unknown_value", "nsrzt_dm"),
    register("X09", "a day that is none", "dj_nsrxx", "djrq = '2023-02-30'", "not_a_date", "djrq"),
    register("X09", "infinity for a moment of change", "dj_nsrxx", "xgrq = 'infinity'", "not_a_date", "xgrq"),
    register("T06", "a name whose bytes are no text", "dj_nsrxx", "nsrmc = cast(x'B9ABCBBE' as text)", "mojibake", "nsrmc"),
]
ROW_CASES = [*REGISTRY, *STATISTICS, *INCUBATORS, *LEDGER, *TAX]
