"""Many deliveries read at once: a process per core, each of which reads one after the other.

Here: handing deliveries out and taking back what reading them gave. Run as `python -m pipelines.landing.side_by_side WAREHOUSE` it is
one of the processes: a delivery per line (JSON) in, its rows or its problem out, until its input ends.
Not here: reading (delivered.py), recording (files.py).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import queue
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.errors import InfrastructureError, Problem
from pipelines.landing.delivered import land_delivery
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.ledger import Delivery
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse

Key = tuple[str, str, str, str]
Outcome = dict[str, int] | Problem
#: Less than this is read sooner than another process has started.
WORTH_IT = 16 << 20
_CORES = os.cpu_count() or 1


def read_side_by_side(deliveries: list[Delivery], warehouse: Warehouse) -> dict[Key, Outcome]:
    """What landing each delivery gave, by quarter, feed, file and SHA-256; nothing if there is too little to read, or one core."""
    if len(deliveries) < 2 or _CORES < 2 or sum(each.size for each in deliveries) < WORTH_IT:
        return {}
    waiting: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    # The largest first, so that no core waits long for another at the end.
    for delivery in sorted(deliveries, key=lambda each: (-each.size, each.sha256)):
        waiting.put(delivery)
    read: dict[Key, Outcome] = {}
    with ThreadPoolExecutor(_CORES) as clerks:
        for finished in [clerks.submit(_clerk, waiting, warehouse, read) for _ in range(min(_CORES, len(deliveries)))]:
            finished.result()
    return read


def _clerk(waiting: queue.SimpleQueue[Delivery], warehouse: Warehouse, read: dict[Key, Outcome]) -> None:
    """Have one process read what is waiting until nothing is."""
    # Killed by the kernel when this run dies, so that no orphan writes on.
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "pipelines.landing.side_by_side", str(warehouse.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the reading process was started without pipes")
        while True:
            try:
                delivery = waiting.get_nowait()
            except queue.Empty:
                return
            print(json.dumps(_as_json(delivery)), file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise InfrastructureError(
                    f"landing: found that the process reading {delivery.quarter}/{delivery.feed}/{delivery.file_name} ended with "
                    f"{process.wait()}; expected its rows; next: look at memory and disk, then run again"
                )
            told = json.loads(answer)
            read[delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256] = (
                Problem(**told["problem"]) if "problem" in told else told["rows"]
            )


def _as_json(delivery: Delivery) -> dict[str, object]:
    return dataclasses.asdict(delivery) | {"received_on": delivery.received_on.isoformat()}


def _main(root: Path) -> None:
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
