"""The gate as asset checks: one per expectation, on the table that it judges, blocking what follows.

Here: the wiring. Not here: suites, judging, verdicts.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.check_results import as_result, asked_partitions, tell_each_quarter
from pipelines.gate import Finding, judge_all, load_suites, results_by_rule
from pipelines.gate.findings import RuleResult
from pipelines.gate.suites import OWN_RULES, Suite
from pipelines.partitions import QUARTERS, WRITER_POOL
from pipelines.quarters import Quarter
from pipelines.ui_metadata import code_references
from pipelines.workplace import Workplace

SHOWN_FINDINGS = 20


def gate_checks(known_tables: set[str]) -> dg.AssetChecksDefinition:
    """All expectations of the suites as one step; `known_tables` are the assets that checks can be attached to."""
    suites = load_suites()
    missing = sorted({suite.table for suite in suites} - known_tables)
    if missing:
        raise dg.DagsterInvalidDefinitionError(f"expectations judge tables that no model builds: {', '.join(missing)}")
    specs = [
        dg.AssetCheckSpec(
            name=check_name(expectation.rule),
            asset=dg.AssetKey([suite.table]),
            description=expectation.description,
            blocking=expectation.severity == "error",
            partitions_def=QUARTERS,
            metadata={"rule": expectation.rule, "severity": expectation.severity, "source": expectation.source}
            | code_references(f"expectations/{suite.table}.yml"),
        )
        for suite in suites
        for expectation in suite.expectations
    ]
    specs += [
        dg.AssetCheckSpec(
            name=check_name(rule), asset=dg.AssetKey(["ed_indicators"]), description=f"{zh} · {en}", blocking=True, partitions_def=QUARTERS
        )
        for rule, (zh, en, _) in OWN_RULES.items()
    ]

    @dg.multi_asset_check(name="gate", specs=specs, pool=WRITER_POOL)
    def gate(context: dg.AssetCheckExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.AssetCheckResult]:
        from pipelines.openlineage import Dataset, recorded
        from pipelines.receipts import issue_judged

        workplace.warehouse.hold_writer_lock()
        quarters = [str(key) for key in sorted(asked_partitions(context))]
        with recorded(workplace, context.run, [Quarter.parse(quarter) for quarter in quarters], "gate") as recording:
            verdicts = judge_all(quarters, workplace.warehouse, workplace.ledger, workplace.settings.actor)
            results = results_by_rule([finding for verdict in verdicts for finding in verdict.findings])
            recording.reads(*(Dataset(suite.table, assertions=_assertions(suite, results)) for suite in suites))
        for verdict in verdicts:
            counts = ", ".join(f"{count} {name}" for name, count in sorted(verdict.counts.items()))
            workplace.say("gate", f"{verdict.quarter}: {verdict.outcome} ({counts})")
            issued = issue_judged(verdict.quarter, verdict.findings, workplace.warehouse, workplace.ledger, workplace.settings.actor)
            if issued:
                workplace.say("receipts", f"{verdict.quarter}: {issued} in {workplace.warehouse.receipts / verdict.quarter}")
        if len(verdicts) > 1:
            for verdict in verdicts:
                of_quarter = results_by_rule(verdict.findings)
                tell_each_quarter(context, (_evaluation(spec, of_quarter.get(_rule(spec)), verdict.quarter) for spec in specs))
        for spec in specs:
            yield as_result(_evaluation(spec, results.get(_rule(spec)), None))

    return gate


def _rule(spec: dg.AssetCheckSpec) -> str:
    return str((spec.metadata or {}).get("rule", spec.name.replace("_", "-")))


def _evaluation(spec: dg.AssetCheckSpec, result: RuleResult | None, quarter: str | None) -> dg.AssetCheckEvaluation:
    """What the UI shows of a check: passed if nobody found otherwise, with the findings that failed."""
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result is None or result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result and result.severity == "error" else dg.AssetCheckSeverity.WARN,
        description=spec.description,
        metadata={
            "failing": result.count if result else 0,
            "findings": dg.MetadataValue.md(findings_table([each for each in result.findings if not each.passed] if result else [])),
        },
        blocking=spec.blocking,
        partition=quarter,
    )


def _assertions(suite: Suite, results: dict[str, RuleResult]) -> tuple[tuple[str, bool, str, str], ...]:
    """What a catalogue is told of a judged table: rule, passed, severity in its words, description; no finding."""
    judged = ((each, results[each.rule]) for each in suite.expectations if each.rule in results)
    return tuple((each.rule, result.passed, "error" if each.severity == "error" else "warn", each.description) for each, result in judged)


def check_name(rule: str) -> str:
    """A rule id as Dagster writes names."""
    return rule.replace("-", "_")


def findings_table(findings: list[Finding]) -> str:
    """Failing findings as a table for the UI: subject, observed, expected, reason; the first ones if there are many."""
    lines = ["| subject | observed | expected | reason |", "|---|---|---|---|"]
    lines += [f"| {f.subject} | {f.observed} | {f.expected} | {f.reason} |" for f in (each.public for each in findings[:SHOWN_FINDINGS])]
    return "\n".join(lines) if findings else "none"
