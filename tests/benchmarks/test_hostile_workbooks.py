"""What each hostile workbook costs before it is refused: the error's code, seconds, and the reading process's peak memory."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipelines.landing.workbook.limits import MEMORY
from pipelines.landing.workbook.reader import WorkbookReader
from tests.hostile_workbooks import HOSTILE, met, sound

MOST_SECONDS = 20


def test_every_hostile_workbook_is_refused_by_name_within_20_seconds_and_2_gib(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, failed = [], []
    with WorkbookReader() as reader:
        for kind, (make, code) in HOSTILE.items():
            content = make()
            start = time.perf_counter()
            problem = met(reader, tmp_path, content)
            seconds, peak = time.perf_counter() - start, reader.peak_kib << 10
            found = problem.code if problem else "accepted"
            lines.append(f"{kind:36} {found:16} {seconds:6.2f} s {peak >> 20:5} MiB")
            if (found, seconds < MOST_SECONDS, peak <= MEMORY) != (code, True, True) or met(reader, tmp_path, sound()) is not None:
                failed.append(kind)
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert failed == []
