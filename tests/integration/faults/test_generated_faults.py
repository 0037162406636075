"""Forms of values × columns of all feeds: whatever form a value comes in, it is read as what it is, or its row is kept aside.

Each delivery carries as many cases as it has rows for, one in a row. What is silent fails: a figure that differs from the sound
delivery's, a row that is gone, a form of no sure meaning that counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

import duckdb
import pytest
from openpyxl.utils import get_column_letter

from pipelines.errors import DeliveryRejected
from pipelines.feeds import FILE_FEEDS
from pipelines.landing.parquet import landed_positions, landing_path
from tests.integration.faults import forms
from tests.integration.faults.bench import MODEL_OF, QUARTER, Bench, Staged
from tests.integration.faults.forms import Form
from tests.integration.faults.mutators import parts, sheet_part
from tests.integration.faults.pages import Page, inline, shared_strings

TYPES: dict[str, tuple[Callable[[str], Iterator[Form]], re.Pattern[str]]] = {
    "number": (forms.numbers, re.compile(r"[1-9][0-9]*([.][0-9]+)?|0[.][0-9]*[1-9]")),
    "growth": (forms.numbers, re.compile(r"-?[0-9]+[.][0-9]*[1-9]")),
    "uscc": (forms.uscc, re.compile("[0-9A-Z]{18}")),
    "division": (forms.division, re.compile("33[0-9]{4}")),
    "day": (forms.day, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    "moment": (forms.moment, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} .*")),
    "list": (forms.listed, re.compile(".+")),
    "country": (forms.listed, re.compile("156")),
}
#: Table -> column -> type.
COLUMNS = {
    "contracts": {
        "contract_amount": "number", "tech_amount": "number", "seller_uscc": "uscc", "buyer_uscc": "uscc", "seller_region": "division",
        "signed_on": "day", "registered_on": "day", "category": "list", "state": "list", "buyer_country": "country",
    },
    "gdp": {"gdp_ytd": "number", "gdp_growth": "growth", "region_code": "division"},
    "industry": {
        "ind_va_ytd": "number", "ind_va_growth": "growth", "ht_va_ytd": "number", "ht_va_growth": "growth", "revenue_ytd": "number",
        "rd_expense_ytd": "number", "rd_expense_growth": "growth", "region_code": "division",
    },
    "investment": {"fai_ytd": "number", "fai_growth": "growth", "ht_inv_ytd": "number", "ht_inv_growth": "growth"},
    "enterprises": {
        "uscc": "uscc", "region_code": "division", "is_ht": "list", "industry_code": "list",
        "ind_va_ytd": "number", "revenue_ytd": "number", "rd_expense_ytd": "number",
    },
    "carriers": {
        "carrier_type": "list", "carrier_level": "list", "region_code": "division", "operator_uscc": "uscc", "recognised_on": "day",
        "area_total": "number", "area_office": "number", "area_tenant": "number", "area_public": "number", "area_other": "number",
        "tenant_count": "number", "staff_count": "number", "graduated_count": "number", "area_new": "number", "income": "number",
    },
    "tenants": {"uscc": "uscc", "entered_on": "day", "state": "list", "staff_count": "number", "investment": "number"},
    "entries": {
        "indicator_code": "list", "region_code": "division", "period": "list", "as_of": "day",
        "value": "number",
    },
    "targets": {"indicator_code": "list", "year": "list", "region_code": "division", "target": "number"},
}  # fmt: skip
#: The same for the tax office's database, whose rows stand under their keys.
TAX_COLUMNS = {
    "dj_nsrxx": {"nsrsbh": "uscc", "xzqh_dm": "division", "hy_dm": "list", "djrq": "day", "nsrzt_dm": "list", "xgrq": "moment"},
    "sb_zzs": {"skssq_q": "day", "skssq_z": "day", "xse": "number", "ynse": "number", "ms_jsxse": "number", "sbrq": "moment"},
}
FEED_OF = {table.name: feed for feed in FILE_FEEDS.values() for table in feed.tables}
SHEET_OF = {table.name: table.sheet for feed in FILE_FEEDS.values() for table in feed.tables}


@dataclass(frozen=True)
class Tried:
    """A form in a cell of a row."""

    table: str
    column: str
    row: int
    form: Form
    before: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} row {self.row}: {self.before!r} as {self.form.text!r} ({self.form.kind}, {self.form.words})"


def landed_texts(bench: Bench, table: str) -> dict[int, dict[str, Any]]:
    """The sound delivery's rows as text, by source row."""
    feed = "tax" if table in TAX_COLUMNS else FEED_OF[table].name
    delivery = bench.ledger().in_force()[QUARTER, feed]
    path = landing_path(bench.warehouse, feed, table, QUARTER, delivery.delivery_id)
    cursor = duckdb.execute("select * from read_parquet(?, hive_partitioning = false) order by source_row", [str(path)])
    names = [name for (name, *_) in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["source_row"]: row for row in rows}


