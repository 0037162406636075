"""The page of rules: what the gate judges, for people, written from the suites.

Here: `docs/rules.md` as text. Not here: the rules (expectations/) and judging.
Run `python -m pipelines.gate.page > docs/rules.md` after a change of a suite.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pipelines.gate.findings import expected_text
from pipelines.gate.suites import OWN_RULES, Expectation, Suite, load_suites

HEAD = """\
# Rules of the gate

Written by `python -m pipelines.gate.page` from `expectations/`; change the suites, not this page.

{rules} rules judge {tables} tables before anything is published, {errors} of them as errors. An unwaived **error** holds the quarter;
a **warning** is published with it. *Rows* says which rows of the table a rule is about (everything without it) and, in brackets, the
quarters of the year in which it is asked. *Admitted* is what passes; a table that starts with `chk_` states the bound of each row itself,
beside the observed value, and the finding shows it. A rule that judged nothing, crashed or gave no result is an error that takes no
waiver, whatever its own severity.

Rules about disclosure (small cells) and about row lineage come with the stages that make them; there is none here yet.
"""
OWN_HEAD = """\
## The gate itself

Errors, without waiver, about the gate's own work.
"""
COLUMNS = ("Rule", "Severity", "Reason", "Admitted", "Rows", "Waiver", "Next step", "Source")


def rules_page(suites: list[Suite]) -> str:
    """The page as Markdown: a table per judged table, then the gate's own rules."""
    rules = [expectation for suite in suites for expectation in suite.expectations]
    errors = sum(rule.severity == "error" for rule in rules)
    parts = [HEAD.format(rules=len(rules), tables=len(suites), errors=errors)]
    parts += [f"## {suite.table}\n\n" + _table(COLUMNS, map(_line, suite.expectations)) for suite in suites]
    own = ((rule, "error", f"{zh}<br>{en}", next_step) for rule, (zh, en, next_step) in sorted(OWN_RULES.items()))
    parts.append(OWN_HEAD + "\n" + _table(("Rule", "Severity", "Reason", "Next step"), own))
    return "\n".join(parts)


def _table(columns: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> str:
    rows = [columns, ("---",) * len(columns), *lines]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def _line(rule: Expectation) -> tuple[str, ...]:
    selected = "; ".join(f"{column} = {', '.join(map(str, admitted))}" for column, admitted in rule.rows)
    asked = "" if len(rule.quarters) == 4 else "(Q" + ", Q".join(map(str, rule.quarters)) + ")"
    return (
        rule.rule,
        rule.severity,
        f"{rule.reason_zh}<br>{rule.reason_en}",
        rule.bound or f"{', '.join(rule.columns) or 'rows'}: {expected_text(rule)}",
        " ".join(part for part in (selected, asked) if part),
        "yes" if rule.waivable else "no",
        rule.next_step_zh,
        rule.source,
    )


if __name__ == "__main__":
    sys.stdout.write(rules_page(load_suites()))
