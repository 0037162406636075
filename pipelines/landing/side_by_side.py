"""Many deliveries read at once: a reader per core, each of which reads one after the other; this process is one of them.

Here: handing deliveries out and taking back what reading them gave.
Not here: the other processes (reading_process.py), reading (delivered.py), recording (files.py).
"""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from pipelines.delivery import Delivery
from pipelines.errors import InfrastructureError, Problem
from pipelines.feeds import FILE_FEEDS
from pipelines.landing.delivered import land_delivery
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse

Key = tuple[str, str, str, str]
Outcome = dict[str, int] | Problem
#: Less than this is read sooner than another process has started.
WORTH_IT = 48 << 20
#: How much more there is to read in a byte of a workbook, which is packed, than in one of a text.
_WORKBOOK = 12
_CORES = os.cpu_count() or 1


def read_side_by_side(deliveries: list[Delivery], warehouse: Warehouse, reader: WorkbookReader) -> dict[Key, Outcome]:
    """What landing each delivery gave, by quarter, feed, file and SHA-256; nothing if there is too little to read, or one core."""
    if len(deliveries) < 2 or _CORES < 2 or sum(map(_weight, deliveries)) < WORTH_IT:
        return {}
    waiting: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    # The largest first, so that no core waits long for another at the end.
    for delivery in sorted(deliveries, key=lambda each: (-each.size, each.sha256)):
        waiting.put(delivery)
    read: dict[Key, Outcome] = {}
    others = min(_CORES, len(deliveries)) - 1
    with ThreadPoolExecutor(others) as clerks:
        busy = [clerks.submit(_clerk, waiting, warehouse, read) for _ in range(others)]
        while (mine := _next(waiting)) is not None:
            read[_key(mine)] = land_delivery(mine, warehouse, reader)
        for finished in busy:
            finished.result()
    return read


def _next(waiting: queue.SimpleQueue[Delivery]) -> Delivery | None:
    try:
        return waiting.get_nowait()
    except queue.Empty:
        return None


def _key(delivery: Delivery) -> Key:
    return delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256


def _clerk(waiting: queue.SimpleQueue[Delivery], warehouse: Warehouse, read: dict[Key, Outcome]) -> None:
    """Have one process read what is waiting until nothing is."""
    # Killed by the kernel when this run dies, so that no orphan writes on.
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "pipelines.landing.reading_process", str(warehouse.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the reading process was started without pipes")
        while (delivery := _next(waiting)) is not None:
            print(json.dumps(_as_json(delivery)), file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise InfrastructureError(
                    f"landing: found that the process reading {delivery.quarter}/{delivery.feed}/{delivery.file_name} ended with "
                    f"{process.wait()}; expected its rows; next: look at memory and disk, then run again"
                )
            told = json.loads(answer)
            read[_key(delivery)] = Problem(**told["problem"]) if "problem" in told else told["rows"]


def _weight(delivery: Delivery) -> int:
    return delivery.size * (_WORKBOOK if FILE_FEEDS[delivery.feed].form == "workbook" else 1)


def _as_json(delivery: Delivery) -> dict[str, object]:
    return dataclasses.asdict(delivery) | {"received_on": delivery.received_on.isoformat()}
