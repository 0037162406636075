"""Leaving a process at once: what its main function registered for its end is done, and the process is gone.

Python would first take every object apart that was ever imported, which takes more than a second where Dagster is loaded and changes
nothing that anybody sees.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable


def run_and_leave(main: Callable[[], object]) -> None:
    """Call `main` and end the process with its exit code, after what `main` registered for the end and nothing registered before it."""
    code = 1

    def leave() -> None:
        try:
            print(end="", flush=True)
            print(end="", flush=True, file=sys.stderr)
        except OSError:
            return  # Python tells of a full disk or a closed pipe as it ends
        os._exit(code)

    # What is registered first comes last, after all that `main` imports and does.
    atexit.register(leave)
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
