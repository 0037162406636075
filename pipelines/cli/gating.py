"""Commands about the gate: what it found, and the proposal of a waiver.

Here: options and what is printed. Not here: judging, which a run does. They read the ledger and files and import neither
Dagster nor Great Expectations.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipelines.cli.common import WIDEST, Json, Verbose, WarehouseFolder, app, day_of, out, print_json, reported
from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pipelines.gate import Finding

QuarterJudged = Annotated[str, typer.Argument(help="A judged quarter, such as 2023Q3.")]


@app.command("findings")
@reported
def show_findings(
    quarter: QuarterJudged,
    rule: Annotated[str | None, typer.Option(help="Only findings of this rule.")] = None,
    with_passed: Annotated[bool, typer.Option("--all", help="Also the expectations that passed.")] = False,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """What the gate found in a quarter: rule, severity, subject, observed and expected value, reason and next step."""
    from pipelines.gate import suites_sha256
    from pipelines.gate.verdict import last_verdict
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    Quarter.parse(quarter)
    settings = load_settings(warehouse=warehouse)
    entry, findings = last_verdict(quarter, Warehouse(settings.warehouse), Ledger(settings.ledger_database_url, is_reader=True))
    if rule and rule not in {finding.rule for finding in findings}:
        raise UsageError(f"--rule: found {rule}; expected one of {', '.join(sorted({finding.rule for finding in findings}))}")
    shown = sorted(
        (finding for finding in findings if (with_passed or not finding.passed) and rule in (None, finding.rule)),
        key=lambda finding: (not finding.holds, finding.passed, finding.severity, finding.rule, finding.subject),
    )
    is_current = entry.payload["suites_sha256"] == suites_sha256(quarter)
    verdict = {"outcome": entry.payload["outcome"], "judged_at": entry.at, "ledger_line": entry.seq, "suites_are_current": is_current}
    if as_json:
        print_json({"quarter": quarter, **verdict, "counts": entry.payload["counts"], "findings": [asdict(each) for each in shown]})
        return
    counts = ", ".join(f"{count} {name}" for name, count in sorted(entry.payload["counts"].items()))
    out.print(f"{quarter}: {verdict['outcome']} ({counts}), judged at {entry.at[:16]} UTC, ledger line {entry.seq}", markup=False)
    if not is_current:
        out.print("suites or waivers have changed since: run the quarter again for a verdict under those of now", markup=False)
    if shown:
        out.width = WIDEST
        table = findings_table(shown)
        out.width = out.measure(table).maximum
        out.print(table)


def findings_table(findings: list[Finding]) -> Table:
    """Findings as a table: a line each, those that hold the quarter first."""
    table = Table("rule", "severity", "subject", "observed", "expected", "of", "reason", "next step", "waiver", box=None)
    for each in findings:
        state = "passed" if each.passed else "waived" if each.waiver else each.severity
        words = (f"{each.reason} {each.reason_en}", "" if each.passed else each.next_step, each.waiver)
        table.add_row(each.rule, state, each.subject, each.observed, each.expected, str(each.count), *words)
    return table


@app.command()
@reported
def waive(
    quarter: QuarterJudged,
    rule: Annotated[str, typer.Argument(help="The rule of the finding.")],
    reason: Annotated[str, typer.Option(help="Why the finding may pass.")],
    expires: Annotated[str, typer.Option(help="The last day on which the waiver holds, such as 2023-12-31.")],
    region: Annotated[str, typer.Option(help="The finding's region, as i315 findings --json gives it.")] = "",
    indicator: Annotated[str, typer.Option(help="The finding's indicator, as i315 findings --json gives it.")] = "",
    proposed_by: Annotated[str | None, typer.Option(help="Who proposes; the actor of the settings if left out.")] = None,
    approved_by: Annotated[str, typer.Option(help="Who approves, another person; may be filled into the file later.")] = "",
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Write a waiver of one finding into expectations/waivers/, for review; nothing is published by it."""
    from pipelines.gate.proposing import propose
    from pipelines.gate.verdict import last_verdict
    from pipelines.gate.waivers import Waiver
    from pipelines.ledger import Ledger
    from pipelines.warehouse import Warehouse

    Quarter.parse(quarter)
    last_day = day_of(expires, "--expires")
    settings = load_settings(warehouse=warehouse)
    _, findings = last_verdict(quarter, Warehouse(settings.warehouse), Ledger(settings.ledger_database_url, is_reader=True))
    people = (" ".join((proposed_by or settings.actor).split()), " ".join(approved_by.split()))
    waiver = Waiver(rule, region, indicator, " ".join(reason.split()), *people, date=dt.date.today(), expires=last_day)
    if not waiver.reason:
        raise UsageError("--reason: found nothing; expected why the finding may pass")
    target = propose(quarter, waiver, findings, waiver.date)
    missing = "" if waiver.approved_by else "fill in approved_by (another person), "
    out.print(f"written to {target}: {missing}have it reviewed and committed, then i315 run {quarter}", markup=False)
