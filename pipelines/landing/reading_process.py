"""A process that reads deliveries for the one that started it (side_by_side.py).

`python -m pipelines.landing.reading_process WAREHOUSE`: a delivery per line (JSON) in, its rows or its problem out, until its input ends.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from pathlib import Path

from pipelines.without import do_without


def _main(root: Path) -> None:
    do_without("pandas")  # pyarrow imports it where it is installed, which takes longer than most deliveries
    from pipelines.delivery import Delivery
    from pipelines.errors import Problem
    from pipelines.landing.delivered import land_delivery
    from pipelines.landing.workbook.reader import WorkbookReader
    from pipelines.warehouse import Warehouse

    warehouse = Warehouse(root)
    with WorkbookReader() as reader:
        for line in sys.stdin:
            asked = json.loads(line)
            delivery = Delivery(**asked | {"received_on": dt.date.fromisoformat(asked["received_on"])})
            outcome = land_delivery(delivery, warehouse, reader)
            told = {"problem": dataclasses.asdict(outcome)} if isinstance(outcome, Problem) else {"rows": outcome}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
