"""A plan as lines for the terminal: what is worth a look, one line per quarter otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipelines.planning.plan import Plan, Publication


def lines_of(plan: Plan) -> Iterator[str]:
    """The whole plan; nothing of it has happened."""
    yield f"plan of {plan.asked[0]}" + (f"..{plan.asked[-1]}" if len(plan.asked) > 1 else "") + ": nothing is changed by asking"
    yield "would read"
    for quarter in sorted({*plan.computes, *(read.quarter for read in plan.reads if read.state != "in force")}):
        mine = [read for read in plan.reads if read.quarter == quarter]
        if not mine:
            continue
        yield f"  {quarter}  " + ", ".join(f"{count} {state}" for state, count in sorted(Counter(read.state for read in mine).items()))
        is_of_one_kind = len({read.state for read in mine}) == 1 and not mine[0].note
        for read in mine:
            if read.state != "in force" and not is_of_one_kind:
                yield "    " + "  ".join(part for part in (f"{read.state:<10}", read.feed, read.file, read.note) if part)
    yield "would compute"
    yield f"  {len(plan.computes)} quarters from {plan.computes[0]} to {plan.computes[-1]}, from rows to checks"
    yield "would publish"
    for publication in plan.publishes:
        yield f"  {publication.quarter}  {_outcome(publication)}"
        yield from (f"    {reason}" for reason in [*publication.stopped_by, *publication.reasons])


def _outcome(publication: Publication) -> str:
    if publication.stopped_by:
        return "nothing: the run would stop at a rejected delivery"
    if not publication.edition:
        return f"{publication.next_edition} if the gate finds it ready"
    if not publication.reasons:
        return f"nothing: {publication.edition} is what these deliveries, rules and code give"
    return f"{publication.next_edition} if a figure or finding changes, else {publication.edition} stays"
