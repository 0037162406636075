"""What a receipt says: outcome, counts, what is wrong at which place, and the rows that are not counted as they were delivered.

Here: the shape and its Chinese words. Not here: gathering it (structure, judged) or drawing it (page, workbook).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from pipelines.delivery import Delivery
from pipelines.report.content import FEEDS, quarter_name

#: More rows than a person mends by hand; the receipt says how many there are in all.
LISTED = 2_000

OUTCOMES = {
    "rejected": "退回:不符合数据约定,未导入",
    "received": "结构核对通过,已导入;内容在审核该季度时核对",
    "accepted": "接收:全部计入",
    "accepted_in_part": "接收:有数据行未计入,请更正后重新报送",
    "questioned": "暂缓发布:有错误待核实或更正",
}
STAGES = {"structure": "结构核对", "content": "内容核对"}


@dataclass(frozen=True)
class Fault:
    """One thing that the office should look at; `verdict` is 退回, 未计入, 错误 or 警告, `place` a cell, line or subject."""

    verdict: str
    sheet: str
    place: str
    what: str
    found: str
    expected: str
    next_step: str


@dataclass(frozen=True)
class TableCount:
    """What became of the rows of one table of the delivery: landed = kept + quarantined; `coerced` counts cells read after tidying."""

    table: str
    landed: int
    kept: int
    quarantined: int
    coerced: int


@dataclass(frozen=True)
class BadRow:
    """A row that is not counted: its number in the sheet, its cells as delivered by heading, and the headings at fault."""

    number: int
    cells: dict[str, str]
    bad: tuple[str, ...]
    what: str
    expected: str


@dataclass(frozen=True)
class Receipt:
    """The receipt of one delivery; `bad_rows` are by sheet or table, `more` counts what is beyond `LISTED`."""

    delivery: Delivery
    stage: str
    outcome: str
    faults: tuple[Fault, ...] = ()
    counts: tuple[TableCount, ...] = ()
    bad_rows: dict[str, tuple[BadRow, ...]] | None = None
    more: int = 0

    @property
    def title(self) -> str:
        """The heading."""
        return f"{FEEDS[self.delivery.feed]} {quarter_name(self.delivery.quarter)} 报送回执"

    @property
    def about(self) -> list[tuple[str, str]]:
        """What the receipt is about, as label and text."""
        delivery = self.delivery
        return [
            ("文件", delivery.file_name),
            ("收到日期", f"{delivery.received_on.isoformat()}" + (f" 第{delivery.received_no}份" if delivery.received_no > 1 else "")),
            ("大小", f"{delivery.size:,} 字节"),
            ("SHA-256", delivery.sha256),
            ("核对", STAGES[self.stage]),
            ("结果", OUTCOMES[self.outcome]),
        ]

    @cached_property
    def tally(self) -> dict[str, int]:
        """Faults by verdict."""
        return dict(Counter(fault.verdict for fault in self.faults))
