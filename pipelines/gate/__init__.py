"""The gate: what is judged before publication, the verdict on it, and the demand for that verdict.

Here: suites and waivers as data, the one adapter to Great Expectations, findings, verdicts in the ledger.
Not here: computing what is judged (dbt models, `models/checks` among them) and publishing. Nothing here imports Dagster, and
nothing but `adapter.evaluate` imports Great Expectations.
"""

from pipelines.gate.findings import Finding, RuleResult, results_by_rule
from pipelines.gate.suites import EXPECTATIONS, OWN_RULES, Expectation, Suite, load_suites, suites_sha256
from pipelines.gate.verdict import Verdict, judge, judge_all, require_chain, require_verdict
from pipelines.gate.waivers import Waiver, load_waivers

__all__ = [
    "EXPECTATIONS",
    "OWN_RULES",
    "Expectation",
    "Finding",
    "RuleResult",
    "Suite",
    "Verdict",
    "Waiver",
    "judge",
    "judge_all",
    "load_suites",
    "load_waivers",
    "require_chain",
    "require_verdict",
    "results_by_rule",
    "suites_sha256",
]
