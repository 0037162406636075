"""Hands a call of dbt over to the one that waits for it, and is for the caller what dbt would be: it ends with it, and so does dbt.

`python -IS hand_over.py DBT ARGUMENT…`, started for every call and therefore with nothing but the standard library; RUN_DBT_WAITING
names the door. Where nobody waits (any more), dbt is started as ever. Not here: the one that waits (waiting.py).
"""

import json
import os
import select
import signal
import socket
import sys


def _main(call: list[str]) -> int | str:
    """The exit code of dbt, or why there is none."""
    files = [int(number) for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")]
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect("\0" + os.environ["RUN_DBT_WAITING"])
    except ConnectionRefusedError:
        os.execv(call[0], call)
    told = {"arguments": call[1:], "environment": dict(os.environ), "folder": os.getcwd(), "files": files}
    message = json.dumps(told).encode() + b"\n"
    line.sendall(message[socket.send_fds(line, [message], files) :])
    with line.makefile() as answers:
        process = int(answers.readline() or 0)
        if process:
            ended = os.pidfd_open(process)
            signal.signal(signal.SIGINT, lambda number, _: os.kill(process, number))
            code = answers.readline()
            # What it has open, the warehouse's file among it, is closed once it is gone.
            select.select([ended], [], [])
            if code:
                return int(code)
    return "dbt was killed: expected it to end by itself; next: look at memory and disk, then run again"


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
