"""What a process of ours does without, though it is installed: it would be imported for work that is not done there.

Here: hiding a package, for good or while something is imported. Not here: who hides what, and why.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder


class _Without(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        if fullname == self.package:
            raise ModuleNotFoundError(f"this process does without {self.package}", name=fullname)


def do_without(package: str) -> None:
    """From now on the package is not installed, as far as this process can tell."""
    sys.meta_path.insert(0, _Without(package))


@contextlib.contextmanager
def without(package: str) -> Iterator[None]:
    """Inside, the package is not installed, as far as what is imported there can tell."""
    finder = _Without(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
