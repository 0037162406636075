"""Odd but legal: deliveries that look wrong and are right, and values that are read as what they certainly are."""

from __future__ import annotations

from pipelines.feeds import TAX_TABLES
from tests.integration.faults.cases import Legal
from tests.integration.faults.mutators import MAIN_SHEET
from tests.integration.faults.odd_exports import REGISTRY
from tests.integration.faults.odd_workbooks import OF_ONE_WORKBOOK, of_workbook
from tests.integration.faults.registers import ONE_FIRM, ONE_VAT


def as_text(table: str) -> tuple[str, ...]:
    """Every column of a table kept as text, the key too."""
    (found,) = (each for each in TAX_TABLES if each.name == table)
    columns = [column.name for column in found.columns]
    return (
        f"alter table {table} rename to kept",
        f"create table {table} ({', '.join(f'{name} text' for name in columns)})",
        f"insert into {table} select {', '.join(columns)} from kept",
    )


REGISTERS = [
    Legal("D07", "days with midnight behind them", "tax", ("update sb_zzs set skssq_z = skssq_z || ' 00:00:00'",)),
    Legal("D07", "moments with a zone", "tax", (f"update sb_zzs set sbrq = sbrq || '+08:00' where {ONE_VAT}",)),
    Legal("D05", "a column more", "tax", ("alter table sb_zzs add column bz varchar(20)",)),
    Legal("D05", "a table more", "tax", ("create table sb_qt (sbxh bigint)",)),
    Legal(
        "C10",
        "columns in another order",
        "tax",
        (
            "alter table sb_zzs rename to kept",
            "create view sb_zzs as select ms_jsxse, ynse, xse, sbrq, skssq_z, skssq_q, djxh, sbxh from kept",
        ),
    ),
    Legal("T10", "codes padded with blanks", "tax", (f"update dj_nsrxx set xzqh_dm = xzqh_dm || '  ' where {ONE_FIRM}",)),
    Legal(
        "T11",
        "a code in full-width digits",
        "tax",
        (f"update dj_nsrxx set nsrsbh = replace(nsrsbh, '9', '９') where {ONE_FIRM}",),
        coercions={"dj_nsrxx": 1},
    ),
    *(
        Legal(
            "X09",
            f"a period's end written {form}",
            "tax",
            (f"update sb_zzs set skssq_z = '{form}' where {ONE_VAT}",),
            coercions={"sb_zzs": 1},
        )
        for form in ("2023-3-31", "20230331", "2023/3/31", "2023.3.31", "2023年3月31日", "２０２３-０３-３１", "2023-03-31 23:59:59")
    ),
    Legal(
        "X09",
        "a period's end as a number of eight digits",
        "tax",
        (f"update sb_zzs set skssq_z = 20230331 where {ONE_VAT}",),
        coercions={"sb_zzs": 1},
    ),
    Legal(
        "X09",
        "a period's start with a time",
        "tax",
        (f"update sb_zzs set skssq_q = skssq_q || ' 08:00' where {ONE_VAT}",),
        coercions={"sb_zzs": 1},
    ),
    Legal(
        "X09",
        "a moment of filing with slashes",
        "tax",
        (f"update sb_zzs set sbrq = replace(sbrq, '-', '/') where {ONE_VAT}",),
        coercions={"sb_zzs": 1},
    ),
    Legal(
        "D07",
        "a day with a time that is not midnight",
        "tax",
        (f"update dj_nsrxx set djrq = djrq || ' 16:00:00' where {ONE_FIRM}",),
        coercions={"dj_nsrxx": 1},
    ),
    Legal(
        "D07",
        "an amount behind the sign of its currency",
        "tax",
        (f"update sb_zzs set xse = '￥' || xse where {ONE_VAT}",),
        coercions={"sb_zzs": 1},
    ),
    Legal("D07", "a table whose columns are all text", "tax", as_text("sb_zzs")),
    Legal("D09", "the same rows read again", "tax", ("select 1",)),
]
LEGAL_CASES = [*REGISTRY, *(case for feed in MAIN_SHEET for case in of_workbook(feed)), *OF_ONE_WORKBOOK, *REGISTERS]
