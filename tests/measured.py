"""A run watched from outside: wall time, processor time and peak memory of each stage, of all its processes together."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LINE = re.compile(r"\s*([\d.]+) s  (\S+)")
_EVERY = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Stage:
    """What a stage took; `peak` is the most memory that the run's processes held at a look during it, in bytes."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0


@dataclass
class Measured:
    """A run that has ended."""

    code: int
    wall: float
    cpu: float
    peak: int
    stages: dict[str, Stage] = field(default_factory=dict)
    output: str = ""

    def lines(self) -> Iterator[str]:
        """The stages as text, in order."""
        for name, stage in self.stages.items():
            yield f"  {name:<11} {stage.wall:7.1f} s wall  {stage.cpu:7.1f} s processor  {stage.peak / 2**30:5.2f} GiB at most"


def measured(command: list[str], cwd: Path, environment: dict[str, str]) -> Measured:
    """Run a command whose lines say when which stage was done, and watch it and all that it starts."""
    started = time.monotonic()
    before = os.times()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = _Watch(process.pid)
    watcher = threading.Thread(target=seen.watch, daemon=True)
    watcher.start()
    found = Measured(0, 0.0, 0.0, 0)
    wall_before = cpu_before = 0.0
    for line in process.stdout or ():
        found.output += line
        if told := LINE.match(line):
            stage = found.stages.setdefault(told[2], Stage())
            wall, cpu = time.monotonic() - started, seen.cpu
            stage.wall, stage.cpu = stage.wall + wall - wall_before, stage.cpu + cpu - cpu_before
            stage.peak = max(stage.peak, seen.take_peak())
            wall_before, cpu_before = wall, cpu
    found.code = process.wait()
    seen.is_over = True
    watcher.join()
    after = os.times()
    found.wall = time.monotonic() - started
    found.cpu = after.children_user + after.children_system - before.children_user - before.children_system
    found.peak = max([seen.take_peak(), *(stage.peak for stage in found.stages.values())])
    return found


class _Watch:
    """Looks at a process and its descendants several times a second."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak = pid, 0
        self.cpu = 0.0
        self.is_over = False

    def watch(self) -> None:
        while not self.is_over:
            processes = _descendants(self._pid)
            self._peak = max(self._peak, sum(map(_memory, processes)))
            self.cpu = max(self.cpu, sum(map(_processor, processes)))
            time.sleep(_EVERY)

    def take_peak(self) -> int:
        """The peak since the last call."""
        peak, self._peak = self._peak, 0
        return peak


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # It has just ended.
    return found


def _memory(pid: int) -> int:
    """The share of a process in memory, what is shared with others in parts."""
    try:
        told = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(told[1]) * 1024 if told else 0


def _processor(pid: int) -> float:
    """Seconds of a process and of those that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
