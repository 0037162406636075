"""The incubator platform's workbook: carriers (incubators, makerspaces) and their tenants on the quarter's last day."""

from __future__ import annotations

from pipelines.feeds.contract import Feed, Field, Table

INCUBATORS = Feed(
    name="incubators",
    office="incubator platform",
    form="workbook",
    tables=(
        Table(
            name="carriers",
            sheet="孵化载体",
            layout="plain",
            key=("carrier_code",),
            fields=(
                Field("carrier_code", "载体编码"),
                Field("carrier_name", "载体名称"),
                Field("carrier_type", "类型", also=(("类型(孵化器/众创空间)",),)),
                Field("carrier_level", "级别"),
                Field("region_code", "行政区划代码"),
                Field("operator_uscc", "运营机构统一社会信用代码"),
                Field("recognised_on", "认定日期", is_day=True),
                Field("area_total", "使用总面积(平方米)"),
                Field("area_office", "办公用房"),
                Field("area_tenant", "在孵企业用房"),
                Field("area_public", "公共服务用房"),
                Field("area_other", "其他用房"),
                Field("tenant_count", "在孵企业数"),
                Field("staff_count", "从业人员数"),
                Field("graduated_count", "当年毕业企业数"),
                Field("area_new", "当年新增孵化面积(平方米)"),
                Field("income", "总收入(千元)"),
            ),
        ),
        Table(
            name="tenants",
            sheet="在孵企业",
            layout="plain",
            key=("carrier_code", "uscc"),
            fields=(
                Field("carrier_code", "载体编码", may_span=True),
                Field("firm_name", "企业名称"),
                Field("uscc", "统一社会信用代码"),
                Field("entered_on", "入孵日期", is_day=True),
                Field("left_on", "离孵日期", is_day=True),
                Field("state", "状态", also=(("状态(在孵/毕业/退出)",),)),
                Field("staff_count", "从业人员数"),
                Field("investment", "当年获投融资额(千元)"),
            ),
        ),
    ),
)
