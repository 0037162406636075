"""The statistics bureau's workbook: four tables by region and one by enterprise."""

from __future__ import annotations

from pipelines.feeds.contract import Feed, Field, Table

UNITS = ("千元", "万元", "亿元", "元")
YEAR_TO_DATE, GROWTH = "本年累计", "同比增速(%)"
_REGION = (Field("region_code", "行政区划代码"), Field("region_name", "地区"))


def _pair(group: str, level: str, growth: str) -> tuple[Field, Field]:
    return Field(level, YEAR_TO_DATE, group), Field(growth, GROWTH, group)


STATISTICS = Feed(
    name="statistics",
    office="statistics bureau",
    form="workbook",
    tables=(
        Table(
            name="industry",
            sheet="规上工业",
            layout="statistics",
            anchor="region_code",
            key=("region_code",),
            fields=(
                *_REGION,
                *_pair("规上工业增加值", "ind_va_ytd", "ind_va_growth"),
                *_pair("高新技术产业增加值", "ht_va_ytd", "ht_va_growth"),
                Field("revenue_ytd", YEAR_TO_DATE, "营业收入"),
                *_pair("研发费用", "rd_expense_ytd", "rd_expense_growth"),
            ),
        ),
        Table(
            name="investment",
            sheet="投资",
            layout="statistics",
            anchor="region_code",
            key=("region_code",),
            fields=(
                *_REGION,
                *_pair("固定资产投资", "fai_ytd", "fai_growth"),
                *_pair("高新技术产业投资", "ht_inv_ytd", "ht_inv_growth"),
            ),
        ),
        Table(
            name="gdp",
            sheet="地区生产总值",
            layout="statistics",
            anchor="region_code",
            key=("region_code",),
            fields=(
                *_REGION,
                Field("gdp_ytd", YEAR_TO_DATE, also=(("地区生产总值", YEAR_TO_DATE),)),
                Field("gdp_growth", GROWTH, also=(("地区生产总值", GROWTH),)),
            ),
        ),
        Table(
            name="research",
            sheet="全社会研发",
            layout="statistics",
            anchor="region_code",
            key=("region_code",),
            period="year_before",
            due_in=(3,),
            fields=(
                *_REGION,
                Field("rd_expenditure", "R&D经费支出"),
                Field("gdp", "地区生产总值"),
                Field("rd_staff_fte", "R&D人员折合全时当量(人年)"),
                Field("employed_persons", "就业人员(人)"),
            ),
        ),
        Table(
            name="enterprises",
            sheet="规上企业",
            layout="statistics",
            anchor="uscc",
            key=("uscc",),
            fields=(
                Field("uscc", "统一社会信用代码"),
                Field("firm_name", "单位详细名称"),
                Field("region_code", "行政区划代码"),
                Field("industry_code", "行业代码"),
                Field("is_ht", "是否高新技术产业", also=(("是否高新技术产业(是/否)",),)),
                Field("ht_catalogue", "高新目录版本"),
                Field("ind_va_ytd", "工业增加值"),
                Field("revenue_ytd", "营业收入"),
                Field("rd_expense_ytd", "研发费用"),
            ),
        ),
    ),
)
