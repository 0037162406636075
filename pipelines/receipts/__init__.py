"""Receipts: what an office gets back for each delivery, in its own words, to look up and mend what is wrong.

`content.py` what a receipt says · `structure.py` after landing · `judged.py` after the gate · `page.py`, `workbook.py` the two forms ·
`keeping.py` where they lie and their line in the ledger.
Not here: judging. A receipt holds an office's own rows, so it is for that office and the operator alone (mode 0600), never in an edition.
"""

from pipelines.receipts.judged import issue_judged
from pipelines.receipts.structure import issue_structure

__all__ = ["issue_judged", "issue_structure"]
