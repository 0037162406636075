"""A rejection as the office that delivered reads it: in Chinese, without a word of English.

Here: the words for every kind of `errors.Problem`. Not here: the document that carries them, nor verdicts on rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.errors import Code, Problem


@dataclass(frozen=True)
class Words:
    """What is wrong, what was found, what the contract expects, and what the office should do; `where` is sheet and place."""

    what: str
    found: str
    expected: str
    next_step: str
    where: str = ""


_SAVE_ANEW = "请用 Excel 打开核对后另存为新的 .xlsx 工作簿,重新报送"
_EVERY_COLUMN = "请按数据约定的列名补齐全部列后重新报送"

#: `{value}` is `Problem.value`.
WORDS: dict[Code, Words] = {
    "body_empty": Words("表中没有数据", "表头以下没有数据行", "至少一行数据", "请补充数据行后重新报送"),
    "body_merged": Words("数据区有跨行合并的单元格", "合并的列:{value}", "每一行各有自己的单元格", "请取消合并并逐行填写后重新报送"),
    "column_duplicate": Words("列名重复", "重复的列名:{value}", "每个列名只出现一次", "请确认以哪一列为准,删去另一列后重新报送"),
    "column_missing": Words("缺少列", "没有:{value}", "数据约定所列的全部列", _EVERY_COLUMN),
    "column_type": Words("字段类型与约定不符", "字段类型:{value}", "数据约定所列的字段类型", "请按约定的字段类型提供该表"),
    "csv_structure": Words("CSV 引号不配对", "引号未按规则配对", "符合 RFC 4180 的 CSV", "请重新导出;含逗号、引号或换行的字段须加引号"),
    "encoding": Words(
        "文件编码无法完整识别", "无法识别的字节或字符:{value}", "整个文件为 GB18030 或 UTF-8 编码", "请以 GB18030 或 UTF-8 编码重新导出 CSV"
    ),
    "encrypted": Words("工作簿已加密", "带密码的工作簿", "不带密码的工作簿", "请取消密码后重新报送"),
    "far_cell": Words(
        "表格之外有零散单元格", "单元格数与行列范围:{value}", "数据区以外没有零散单元格", "请删除零散单元格,或将表拆分后重新报送"
    ),
    "file_name": Words("文件名不合约定", "文件名:{value}", "<收到日期8位>[-<序号>]_<名称>.<扩展名>", "请以收到日期开头命名文件"),
    "formula_uncalculated": Words("公式没有计算结果", "没有结果的公式", "每个单元格都有数值", "请用 Excel 打开,计算并保存后重新报送"),
    "key_duplicate": Words("主键缺失或重复", "主键:{value}", "每个主键只出现一次", "请税务部门核对该表主键"),
    "not_a_file": Words("报送的不是文件", "同名的{value}", "含报送内容的普通文件", "请将文件本身以该名称重新报送"),
    "period_mismatch": Words(
        "报送期与所在季度不符", "所写的期间:{value}", "与文件夹所示季度一致的报送期", "请移到对应季度的文件夹,或报送本季度的文件"
    ),
    "reader_died": Words("工作簿无法在限定的内存和时间内读取", "读取进程中止({value})", "可在限定范围内读取的工作簿", _SAVE_ANEW),
    "sheet_duplicate": Words("工作表重名", "重复的工作表名:{value}", "每个工作表名只出现一次", "请确认以哪张表为准,删去另一张后重新报送"),
    "sheet_missing": Words("缺少工作表", "现有工作表:{value}", "该名称的可见工作表", "请报送含该工作表且未隐藏的完整工作簿"),
    "table_missing": Words("缺少数据表", "现有数据表:{value}", "数据约定所列的全部表", "请税务部门提供该表"),
    "too_large": Words("文件超出处理上限", "规模:{value}", "限定范围内的文件", "请只报送本季度的数据"),
    "truncated": Words("文件不完整", "最后一行字段数 {value},且没有换行", "完整的最后一行", "文件在传送中被截断,请重新报送"),
    "unit_unknown": Words(
        "计量单位缺失或无法识别",
        "计量单位:{value}",
        "表头上方注明“单位:”,为 元、千元、万元、亿元 之一",
        "请在表头上方注明计量单位后重新报送",
    ),
    "unreadable": Words("文件无法读取", "文件内容:{value}", "完整的 .xlsx 工作簿或 CSV 文件", "请重新保存并报送"),
    "unsafe_package": Words("工作簿结构异常,不予打开", "异常之处:{value}", "由 Excel 正常保存的工作簿", _SAVE_ANEW),
    "value_unfit": Words("字段值与约定不符", "字段值:{value}", "数据约定所列的字段类型", "请税务部门更正该值"),
}

_NOTHING = "未填写"
_PLACES = (
    (re.compile(r"^line (\d+)(?: byte (\d+))?$"), "第{0}行", "第{0}行(第{1}字节)"),
    (re.compile(r"^rows? (\d+)(?: to (\d+))?$"), "第{0}行", "第{0}至{1}行"),
    (re.compile(r"^cell ([A-Z]+\d+)$"), "单元格{0}", ""),
    (re.compile(r"^column (.+)$"), "列“{0}”", ""),
    (re.compile(r"^(\w+ \S+) column (\S+)$"), "{0} 的字段 {1}", "{0} 的字段 {1}"),
)


def in_chinese(problem: Problem) -> Words:
    """What the office reads about a rejection; a problem recorded before `value` was kept says 未填写 for what was found."""
    words = WORDS[problem.code]
    found = words.found.format(value=problem.value or _NOTHING)
    return Words(words.what, found, words.expected, words.next_step, _where(problem))


def _where(problem: Problem) -> str:
    place = problem.place
    for pattern, short, long in _PLACES:
        match = pattern.match(place)
        if match:
            groups = [group for group in match.groups() if group]
            place = (long if len(groups) > 1 else short).format(*groups)
            break
    return " ".join(part for part in (f"工作表“{problem.sheet}”" if problem.sheet else "", place) if part)
