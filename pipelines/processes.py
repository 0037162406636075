"""Processes: who is running a run, and whether it is still there.

Here: the identity of a process that survives reuse of its number and restarts of the machine. Not here: Dagster's runs.
"""

from __future__ import annotations

import os
from pathlib import Path

PROCESS_TAG = "i315/process"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def process_identity(pid: int | None = None) -> str:
    """`<pid>/<start time>/<boot id>` of a process (this one by default); empty if there is no such process."""
    number = pid or os.getpid()
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    is_gone = fields[0] == "Z"
    return "" if is_gone else f"{number}/{fields[19]}/{_BOOT_ID.read_text().strip()}"


def is_alive(identity: str) -> bool:
    """Whether exactly this process is still there."""
    return process_identity(int(identity.split("/")[0])) == identity