def batches(
    table: str, columns: dict[str, str], texts: dict[int, dict[str, Any]], kept: dict[int, tuple[Any, ...]]
) -> Iterator[list[Tried]]:
    """All cases of a table, in as few deliveries as its rows allow: one case in a row."""
    waiting = []
    for column, kind in columns.items():
        made, pattern = TYPES[kind]
        rows = [row for row in kept if (text := texts[row][column]) and pattern.fullmatch(str(text))]
        assert rows, f"{table}.{column}: no row of the sample to try a form in"
        found = {row: {form.words: form for form in all_forms(made, str(texts[row][column]), table, kind)} for row in rows}
        waiting += [(column, words, found) for words in dict.fromkeys(words for forms_of in found.values() for words in forms_of)]
    while waiting:
        batch: dict[int, Tried] = {}
        later = []
        for column, words, found in waiting:
            row = next((row for row, forms_of in found.items() if row not in batch and words in forms_of), None)
            if row is None:
                later.append((column, words, found))
            else:
                batch[row] = Tried(table, column, row, found[row][words], str(texts[row][column]))
        yield list(batch.values())
        waiting = later


def all_forms(made: Callable[[str], Iterator[Form]], value: str, table: str, kind: str) -> Iterator[Form]:
    """The forms of a value in the delivery of a table: texts, and cells where it is a workbook."""
    is_csv = table in FEED_OF and FEED_OF[table].form == "csv"
    # A line end in a record would move all records behind it to other lines.
    # SQLite makes a number of an exponent as it is stored.
    is_passed = table in TAX_COLUMNS and kind == "number"
    yield from (form for form in made(value) if not (is_csv and "\n" in form.text) and not (is_passed and "exponent" in form.words))
    if kind not in ("number", "growth"):
        # A buyer without a country is one of this country.
        yield from (Form("same" if kind == "country" else "none", repr(mark), mark) for mark in forms.MARKS)
    if table in FEED_OF and not is_csv and kind in ("number", "growth"):
        yield from forms.number_cells(value, is_percent=kind == "growth")


def spoilt(bench: Bench, table: str, batch: list[Tried]) -> bytes:
    """The sound delivery with the forms in their cells."""
    feed = FEED_OF[table]
    content = bench.clean(feed.name)
    labels = {field.name: field.header for each in feed.tables if each.name == table for field in each.fields}
    if feed.form == "csv":
        reader = csv.reader(io.StringIO(content.decode("gb18030"), newline=""))
        rows = list(reader)
        for tried in batch:
            rows[tried.row - 1][rows[0].index(labels[tried.column])] = tried.form.text
        sink = io.StringIO(newline="")
        csv.writer(sink, lineterminator="\r\n").writerows(rows)
        return sink.getvalue().encode("gb18030")
    positions = landed_positions(bench.warehouse, bench.ledger().in_force()[QUARTER, feed.name], table)

    def change(members: dict[str, bytes]) -> None:
        part = sheet_part(members, SHEET_OF[table])
        page = Page(members[part], shared_strings(members["xl/sharedStrings.xml"]))
        members["xl/styles.xml"], styles = with_styles(members["xl/styles.xml"], sorted({tried.form.style for tried in batch} - {""}))
        for tried in batch:
            attributes, inner = tried.form.cell or inline(tried.form.text)
            style = f' s="{styles[tried.form.style]}"' if tried.form.style else ""
            page.put(tried.row, get_column_letter(positions[tried.column] + 1), (f"{style}{attributes}", inner))
        members[part] = page.xml.encode()

    return parts(change)(content)[0]


