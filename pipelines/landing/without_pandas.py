"""Processes that only read deliveries do without pandas: pyarrow imports it where it is installed, which takes longer than most deliveries.

Here: hiding it from a process of ours. Not here: the processes (reading_process.py, workbook/child.py).
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("no pandas in a process that only reads deliveries", name=fullname)


def do_without_pandas() -> None:
    """From now on pandas is not installed, as far as this process can tell."""
    sys.meta_path.insert(0, _WithoutPandas())
