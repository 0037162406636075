"""The science and technology bureau's own ledger (台账): programmes that no office feeds, and the yearly targets."""

from __future__ import annotations

from pipelines.feeds.contract import Feed, Field, Table

LEDGER = Feed(
    name="ledger",
    office="science and technology bureau",
    form="workbook",
    tables=(
        Table(
            name="entries",
            sheet="台账",
            layout="plain",
            key=("indicator_code", "region_code", "period"),
            fields=(
                Field("indicator_code", "指标编码", may_span=True),
                Field("indicator_name", "指标名称", may_span=True),
                Field("region_code", "行政区划代码"),
                Field("period", "期间", may_span=True),
                Field("as_of", "截至日期", may_span=True, is_day=True),
                Field("value", "数值"),
                Field("numerator", "分子"),
                Field("denominator", "分母"),
                Field("unit", "单位", may_span=True),
                Field("scope", "口径", may_span=True),
                Field("source", "来源", may_span=True),
            ),
        ),
        Table(
            name="targets",
            sheet="目标",
            layout="plain",
            key=("indicator_code", "year", "region_code"),
            fields=(
                Field("indicator_code", "指标编码", may_span=True),
                Field("year", "年度", may_span=True),
                Field("region_code", "行政区划代码"),
                Field("target", "目标值"),
                Field("unit", "单位", may_span=True),
                Field("source", "来源", may_span=True),
            ),
        ),
    ),
)