def with_styles(xml: bytes, wanted: list[str]) -> tuple[bytes, dict[str, int]]:
    """A workbook's styles with further ones, a number format each or a font that strikes out; where each of them stands."""
    text = xml.decode()
    fonts, first = (int(re.findall(rf'<{name} count="([0-9]+)"', text)[0]) for name in ("fonts", "cellXfs"))
    formats = "".join(f'<numFmt numFmtId="{300 + number}" formatCode={quoteattr(code)}/>' for number, code in enumerate(wanted))
    xfs = "".join(
        f'<xf numFmtId="0" fontId="{fonts}" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        if code == "struck"
        else f'<xf numFmtId="{300 + number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number, code in enumerate(wanted)
    )
    text = re.sub(r"(<numFmts[^>]*>)|(<fonts)", lambda m: m[1] + formats if m[1] else f"<numFmts>{formats}</numFmts>{m[2]}", text, count=1)
    text = text.replace("</fonts>", '<font><strike/><sz val="11"/></font></fonts>').replace("</cellXfs>", f"{xfs}</cellXfs>")
    text = re.sub(r'<(numFmts|fonts|cellXfs) count="[0-9]+"', r"<\1", text)
    return text.encode(), {code: first + number for number, code in enumerate(wanted)}


def staged(bench: Bench, table: str, batch: list[Tried]) -> Staged | None:
    """What staging makes of the forms; None if the delivery is refused."""
    try:
        if table in TAX_COLUMNS:
            key = "djxh" if table == "dj_nsrxx" else "sbxh"
            quoted = {tried.row: tried.form.text.replace("'", "''") for tried in batch}
            statements = [f"update {table} set {tried.column} = '{quoted[tried.row]}' where {key} = {tried.row}" for tried in batch]
            with bench.falsified_tax(*statements) as url:
                bench.land_tax(url)
                return bench.staged("tax", table)
        feed = FEED_OF[table].name
        with bench.delivered(feed, spoilt(bench, table, batch)):
            bench.land(feed)
            return bench.staged(feed, table)
    except DeliveryRejected:
        return None


def silent(tried: Tried, before: Staged, after: Staged) -> str:
    """Why a case is wrong; empty if its value is right, or its row kept aside."""
    if (tried.table, tried.row) in after.quarantined:
        return ""
    was, now = (each.rows[MODEL_OF.get(tried.table, tried.table)].get(tried.row) for each in (before, after))
    if now is None:
        return "the row is gone without a word"
    if tried.form.kind == "same":
        return "" if now == was else f"read as another value: {differences(was, now)}"
    if tried.form.kind == "none":
        is_none = now != was and all(value is None or value is False or type(value) is int for _, value in differences(was, now))
        return "" if is_none else f"read as a value: {differences(was, now) or 'as before'}"
    return f"counts, though nobody can be sure of it: {differences(was, now) or 'as before'}"


def differences(was: Any, now: Any) -> list[tuple[Any, Any]]:
    return [(one, other) for one, other in zip(was or (), now, strict=True) if one != other]


def judged(bench: Bench, before: Staged, batch: list[Tried]) -> list[tuple[Tried, str]]:
    """Each case with what is wrong with it; a refused delivery is tried in halves, until a single case is refused by itself."""
    after = staged(bench, batch[0].table, batch)
    if after is not None:
        return [(tried, silent(tried, before, after)) for tried in batch]
    if len(batch) == 1:
        return [(batch[0], "")]
    middle = len(batch) // 2
    return judged(bench, before, batch[:middle]) + judged(bench, before, batch[middle:])


def wrong_ones(table: str, found: list[tuple[Tried, str]]) -> list[str]:
    """The cases that are silent; the number of all is printed."""
    wrong = [f"{tried}: {why}" for tried, why in found if why]
    print(f"{table}: {len(found)} cases {dict(Counter(tried.form.kind for tried, _ in found))}, {len(wrong)} silent")
    return wrong


@pytest.mark.parametrize("table", COLUMNS)
def test_no_form_of_a_delivered_value_passes_in_silence(bench: Bench, table: str) -> None:
    before = bench.baseline(FEED_OF[table].name)
    made = batches(table, COLUMNS[table], landed_texts(bench, table), before.rows[table])
    assert wrong_ones(table, [each for batch in made for each in judged(bench, before, batch)]) == []


@pytest.mark.parametrize("table", TAX_COLUMNS)
def test_no_form_of_a_value_in_the_tax_database_passes_in_silence(bench: Bench, table: str) -> None:
    before = bench.baseline("tax")
    made = batches(table, TAX_COLUMNS[table], landed_texts(bench, table), before.rows[MODEL_OF[table]])
    assert wrong_ones(table, [each for batch in made for each in judged(bench, before, batch)]) == []
