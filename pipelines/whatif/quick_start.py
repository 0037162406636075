"""Starting quickly: what an answer does not need is not imported.

Here: Arrow without pandas. Not here: our own imports, which are small as they stand.
"""

from __future__ import annotations

import importlib.abc
import sys


class _NoPandas(importlib.abc.MetaPathFinder):
    """Says that pandas is not there."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """No module is found here; pandas nowhere else either."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def spare_pandas() -> None:
    """Let Arrow make its first array without importing pandas, which takes a third of the time of an answer.

    Arrow looks for pandas once, to recognise its objects among what it converts; there are none. A conversion to pandas would
    still import it.
    """
    import pyarrow as pa

    absent = _NoPandas()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(absent)
