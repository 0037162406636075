"""The technology-contract registry's export: one CSV with every contract of the year so far."""

from __future__ import annotations

from pipelines.feeds.contract import Feed, Field, Table

CONTRACTS = Feed(
    name="contracts",
    office="technology-contract registry",
    form="csv",
    tables=(
        Table(
            name="contracts",
            sheet="",
            layout="csv",
            fields=(
                Field("contract_no", "合同登记编号"),
                Field("contract_name", "合同名称"),
                Field("category", "合同类别"),
                Field("signed_on", "合同签订日期"),
                Field("registered_on", "登记日期"),
                Field("seller_name", "卖方名称"),
                Field("seller_uscc", "卖方统一社会信用代码"),
                Field("seller_region", "卖方行政区划代码"),
                Field("seller_kind", "卖方性质"),
                Field("buyer_name", "买方名称"),
                Field("buyer_uscc", "买方统一社会信用代码"),
                Field("buyer_country", "买方国别代码"),
                Field("buyer_region", "买方行政区划代码"),
                Field("contract_amount", "合同成交总额(万元)"),
                Field("tech_amount", "技术交易额(万元)"),
                Field("tech_field", "技术领域"),
                Field("ip_type", "知识产权类型"),
                Field("social_goal", "社会经济目标"),
                Field("state", "合同状态"),
                Field("changed_on", "变更日期"),
            ),
        ),
    ),
)
