"""The workbook's sheets as data: headings, widths, decimals, cells, notes.

Here: what each sheet says. Not here: how it is drawn (workbook.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.report.content import FLAGS, LEVELS, SEVERITY, STATUS, Board, Row, quarter_name, stars_text

_SENTENCE = 40


@dataclass(frozen=True)
class Mark:
    """A look for the cells of a column that stand in a relation to a value, which is written as a spreadsheet writes it."""

    criteria: str
    value: str
    look: str


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, width in characters, its cell for a row (a number comes with its decimals), and marks."""

    heading: str
    width: float
    cell: Callable[[Row], Any]
    decimals: int | Callable[[Row], int] | None = None
    marks: Sequence[Mark] = ()

    @property
    def wraps(self) -> bool:
        """Whether it holds sentences, which go on in a second line."""
        return self.decimals is None and self.width >= _SENTENCE


@dataclass(frozen=True)
class Sheet:
    """One sheet: name, title, unit line, columns, rows, and notes below the table."""

    name: str
    title: str
    unit: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()


_STAR_MARKS = tuple(Mark("==", f'"{stars_text(stars)}"', look) for stars, look in ((5, "five_stars"), (4, "four_stars")))


def sheets(board: Board) -> list[Sheet]:
    """Every sheet of the workbook, in order."""
    when = quarter_name(board.quarter)
    return [
        Sheet(
            "排名",
            f"{when}县（市、区）排名与星级",
            "单位：分、位",
            _ranking_columns(),
            [
                row | {"place": row[listing.place], "scope": listing.scope, "band": board.bands.get((listing.ruleset, row["region_code"]))}
                for listing in board.listings
                for row in listing.rows
            ],
            [*(f"{listing.scope}排名的赋分规则：{_rules_text(board, listing.ruleset)}" for listing in board.listings), *board.notices],
        ),
        Sheet(
            "指标",
            f"{when}指标值",
            "单位：见“单位”列",
            _indicator_columns(board),
            board.indicators,
            ["状态为空的为正常数值；零是数值。", *board.notices],
        ),
        Sheet("得分", f"{when}得分构成", "单位：分", _score_columns(board), board.scores, board.notices),
        Sheet(
            "目标",
            f"{when}年度目标与进度",
            "单位：见“单位”列",
            _target_columns(board),
            board.targets,
            ["序时进度比=完成值÷（目标×季度数÷4）。"],
        ),
        Sheet("校验发现", f"{when}校验发现与豁免", "单位：条", _finding_columns(), board.findings, ["未豁免的“错误”不得发布。"]),
        Sheet(
            "修订",
            f"{when}修订",
            "单位：见“单位”列",
            _revision_columns(board),
            board.revisions,
            ["本季度与上一版相比、以及此前各季度自那时以来的改动；首次发布时只有此前各季度。"],
        ),
        Sheet("指标说明", "指标定义与口径", "单位：见“单位”列", _definition_columns(board), _definitions(board), board.notices),
    ]


