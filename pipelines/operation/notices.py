"""Notices to people: edition, state and link, and never a figure, a firm or a file's name.

Here: what there is to tell, from ledger, calendar and heartbeats, each thing once. Not here: sending (telling.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipelines.ledger import Entry, Ledger
from pipelines.operation.calendar import Calendar
from pipelines.operation.heartbeat import silences
from pipelines.operation.lateness import EXPECTED, Timetable
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

_OFFICES = {"statistics": "统计局", "tax": "税务局", "contracts": "技术合同登记", "incubators": "孵化载体", "ledger": "科技局台账"}
_STATES = {"partial": "未报全", "overdue": "逾期未报", "missing": "未报", "expected": "待报"}


@dataclass(frozen=True)
class Notice:
    """One message: `key` is the same for the same thing, `link` an address below the link base."""

    key: str
    title: str
    state: str
    link: str = ""


def of_ledger(ledger: Ledger, after: int) -> list[Notice]:
    """What the ledger's lines after line `after` have to tell."""
    return [notice for entry in ledger.entries() if entry.seq > after and (notice := _of_entry(entry))]


def _of_entry(entry: Entry) -> Notice | None:
    quarter, payload = entry.quarter, entry.payload
    if entry.kind == "publication":
        edition = payload["edition"]
        return Notice(f"line {entry.seq}", f"{quarter} 第{edition}版", "已发布", f"editions/{quarter}/{edition}/board.html")
    if entry.kind == "withdrawal":
        return Notice(f"line {entry.seq}", f"{quarter} 第{payload['edition']}版", "已撤回")
    if entry.kind == "verdict" and payload["outcome"] == "held":
        return Notice(f"held {quarter} {payload.get('deliveries_sha256', '')}", quarter, "未通过检查，暂不发布")
    if entry.kind == "delivery" and not payload["accepted"]:
        return Notice(f"line {entry.seq}", f"{quarter} {_OFFICES[payload['feed']]}", "报送被退回")
    return None


def of_failed_run(run_id: str, quarter: str, began: float, ended: float, ledger: Ledger) -> Notice | None:
    """A run that failed, unless a rejected delivery or a held quarter of its time says why: those are told of by themselves."""
    explained = ("delivery", "verdict")
    for entry in ledger.entries():
        if entry.kind in explained and began <= dt.datetime.fromisoformat(entry.at).timestamp() <= ended and _of_entry(entry):
            return None
    return Notice(f"run {run_id}", f"{quarter} 运行".strip(), "失败，请检查", f"runs/{run_id}")


def of_timetable(timetable: Timetable) -> list[Notice]:
    """What is wanting for each awaited quarter: told when a feed is overdue, and all of it from the calendar's day of warning on."""
    return [notice for quarter in timetable.awaited() if (notice := _of_quarter(timetable, quarter))]


def _of_quarter(timetable: Timetable, quarter: Quarter) -> Notice | None:
    is_warned = timetable.today >= timetable.calendar.warned_from(quarter)
    wanting = [each for each in timetable.of_quarter(quarter) if each.is_wanting and (is_warned or each.state != EXPECTED)]
    if not wanting:
        return None
    state = "；".join(f"{_OFFICES[each.feed]}{_STATES[each.state]}" for each in wanting)
    key = f"wanting {quarter} " + " ".join(f"{each.feed}:{each.state}" for each in wanting) + (" warned" if is_warned else "")
    return Notice(key, f"{quarter} 计划 {timetable.calendar.released_on(quarter)} 发布", state)


def of_heartbeats(warehouse: Warehouse, calendar: Calendar, now: dt.datetime) -> list[Notice]:
    """What should have looked and did not."""
    return [
        Notice(f"silent {now.date()} {text.partition(':')[0]}", "自动运行", "未按时启动，请检查")
        for text in silences(warehouse, calendar, now)
    ]
