"""Hands a call of dbt over to the one that waits for it (waiting.py) and stands for it: it ends as dbt ends, and dbt ends if it is killed.

`python -IS hand_over.py DBT ARGUMENT…`, started for every call and therefore with nothing but the standard library; RUN_DBT_WAITING
names the door. Where nobody waits (any more), or who waited died before it began, dbt is started as ever.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
from typing import BinaryIO


def _main(call: list[str]) -> int:
    """The exit code of dbt."""
    files = [int(number) for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")]
    told = {"arguments": call[1:], "environment": dict(os.environ), "folder": os.getcwd(), "files": files}
    with socket.socket(socket.AF_UNIX) as line, line.makefile("rb") as answers:
        process = _begun(line, answers, json.dumps(told).encode() + b"\n", files)
        if not process:
            os.execv(call[0], call)
        ended = os.pidfd_open(process)
        signal.signal(signal.SIGINT, lambda number, _: os.kill(process, number))
        code = answers.readline()
        # What it has open, the warehouse's file among it, is closed once it is gone.
        select.select([ended], [], [])
    if not code:
        os.kill(os.getpid(), signal.SIGKILL)  # as dbt was
    return int(code)


def _begun(line: socket.socket, answers: BinaryIO, message: bytes, files: list[int]) -> int:
    """The number of the process that took the call; 0 if none of this user's did, and then nothing has begun."""
    try:
        line.connect("\0" + os.environ["RUN_DBT_WAITING"])
        # A name that is free again may be taken by anyone.
        if struct.unpack("iII", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1] != os.getuid():
            return 0
        line.sendall(message[socket.send_fds(line, [message], files) :])
        return int(answers.readline() or 0)
    except ConnectionError:
        return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
