"""The one place that touches Great Expectations.

Here: running expectations on pandas frames and bringing each result back by its rule. Not here: what the results mean.
Raw values stay inside: only positions of failing rows, one observed number and the reason of a crash come out.
"""

from __future__ import annotations

import functools
import importlib
import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.errors import UsageError
from pipelines.gate.pooling import Task, pooled
from pipelines.gate.suites import Expectation

__all__ = ["Outcome", "Task", "evaluate", "load_in_background", "outcome_of"]


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation.

    `crashed` names why it was not evaluated (empty if it was); `failing` are positions in the frame; `observed` is the
    number of an expectation about the whole table.
    """

    rule: str
    success: bool
    failing: tuple[int, ...] = ()
    observed: Any = None
    crashed: str = ""


def load_in_background() -> None:
    """Start importing Great Expectations beside other work: it takes seconds of a core that a waiting process does not use."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    threading.Thread(target=importlib.import_module, args=("great_expectations",), daemon=True).start()


def evaluate(tasks: Iterable[Task]) -> dict[str, dict[str, Outcome]]:
    """Outcomes by task name and rule. The import costs seconds, so callers bring all they have in one call."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    rows = _rows()
    import great_expectations as gx

    outcomes: dict[str, dict[str, Outcome]] = defaultdict(dict)

    def asked(task: Task) -> dict[str, Outcome]:
        suite = gx.ExpectationSuite(name=task.name)
        for expectation in task.expectations:
            suite.add_expectation(_expectation(gx, expectation))
        batch = rows.get_batch({"dataframe": task.frame})
        result = batch.validate(suite, result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False})
        return {found.rule: found for found in (outcome_of(each, len(task.frame)) for each in result.results)}

    pools, alone = pooled(tasks)
    for pool in pools:
        (answer,) = asked(pool.task).values()
        if answer.crashed:
            # Whose rows it was that could not be judged, only each of them by itself can say.
            alone += pool.alone
            continue
        for part, failing in pool.failing(answer.failing):
            outcomes[part.task][part.rule] = Outcome(part.rule, success=not failing, failing=failing)
    for task in alone:
        outcomes[task.name] |= asked(task)
    return outcomes


@functools.cache
def _rows() -> Any:
    """The one definition of a batch for all tasks: a context takes seconds, and time in the square of the assets that it collects."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(metric_calculations=False)
    return context.data_sources.add_pandas("warehouse").add_dataframe_asset("judged").add_batch_definition_whole_dataframe("rows")


def _expectation(gx: Any, expectation: Expectation) -> Any:
    kwargs = dict(expectation.kwargs)
    if expectation.type.startswith("expect_column_pair"):
        kwargs["ignore_row_if"] = "neither"
    if expectation.type.startswith("expect_compound"):
        kwargs["ignore_row_if"] = "never"
    made = "".join(part.capitalize() for part in expectation.type.split("_"))
    try:
        return getattr(gx.expectations, made)(**kwargs, meta={"rule": expectation.rule})
    except (TypeError, ValueError) as error:
        raise UsageError(f"{expectation.table}.yml: {expectation.rule}: kwargs: found {' '.join(str(error).split())[:300]}") from error


def outcome_of(result: Any, rows: int) -> Outcome:
    """What a result says about a table of that many rows; whatever does not add up counts as a crash."""
    rule = result.expectation_config.meta["rule"]
    crash = _crash(result.exception_info) or _gap(result, rows)
    if crash:
        return Outcome(rule, success=False, crashed=crash)
    details = result.result
    failing = tuple(sorted(set(details.get("unexpected_index_list") or ())))
    return Outcome(rule, success=bool(result.success), failing=failing, observed=details.get("observed_value"))


def _gap(result: Any, rows: int) -> str:
    """What is missing from the result of an expectation that did not crash; empty if it is whole."""
    details = result.result
    judged = details.get("element_count")
    if judged is None:
        return "没有结果" if details.get("observed_value") is None else ""
    if judged != rows:
        return f"审核了 {judged} 条记录,应为 {rows} 条"
    if judged == (details.get("missing_count") or 0):
        return "没有可审核的记录"
    named = len(set(details.get("unexpected_index_list") or ()))
    if named != details.get("unexpected_count") or result.success is not (named == 0):
        return "未通过的记录数与给出的记录不符"
    return ""


def _crash(info: dict[str, Any]) -> str:
    """The kind of exception behind a result; one entry, or one per metric. The message may hold values and is left out."""
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            trace = [line for line in (entry.get("exception_traceback") or "").strip().splitlines() if line and not line.startswith(" ")]
            return (trace[-1] if trace else "Exception").partition(":")[0].rpartition(".")[2]
    return ""
