"""The tables of an edition as data: columns in order, types, units, keys (editions.md).

Here: what each published table looks like; the data package, the writers and `verify` all follow it. Not here: where rows come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["string", "number", "integer", "boolean", "date"]
LEVELS = ("c", "m", "p")
STATES = ("value", "not_published", "missing", "not_applicable", "withheld")
NOT_COLLECTED = "not_collected"
"""The flag of a cell that the place says nobody collects (seeds/not_collected.csv)."""
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class Field:
    """One column; `unit` is empty for text and codes, `enum` lists the only values that may stand in it."""

    name: str
    type: FieldType
    description: str
    unit: str = ""
    enum: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Table:
    """One published table: `source` is its model in the warehouse (empty if publishing makes it), `key` its sort order too."""

    name: str
    title: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    source: str = ""
    has_parquet: bool = False

    @property
    def columns(self) -> list[str]:
        """Column names in published order."""
        return [field.name for field in self.fields]

    @property
    def files(self) -> list[str]:
        """The files that hold this table."""
        return [f"{self.name}.csv", f"{self.name}.parquet"] if self.has_parquet else [f"{self.name}.csv"]


_REGION = Field("region_code", "string", "区划代码，六位 / division code, six digits", is_required=True)
_RULESET = Field("ruleset", "string", "赋分规则 <id>/<version> / ruleset in force", is_required=True)

INDICATORS = Table(
    "indicators",
    "指标值 / indicator values, one row per region, indicator and period",
    (
        _REGION,
        Field("region_name", "string", "区划名称 / name of the region in the quarter", is_required=True),
        Field("city_name", "string", "所属设区市 / city that the county belongs to"),
        Field("level", "string", "c 县（市、区）, m 设区市, p 全省 / county, city, province", enum=LEVELS, is_required=True),
        Field("indicator", "string", "指标代码 / code of the indicator in the catalogue", is_required=True),
        Field("indicator_name", "string", "指标名称 / its name", is_required=True),
        Field(
            "period", "string", "所属期：季度，或年度指标的年份 / the quarter, or the reference year of an annual value", is_required=True
        ),
        Field("value", "number", "指标值 / the value; empty unless `status` is `value`", unit="column unit"),
        Field("unit", "string", "计量单位 / unit of `value`", is_required=True),
        Field(
            "numerator",
            "number",
            "分子（未除）/ numerator of a ratio or growth, undivided",
            unit="元、平方米、人等 / yuan, square metres, persons",
        ),
        Field(
            "denominator", "number", "分母（未除）/ denominator or base, undivided", unit="元、平方米、人等 / yuan, square metres, persons"
        ),
        Field("status", "string", "状态 / state of the value (indicators.md)", enum=STATES, is_required=True),
        Field("flags", "string", "标记 / flags, separated by semicolons"),
        Field("as_of", "date", "数据截止日 / newest day that the value knows of"),
    ),
    ("region_code", "indicator", "period"),
    source="ed_indicators",
    has_parquet=True,
)

SCORES = Table(
    "scores",
    "得分 / scores, one row per ruleset, county and node of the ruleset's tree",
    (
        _RULESET,
        _REGION,
        Field("node", "string", "指标或规则树节点 / indicator or node of the tree", is_required=True),
        Field("value", "number", "参评值 / the value that was scored", unit="unit of the indicator"),
        Field("state", "string", "状态 / state of the value", enum=STATES),
        Field("score", "number", "得分率或节点分 / score in the node's own scale"),
        Field("weight_effective", "number", "实际权重 / weight after redistribution", unit="分 / points"),
        Field("points", "number", "得分 / points that the node gives", unit="分 / points"),
    ),
    ("ruleset", "region_code", "node"),
    source="ed_scores",
    has_parquet=True,
)

RANKING = Table(
    "ranking",
    "排名与星级 / ranking and stars, one row per ruleset and county",
    (
        _RULESET,
        _REGION,
        Field("region_name", "string", "区划名称 / name of the county", is_required=True),
        Field("city_name", "string", "所属设区市 / its city"),
        Field("total", "number", "总分 / total as the ruleset rounds it", unit="分 / points"),
        Field("rank_province", "integer", "全省位次 / rank in the province; empty under a ruleset of one city"),
        Field("rank_city", "integer", "市内位次 / rank in its city by the same ruleset"),
        Field(
            "rank_change",
            "integer",
            "位次变动，正数为上升 / places gained since the quarter before, in the first ranking that the ruleset names",
        ),
        Field("stars", "integer", "星级 / stars, 1 to 5, by the first star rule of the ruleset"),
        Field("rank_p05", "number", "位次区间下界 / 5 % quantile of the rank under robustness draws"),
        Field("rank_median", "number", "位次中位数 / median of the rank"),
        Field("rank_p95", "number", "位次区间上界 / 95 % quantile of the rank"),
        Field("p_star_5", "number", "获五星概率 / probability of five stars", unit="0 to 1"),
        Field("margin_to_next_star", "number", "距上一星级差距 / points short of the next star", unit="分 / points"),
        Field("margin_to_lose_star", "number", "距失去星级余量 / points above the star's lower edge", unit="分 / points"),
    ),
    ("ruleset", "region_code"),
    source="ed_ranking",
    has_parquet=True,
)

TARGETS = Table(
    "targets",
    "年度目标 / targets of the year and progress",
    (
        _REGION,
        Field("indicator", "string", "指标代码 / code of the indicator", is_required=True),
        Field("year", "integer", "目标年度 / year of the target", is_required=True),
        Field("target", "number", "目标值 / target", unit="unit of the indicator"),
        Field("value", "number", "完成值 / value to date", unit="unit of the indicator"),
        Field("completion", "number", "完成率 / value over target", unit="1"),
        Field("run_rate", "number", "序时进度比 / value over the share of the target due to date", unit="1"),
        Field("needed_per_quarter", "number", "余下每季需完成 / still needed per remaining quarter", unit="unit of the indicator"),
    ),
    ("region_code", "indicator", "year"),
    source="ed_targets",
)

REVISIONS = Table(
    "revisions",
    "修订 / cells that changed against the edition before, of this quarter and of earlier ones",
    (
        _REGION,
        Field(
            "indicator",
            "string",
            "指标代码,或 <ruleset>/total、rank、stars / code of the indicator, or a standing under a ruleset",
            is_required=True,
        ),
        Field("period", "string", "所属期 / period of the changed cell", is_required=True),
        Field("old", "number", "原值 / value before; empty if there was none", unit="unit of the indicator"),
        Field("new", "number", "新值 / value now; empty if there is none", unit="unit of the indicator"),
        Field("cause", "string", "原因 / `<class>: …` with the delivery or version behind it", is_required=True),
    ),
    ("region_code", "indicator", "period"),
)

FINDINGS = Table(
    "findings",
    "校验发现 / every expectation of the gate and its outcome",
    (
        Field("rule", "string", "规则编号 / id of the rule", is_required=True),
        Field("severity", "string", "级别 / severity", is_required=True),
        Field("subject", "string", "对象 / table, region or indicator judged"),
        Field("passed", "boolean", "是否通过 / passed or not", is_required=True),
        Field("observed", "string", "实际 / what was found"),
        Field("expected", "string", "应为 / what was expected"),
        Field("count", "integer", "涉及条数 / how many rows or cells", unit="1"),
        Field("reason", "string", "说明 / what a failure means"),
        Field("waiver", "string", "豁免 / who proposed and who approved an exemption, and why"),
    ),
    ("rule", "subject"),
)

WAREHOUSE_TABLES = (INDICATORS, SCORES, RANKING, TARGETS)
TABLES = (*WAREHOUSE_TABLES, REVISIONS, FINDINGS)
# An edition is new when one of these differs from the edition in force, but for `as_of`; revisions follow from them, the rest shows them.
CONTENT_TABLES = (*WAREHOUSE_TABLES, FINDINGS)
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
OTHER_FILES = ("board.html", "board.xlsx", "datapackage.json", MANIFEST)
FILES = (*(file for table in TABLES for file in table.files), *OTHER_FILES)
