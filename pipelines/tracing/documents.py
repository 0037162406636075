"""A traced cell for machines: one JSON document, or one CSV line per delivered row; and the words that both forms share.

Here: plain dictionaries and text. Not here: the terminal (telling.py).
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from pipelines.spreadsheets import neutralised
from pipelines.tracing.cell import Traced
from pipelines.tracing.contributions import Contribution
from pipelines.tracing.formulas import plain
from pipelines.tracing.published import Edition
from pipelines.tracing.record import Delivered, Judged

CSV_COLUMNS = (
    *("term", "quarter", "region_code", "amount", "as_delivered", "excluded_because"),
    *("delivery_sha256", "file", "sheet", "row", "column", "address", "coercions"),
)


def amount_text(amount: Decimal | None) -> str:
    """An exact amount in digits, grouped by thousands; empty for none."""
    if amount is None:
        return ""
    whole, _, fraction = plain(amount).partition(".")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "") if whole not in ("-0",) else plain(amount)


def state_of(edition: Edition) -> str:
    """Who published the edition, when, in which line of the ledger, with which code."""
    manifest, entry = edition.manifest, edition.entry
    code = f"{manifest['code']['version']}@{manifest['code']['commit'][:12]}"
    return f"published by {manifest['actor']} at {manifest['published_at']}, ledger line {entry.seq}, code {code}, {_judged(manifest)}"


def _judged(manifest: dict[str, Any]) -> str:
    return f"verdict {manifest['verdict']['outcome']} on data {manifest['verdict']['data_sha256'][:12]}"


def definition_lines(traced: Traced) -> list[tuple[str, str]]:
    """The definition in Chinese and in English, as published."""
    entry = traced.definition
    if not entry:
        return [("定义", "台账按交付口径 (not in the catalogue)"), ("definition", "as the ledger delivers it")]
    return [
        ("定义", f"{entry['name_zh']}({entry['unit']}):{entry['definition']}"),
        ("definition", f"{entry['name_en']}: {_in_english(traced)}"),
    ]


def _in_english(traced: Traced) -> str:
    recipe, entry = traced.recipe, traced.definition
    how = {
        "ledger": "as the bureau's ledger delivers it",
        "delivered": "as the office delivers it",
        "sum": "the sum",
        "ratio": "a ratio",
        "growth_pct": "the change on the same quarter a year before",
        "difference": "the change on the year before",
    }[recipe.rule]
    counted = any(term.is_counted for term in recipe.terms.values())
    return (
        f"{how}, {traced.formula}; "
        + ("counties are added up to cities and the province" if counted else "each level is delivered")
        + (", the year's quarters are added up" if any(len(term.shares) > 1 for term in recipe.terms.values()) else "")
        + f"; source of the definition: {entry['source']}"
    )


def cell_document(traced: Traced) -> dict[str, Any]:
    """The whole trace; amounts are exact decimals as text."""
    cell = traced.published
    return {
        "edition": edition_document(traced.edition),
        "region": traced.region,
        "region_name": traced.region_name,
        "cell": {name: value if isinstance(value, str | int | float | None) else str(value) for name, value in cell.items()},
        "other_periods": traced.periods,
        "definition": dict(definition_lines(traced)),
        "formula": traced.formula,
        "formula_with_numbers": traced.formula_with_numbers,
        "terms": [
            {
                "term": name,
                "measure": f"{each.term.indicator}.{each.term.role}",
                "quarters": [share.quarter for share in each.term.shares],
                "total": None if each.total is None else plain(each.total),
                "rows": each.rows,
                "shown": [row_document(row, traced) for row in each.shown],
                "rest_rows": each.rows - len(each.shown),
                "rest": plain(each.rest),
            }
            for name, each in traced.counted.items()
        ],
        "not_counted": [
            {"why": each.reason, "rows": each.rows, "shown": [row_document(row, traced) for row in each.shown]} for each in traced.excluded
        ],
        "quarantined": [vars(each) | {"file": _file(each.source_table, each.delivery_id, traced)} for each in traced.neighbours],
        "quarantined_elsewhere": traced.other_quarantined,
        "deliveries": [delivery_document(each) for each in traced.deliveries],
        **judged_document(traced.judged),
        "models": [{"name": each.name, "path": each.path, "sql": each.sql} for each in traced.models],
        "models_changed_since": traced.models_changed,
        "adds_up": None if cell["status"] == "withheld" else True,
    }


def edition_document(edition: Edition) -> dict[str, Any]:
    """Which edition, published by whom and when, and the hashes that bind it."""
    manifest = edition.manifest
    return {
        "quarter": edition.quarter,
        "edition": edition.number,
        "published_at": manifest["published_at"],
        "actor": manifest["actor"],
        "code": manifest["code"],
        "ledger_line": edition.entry.seq,
        "manifest_sha256": edition.entry.payload["manifest_sha256"],
        "verdict": manifest["verdict"],
    }


def row_document(row: Contribution, traced: Traced) -> dict[str, Any]:
    """A delivered row: what it counts for, where it stands, and its cells as delivered, as many as were read."""
    landed = traced.landed[row.place]
    return {
        "quarter": row.quarter,
        "region": row.region,
        "role": row.role,
        "amount": None if row.amount is None else plain(row.amount),
        "column": row.column,
        "as_delivered": landed.text(row.column) if row.column else None,
        "coercions": landed.coercions(row.column, row.region),
        "excluded_because": row.excluded_because or None,
        "delivery_sha256": traced.landing.delivery(row.source_table, row.delivery_id)["sha256"],
        "file": landed.file or _file(row.source_table, row.delivery_id, traced),
        "sheet": landed.sheet or row.source_table.split("/")[1],
        "row": row.row,
        "address": traced.landing.address(row.source_table, row.delivery_id, landed, row.column),
        "cells": {name: landed.text(name) for name in landed.cells},
    }


def _file(source_table: str, delivery_id: str, traced: Traced) -> str:
    return str(traced.landing.delivery(source_table, delivery_id)["file"])


def delivery_document(each: Delivered) -> dict[str, Any]:
    """A delivery with who recorded it and when."""
    told = {name: value for name, value in vars(each).items() if name != "entry"}
    return told | {"recorded_by": each.entry.actor if each.entry else None, "recorded_at": each.entry.at if each.entry else None}


def judged_document(found: Judged) -> dict[str, Any]:
    """Findings and waivers."""
    return {"findings": [vars(each) for each in found.findings], "waivers": found.waivers, "expectations_passed": found.passed}


def cell_csv(traced: Traced) -> str:
    """A line per delivered row that is shown, counted ones first; text that a spreadsheet would run is neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    named = [(name, row) for name, each in traced.counted.items() for row in each.shown]
    for name, row in [*named, *(("", row) for each in traced.excluded for row in each.shown)]:
        told = row_document(row, traced)
        cells = [name, told["quarter"], told["region"], told["amount"], told["as_delivered"], told["excluded_because"]]
        cells += [told["delivery_sha256"], told["file"], told["sheet"], told["row"], told["column"], told["address"]]
        cells.append("; ".join(told["coercions"]))
        writer.writerow([neutralised(each) if isinstance(each, str) and not _is_number(each) else each for each in cells])
    return text.getvalue()


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
