"""Which code makes an edition: the project's version, commit and state of the checkout, and the packages that it runs with.

Here: asking git and the installed packages. Not here: hashes of what makes figures (made_with.py).
"""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from pipelines.settings import PROJECT


@dataclass(frozen=True)
class Code:
    """Which code made it: version of the project, commit (`unknown` outside a checkout), and whether the checkout was changed."""

    version: str
    commit: str
    is_changed: bool

    @property
    def name(self) -> str:
        """For people: `0.1.0@463f93800000`, with `+` if the checkout was changed."""
        return f"{self.version}@{self.commit[:12]}{'+' if self.is_changed else ''}"

    def payload(self) -> dict[str, Any]:
        """As the manifest writes it."""
        return asdict(self)


def code_version() -> Code:
    """Version from `pyproject.toml`, commit and state of the checkout from git."""
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    top = _git("rev-parse", "--show-toplevel")
    if top != str(PROJECT):
        return Code(version, "unknown", False)
    return Code(version, _git("rev-parse", "HEAD") or "unknown", bool(_git("status", "--porcelain", "--untracked-files=no")))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def package_versions() -> dict[str, str]:
    """The installed version of every package that the project names as a dependency."""
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = sorted({requirement.split("[")[0].split("=")[0].split("<")[0].split(">")[0].strip() for requirement in declared})
    return {name: metadata.version(name) for name in names}
