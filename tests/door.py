"""The auditors' door as `i315 ui --read-only` opens it, over a copy of a warehouse, for tests and for the pictures of docs/auditors.md."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import I315, clean_environment

NAME, PASSWORD = "auditor", "three-one-five"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class OpenDoor:
    """A door that answers, and Dagster's webserver behind it, whose own port no auditor is told."""

    url: str
    behind: str
    warehouse: Path

    def asked(self, path: str, *, password: str | None = PASSWORD, **options: Any) -> int:
        """Status of a request; `options` are `data`, `headers` and `method` of `urllib`."""
        return answered(self.url + path, password, **options)[0]


def answered(url: str, password: str | None = PASSWORD, **options: Any) -> tuple[int, bytes]:
    """Status and body of a request with the name and password of the tests, or without if `password` is None."""
    request = urllib.request.Request(url, **options)
    if password is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{NAME}:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def document(query: str, **variables: Any) -> dict[str, Any]:
    """The options of a GraphQL request."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    return {"data": body, "headers": {"Content-Type": "application/json"}, "method": "POST"}


def password_file(folder: Path) -> Path:
    """A file as `docs/auditors.md` says to make it."""
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout.strip()
    file = folder / "audit.passwords"
    file.touch(mode=0o600)
    file.write_text(f"{NAME}:{hashed}\n", encoding="utf-8")
    return file


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def opened(warehouse: Path, folder: Path) -> Iterator[OpenDoor]:
    """The door over a copy of run history and editions in `folder`; stopped as an operator stops it, which must leave nothing."""
    copied = folder / "warehouse"
    for part in ("dagster_home", "editions"):
        shutil.copytree(warehouse / part, copied / part)
    port = free_port()
    command = [str(I315), "ui", "--read-only", "--port", str(port), "--warehouse", str(copied)]
    environment = clean_environment() | {"I315_AUDIT_PASSWORDS": str(password_file(folder))}
    log = folder / "log.txt"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as door,
    ):
        assert door.stdout is not None
        said = door.stdout.readline()
        try:
            assert said.startswith("auditors' door on http://127.0.0.1:"), said + log.read_text()
            behind = log.read_text().partition("Serving dagster-webserver on ")[2].split()[0]
            yield OpenDoor(f"http://127.0.0.1:{port}", behind, copied)
        finally:
            door.terminate()
            assert door.wait(timeout=60) == 0, log.read_text()
    for gone in (port, int(behind.rsplit(":", 1)[1])):
        with socket.socket() as tried:
            assert tried.connect_ex(("127.0.0.1", gone)) != 0, f"something still listens on {gone}"
