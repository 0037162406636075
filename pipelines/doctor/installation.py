"""Python, packages against the lock, the tools that a run calls, the checkout."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from pipelines.doctor.answer import Answer, fail, ok, warn
from pipelines.editions.code import Code

TESTED = (3, 11)
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
#: Tool -> the Debian package that has it.
TOOLS = {"git": "git", "flock": "util-linux", "setpriv": "util-linux"}
_NAMED = 3


def python_version(found: tuple[int, int]) -> Answer:
    """The running Python against the one that the lock was made and tested for."""
    said, tested = ".".join(map(str, found)), ".".join(map(str, TESTED))
    if found < TESTED:
        return fail("python", f"{said}; expected {tested}", f"make env PYTHON=python{tested}")
    if found > TESTED:
        return warn("python", f"{said}; the lock is tested with {tested}", f"make env PYTHON=python{tested}")
    return ok("python", said)


def interpreter(executable: Path, may_execute: Callable[[Path], bool]) -> Answer:
    """Whether this user may start the Python that the environment was made with, as every step of a run does; a root's own is closed."""
    real = executable.resolve()
    if not may_execute(real):
        step = "remove .venv, then make env PYTHON=/usr/bin/python3 (one that every user may execute)"
        return fail("interpreter", f"{real} may not be executed by this user", step)
    return ok("interpreter", str(real))


def installed_version(name: str) -> str:
    """The version of an installed package; empty if it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def packages(lock: str, installed: Callable[[str], str] = installed_version) -> Answer:
    """Installed packages against the text of the lock."""
    pinned = {match["name"]: match["version"] for match in _PIN.finditer(lock)}
    if not pinned:
        return fail("packages", "no pinned package in requirements.lock; expected some", "restore requirements.lock from git")
    other = [
        f"{name} {found or 'missing'} (expected {wanted})"
        for name, wanted in sorted(pinned.items())
        if (found := installed(name)) != wanted
    ]
    if other:
        more = f" and {len(other) - _NAMED} more" if len(other) > _NAMED else ""
        step = "remove .venv/installed, then make env (pip install --require-hashes -r requirements.lock)"
        return fail("packages", f"{', '.join(other[:_NAMED])}{more}", step)
    return ok("packages", f"{len(pinned)} as in requirements.lock")


def tools(where: Callable[[str], str | None]) -> list[Answer]:
    """The programs that a run calls; `where` is as `shutil.which`."""
    missing = [name for name in TOOLS if not where(name)]
    if not missing:
        return [ok("tools", ", ".join(TOOLS))]
    return [fail("tools", f"no {name} on PATH", f"apt-get install {TOOLS[name]}") for name in missing]


def code(found: Code) -> Answer:
    """The checkout whose commit stands in every manifest."""
    if found.commit == "unknown":
        return warn("code", f"{found.name}: no git checkout, so that editions name no commit", "install from a git clone")
    if found.is_changed:
        return warn("code", f"{found.name}: files were changed since the commit that editions name", "git status; commit, or git restore")
    return ok("code", found.name)
