"""An independent computation of every indicator, straight from the offices' files, by the pages `feeds.md` and `indicators.md`.

It shares no code with the project (only the list of divisions, which is data): its worth is that two people computed by the same pages.
Plain Python, openpyxl, csv and sqlite3; clear before fast.
"""

from .comparison import compare, compare_edition, edition_indicators
from .table import oracle_indicators, quarantined_rows
from .targets import compare_targets

__all__ = ["compare", "compare_edition", "compare_targets", "edition_indicators", "oracle_indicators", "quarantined_rows"]