def _of(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _region(board: Board) -> Column:
    return Column("地区", 14, lambda row: board.region_names.get(row["region_code"], row["region_code"]))


def _indicator(board: Board) -> Column:
    return Column("指标", 32, lambda row: board.indicator_names.get(row["indicator"], row["indicator"]))


def _unit(board: Board) -> Column:
    return Column("单位", 10, lambda row: board.indicator_units.get(row["indicator"], ""))


def _rules_text(board: Board, ruleset: str) -> str:
    return "：".join(part for part in (board.rules_title(ruleset), board.rules_note(ruleset)) if part)


def _ranking_columns() -> list[Column]:
    return [
        Column("赋分规则", 20, _of("ruleset")),
        Column("排名范围", 9, _of("scope")),
        Column("位次", 7, _of("place"), 0),
        Column("区划代码", 10, _of("region_code")),
        Column("县（市、区）", 14, _of("region_name")),
        Column("设区市", 10, _of("city_name")),
        Column("总分", 9, _of("total"), 2),
        Column("星级", 11, lambda row: stars_text(row["stars"]), marks=_STAR_MARKS),
        Column("位次变动", 9, _of("rank_change"), 0, [Mark("<", "0", "bad")]),
        Column("市内位次", 9, _of("rank_city"), 0),
        Column("位次区间下界", 9, _of("rank_p05"), 0),
        Column("位次中位数", 9, _of("rank_median"), 1),
        Column("位次区间上界", 9, _of("rank_p95"), 0),
        Column("五星概率", 9, _of("p_star_5"), 3),
        Column("难分档", 8, _of("band"), 0),
        Column("距上一星级", 10, _of("margin_to_next_star"), 2),
        Column("守星余量", 10, _of("margin_to_lose_star"), 2),
    ]


def _indicator_columns(board: Board) -> list[Column]:
    return [
        Column("区划代码", 10, _of("region_code")),
        Column("地区", 14, _of("region_name")),
        Column("设区市", 10, _of("city_name")),
        Column("层级", 11, lambda row: LEVELS[row["level"]]),
        Column("代码", 16, _of("indicator")),
        Column("指标", 32, _of("indicator_name")),
        Column("所属期", 13, lambda row: quarter_name(row["period"])),
        Column("数值", 14, _of("value"), lambda row: board.decimals(row["indicator"])),
        Column("单位", 10, _of("unit")),
        Column("状态", 11, lambda row: STATUS[row["status"]]),
        Column("标记", 16, lambda row: FLAGS.get(row["flags"], row["flags"])),
        Column("数据截止", 12, _of("as_of")),
    ]


def _score_columns(board: Board) -> list[Column]:
    return [
        Column("赋分规则", 20, _of("ruleset")),
        Column("区划代码", 10, _of("region_code")),
        _region(board),
        Column("节点", 32, lambda row: board.node_name(row["node"])),
        Column("状态", 11, lambda row: STATUS.get(row["state"] or "", "")),
        Column("得分率", 10, _of("score"), 4),
        Column("实际权重", 10, _of("weight_effective"), 2),
        Column("得分", 10, _of("points"), 2),
    ]


def _target_columns(board: Board) -> list[Column]:
    def decimals(row: Row) -> int:
        return board.decimals(row["indicator"])

    return [
        Column("区划代码", 10, _of("region_code")),
        _region(board),
        _indicator(board),
        Column("年度", 8, lambda row: str(row["year"])),
        _unit(board),
        Column("目标", 13, _of("target"), decimals),
        Column("完成值", 13, _of("value"), decimals),
        Column("完成率", 10, _of("completion"), 3),
        Column("序时进度比", 11, _of("run_rate"), 3),
        Column("余下每季需完成", 15, _of("needed_per_quarter"), decimals),
    ]


def _finding_columns() -> list[Column]:
    return [
        Column("级别", 8, lambda row: SEVERITY.get(row["severity"], row["severity"])),
        Column("规则", 26, _of("rule")),
        Column("对象", 26, _of("subject")),
        Column("通过", 7, lambda row: "是" if row["passed"] else "否", marks=[Mark("==", '"否"', "bad")]),
        Column("实际", 20, _of("observed")),
        Column("应为", 20, _of("expected")),
        Column("条数", 8, _of("count"), 0),
        Column("说明", 50, _of("reason")),
        Column("豁免", 40, _of("waiver")),
    ]


def _revision_columns(board: Board) -> list[Column]:
    return [
        Column("区划代码", 10, _of("region_code")),
        _region(board),
        Column("指标", 32, lambda row: board.cell_name(row["indicator"])),
        Column("所属期", 13, lambda row: quarter_name(row["period"])),
        Column("原值", 13, _of("old"), lambda row: board.decimals(row["indicator"])),
        Column("新值", 13, _of("new"), lambda row: board.decimals(row["indicator"])),
        _unit(board),
        Column("原因", 70, _of("cause")),
    ]


def _definition_columns(board: Board) -> list[Column]:
    return [
        Column("代码", 18, _of("indicator")),
        _indicator(board),
        _unit(board),
        Column("小数位", 8, lambda row: board.decimals(row["indicator"]), 0),
        Column("来源", 20, lambda row: board.feed_names(row["indicator"])),
        Column("定义", 90, lambda row: board.definition(row["indicator"])),
    ]


def _definitions(board: Board) -> list[Row]:
    return [{"indicator": code} for code in sorted(board.indicator_names)]
