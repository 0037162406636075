"""The tax office's database: taxpayers, VAT returns, R&D super-deduction returns."""

from __future__ import annotations

from pipelines.feeds.contract import Column, DatabaseFeed, DatabaseTable

TAX_TABLES = (
    DatabaseTable(
        name="dj_nsrxx",
        primary_key="djxh",
        columns=(
            Column("djxh", "bigint"),
            Column("nsrsbh", "varchar"),
            Column("nsrmc", "varchar"),
            Column("xzqh_dm", "char"),
            Column("hy_dm", "char"),
            Column("djrq", "date"),
            Column("nsrzt_dm", "char"),
            Column("xgrq", "timestamp"),
        ),
    ),
    DatabaseTable(
        name="sb_zzs",
        primary_key="sbxh",
        period_end="skssq_z",
        period_start="skssq_q",
        filed_at="sbrq",
        columns=(
            Column("sbxh", "bigint"),
            Column("djxh", "bigint"),
            Column("skssq_q", "date"),
            Column("skssq_z", "date"),
            Column("xse", "amount"),
            Column("ynse", "amount"),
            Column("ms_jsxse", "amount"),
            Column("sbrq", "timestamp"),
        ),
    ),
    DatabaseTable(
        name="sb_yfjjkc",
        primary_key="sbxh",
        period_end="skssq_z",
        period_start="skssq_q",
        filed_at="sbrq",
        starts_with_year=True,
        columns=(
            Column("sbxh", "bigint"),
            Column("djxh", "bigint"),
            Column("skssq_q", "date"),
            Column("skssq_z", "date"),
            Column("sblx_dm", "char"),
            Column("xmsl", "bigint"),
            Column("yffy_gj", "amount"),
            Column("jjkc_je", "amount"),
            Column("sbrq", "timestamp"),
        ),
    ),
)

TAX = DatabaseFeed("tax", "tax office", TAX_TABLES)
