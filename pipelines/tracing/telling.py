"""A traced cell for people: a page of the terminal, from the value down to the delivered rows.

Here: lines and tables. Not here: the trace (cell.py), machines' form of it (documents.py).
"""

from __future__ import annotations

from rich.console import Console

from pipelines.tracing.cell import SHOWN, Traced
from pipelines.tracing.contributions import Contribution, Counted
from pipelines.tracing.documents import amount_text, definition_lines, state_of
from pipelines.tracing.listing import Listing
from pipelines.tracing.models import Model
from pipelines.tracing.record import Delivered, Judged
from pipelines.transform.quarantine import EXPECTED


def show_cell(traced: Traced, out: Console, *, with_sql: bool) -> None:
    """Print a traced cell."""
    cell = traced.published

    def say(text: str = "") -> None:
        out.print(text, markup=False)

    value = "" if cell["value"] is None else f"{cell['value']!r} {cell['unit'] or ''}"
    say(f"{traced.edition.name}  {traced.region} {traced.region_name}  {cell['indicator']} {cell['indicator_name']}  {cell['period']}")
    say(f"  value      {value or cell['status']}" + (f"   ({cell['status']}, as of {cell['as_of']})" if value else ""))
    for name, text in definition_lines(traced):
        say(f"  {name:<10} {text}")
    say(f"  formula    {traced.formula}")
    if cell["status"] in ("value", "not_applicable", "missing"):
        say(f"             {traced.formula_with_numbers}" + (f" = {cell['value']!r}" if cell["value"] is not None else ""))
    say(f"  edition    {state_of(traced.edition)}")
    if traced.periods:
        say(f"  also       {', '.join(traced.periods)} (--period)")
    for name, counted in traced.counted.items():
        _show_term(name, counted, traced, out)
    _show_excluded(traced, out)
    show_deliveries(traced.deliveries, out)
    show_judged(traced.judged, out)
    show_models(traced.models, traced.models_changed, out, with_sql=with_sql)
    proof = (
        "withheld: not compared"
        if cell["status"] == "withheld"
        else f"{traced.rows:,} rows add up to the published {cell['status'] if cell['value'] is None else 'value'}"
    )
    say(f"\n{proof}; manifest and lineage are as published")


def _show_term(name: str, counted: Counted, traced: Traced, out: Console) -> None:
    term = counted.term
    total = "no value" if counted.total is None else amount_text(counted.total)
    quarters = ", ".join(share.quarter for share in term.shares)
    out.print(f"\n{name}: {term.indicator}.{term.role} of {quarters} = {total} from {counted.rows:,} rows", markup=False)
    if not counted.shown:
        return
    table = Listing("amount", "delivered", "place", "file", "region", "")
    for row in counted.shown:
        table.add_row(amount_text(row.amount), *_as_delivered(row, traced), row.region, _notes(row, traced))
    if rest := counted.rows - len(counted.shown):
        table.add_row(amount_text(counted.rest), "", f"{rest:,} further rows (--all)", "", "", "")
    table.show(out)


def _as_delivered(row: Contribution, traced: Traced) -> tuple[str, str, str]:
    landed = traced.landed[row.place]
    text = landed.text(row.column) if row.column else "(the row counts as one)"
    address = traced.landing.address(row.source_table, row.delivery_id, landed, row.column)
    return text, address, landed.file or traced.landing.delivery(row.source_table, row.delivery_id)["file"]


def _notes(row: Contribution, traced: Traced) -> str:
    return "; ".join(traced.landed[row.place].coercions(row.column, row.region))


def _show_excluded(traced: Traced, out: Console) -> None:
    if traced.excluded:
        out.print("\nnot counted:", markup=False)
        table = Listing("rows", "why", "such as")
        for each in traced.excluded:
            places = [
                traced.landing.address(row.source_table, row.delivery_id, traced.landed[row.place], None) for row in each.shown[:SHOWN]
            ]
            table.add_row(f"{each.rows:,}", each.reason, "; ".join(places))
        table.show(out)
    if traced.neighbours:
        out.print("\nquarantined, naming the region:", markup=False)
        for near in traced.neighbours:
            what = EXPECTED[near.reason][0]
            delivery = traced.landing.delivery(near.source_table, near.delivery_id)
            out.print(f"  {delivery['file']} {near.source_table} row {near.row}: {near.field}: {near.reason} {what}", markup=False)
    if traced.other_quarantined:
        out.print(f"\nquarantined in the same tables, of other regions or none: {traced.other_quarantined:,} rows", markup=False)


def show_deliveries(deliveries: list[Delivered], out: Console) -> None:
    """Print who delivered what and when."""
    out.print("\ndeliveries:", markup=False)
    table = Listing("quarter", "feed", "file", "received", "recorded by", "at (UTC)", "rows", "quarantined", "SHA-256")
    for each in deliveries:
        who = (each.entry.actor, each.entry.at[:16]) if each.entry else ("no line in the ledger", "")
        table.add_row(each.quarter, each.feed, each.file, each.received, *who, f"{each.rows:,}", f"{each.quarantined:,}", each.sha256)
    table.show(out)


def show_judged(found: Judged, out: Console) -> None:
    """Print the findings and waivers that touched what is traced."""
    out.print(f"\nfindings about it: {len(found.findings)} (expectations that passed in the quarter: {found.passed})", markup=False)
    for each in found.findings:
        state = "waived" if each.waiver else each.severity
        out.print(
            f"  {each.rule} {state} {each.subject}: {each.observed} (expected {each.expected}) {each.reason} {each.reason_en}", markup=False
        )
    for waiver in found.waivers:
        people = f"proposed by {waiver['proposed_by']}, approved by {waiver['approved_by']}, until {waiver['expires']}"
        out.print(f"  waiver of {waiver['rule']}: {waiver['reason']} ({people})", markup=False)


def show_models(models: list[Model], changed: list[str], out: Console, *, with_sql: bool) -> None:
    """Print the models passed, with their SQL if asked."""
    out.print("\nmodels passed:", markup=False)
    for model in models:
        out.print(f"  {model.path}", markup=False)
        if with_sql:
            out.print("\n".join(f"    {line}" for line in model.sql.splitlines()), markup=False)
    if changed:
        out.print(f"  changed since the edition: {', '.join(changed)}; its manifest names the commit", markup=False)
