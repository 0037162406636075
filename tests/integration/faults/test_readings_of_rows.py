"""What a sound row is read as, by the pages alone: amounts in their unit, and which of a taxpayer's returns counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.integration.faults.bench import MODEL_OF, QUARTER, Bench
from tests.integration.faults.registers import ONE_VAT
from tests.integration.faults.test_generated_faults import FEED_OF, landed_texts

YUAN = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}
#: Table -> delivered column -> column in yuan, and the unit of the contract (feeds.md); the statistics' is the sheet's own.
AMOUNTS = {
    "contracts": {"contract_amount": ("contract_amount_yuan", "万元"), "tech_amount": ("tech_amount_yuan", "万元")},
    "industry": {"revenue_ytd": ("revenue_yuan", ""), "rd_expense_ytd": ("rd_expense_yuan", "")},
    "investment": {"fai_ytd": ("fai_yuan", "")},
    "enterprises": {"revenue_ytd": ("revenue_ytd_yuan", ""), "rd_expense_ytd": ("rd_expense_ytd_yuan", "")},
    "carriers": {"income": ("income_yuan", "千元")},
    "tenants": {"investment": ("investment_yuan", "千元")},
}


def columns_of(bench: Bench, table: str) -> list[str]:
    """The names of the values of `Staged.rows`, in their order."""
    with bench.warehouse.connect() as connection:
        names = [name for (name, *_) in connection.execute(f"describe base_{FEED_OF[table].name}__{table}").fetchall()]
    aside = ("delivery_id", "source_file", "source_sheet", "source_row", "coercions", "quarantined_because", "quarantined_field")
    return [name for name in names if name not in aside]


@pytest.mark.parametrize("table", AMOUNTS)
def test_an_amount_is_read_in_the_unit_that_the_contract_or_the_sheet_states(bench: Bench, table: str) -> None:
    texts, kept, names = landed_texts(bench, table), bench.baseline(FEED_OF[table].name).rows[table], columns_of(bench, table)
    compared = 0
    for column, (built, unit) in AMOUNTS[table].items():
        place = next(number for number, name in enumerate(names) if name in (built, built.replace("_yuan", "_ytd_yuan")))
        for row, values in kept.items():
            text = texts[row][column]
            if text and text.replace(".", "", 1).isdigit():
                assert values[place] == Decimal(text) * YUAN[unit or texts[row]["unit"]], (table, column, row)
                compared += 1
    assert compared > 50


def superseded(bench: Bench, *statements: str) -> dict[int, bool]:
    """Which returns of the taxpayer are superseded once a second one was filed."""
    with bench.falsified_tax(*statements) as url:
        bench.land_tax(url)
        names = vat_columns(bench)
        rows = bench.staged("tax", "sb_zzs").rows[MODEL_OF["sb_zzs"]]
    number, is_old = names.index("return_id"), names.index("is_superseded")
    return {values[number]: values[is_old] for values in rows.values() if values[number] in (1, LARGE)}


def vat_columns(bench: Bench) -> list[str]:
    with bench.warehouse.connect() as connection:
        names = [name for (name, *_) in connection.execute("describe base_tax__vat_returns").fetchall()]
    aside = ("delivery_id", "source_file", "source_sheet", "source_row", "coercions", "quarantined_because", "quarantined_field")
    return [name for name in names if name not in aside]


LARGE = 999_999_999_999
COPIED = (
    "insert into sb_zzs (sbxh, djxh, skssq_q, skssq_z, xse, ynse, ms_jsxse, sbrq) "
    f"select {{number}}, djxh, skssq_q, skssq_z, xse + 1, ynse, ms_jsxse, '{{filed}}' from sb_zzs where {ONE_VAT}"
)


def test_the_return_filed_last_counts_whatever_its_number_and_of_one_moment_the_larger_number(bench: Bench) -> None:
    late, later = f"{QUARTER[:4]}-06-01 08:00:00", f"{QUARTER[:4]}-07-01 08:00:00"
    first, second = COPIED.format(number=LARGE, filed=late), COPIED.format(number=1, filed=later)
    # The second copy is made of the same return: 1 is the smallest number from then on, so it comes last.
    assert superseded(bench, first, second) == {1: False, LARGE: True}
    assert superseded(bench, first, COPIED.format(number=1, filed=late)) == {1: True, LARGE: False}
