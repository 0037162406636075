"""The process that reads beside a run: what it gives is what the run itself would have read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys

from landing_deliveries import Place, contracts_text

from pipelines.delivery import Delivery
from pipelines.errors import Problem
from pipelines.landing import archive, parquet
from pipelines.landing.delivered import land_delivery
from pipelines.landing.workbook.reader import WorkbookReader


def test_another_process_lands_the_same_bytes_and_finds_the_same_problem(place: Place) -> None:
    deliveries = [received(place, contracts_text().encode("gb18030"), 1), received(place, b"a,b\n1,2\n", 2)]
    asked = "".join(json.dumps(dataclasses.asdict(each), default=str) + "\n" for each in deliveries)
    command = [sys.executable, "-m", "pipelines.landing.reading_process", str(place.warehouse.root)]
    answers = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout.splitlines()
    target = parquet.landing_path(place.warehouse, "contracts", "contracts", "2023Q3", deliveries[0].delivery_id)
    landed_there = target.read_bytes()
    with WorkbookReader() as reader:
        rows, problem = (land_delivery(each, place.warehouse, reader) for each in deliveries)
    assert isinstance(problem, Problem)
    assert [json.loads(answer) for answer in answers] == [{"rows": rows}, {"problem": dataclasses.asdict(problem)}]
    assert landed_there == target.read_bytes()


def received(place: Place, content: bytes, number: int) -> Delivery:
    path = place.drop("contracts", f"20231012-{number}_技术合同.csv")
    path.write_bytes(content)
    sha256 = archive.keep_file(place.warehouse, path)
    return Delivery("2023Q3", "contracts", sha256, path.name, dt.date(2023, 10, 12), number, len(content), accepted=False, rows={})
