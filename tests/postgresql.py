"""A real PostgreSQL (Debian's package) for the length of a block, on a loopback port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
PASSWORD = "nicht-zu-zeigen"
NEEDED = pytest.mark.skipif(
    BINARIES is None and not os.environ.get("CI"), reason="Debian's package postgresql is not installed (CI installs it and never skips)"
)


@contextmanager
def server(user: str) -> Iterator[str]:
    """A fresh server's URL for its owner; as root it runs as the user `postgres`, which the server insists on."""
    assert BINARIES is not None, "CI must install Debian's package postgresql"
    account = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="i315-postgresql-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if account:
            for path in (folder, folder / "password"):
                shutil.chown(path, **account)
        port = _free_port()

        def run(program: str, *arguments: str) -> None:
            command = [str(BINARIES / program), "-D", str(folder / "data"), *arguments]
            done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **account)
            assert done.returncode == 0, done.stdout

        run("initdb", "-U", user, "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8", "--no-locale", "-N")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories= -c fsync=off"
        # Its own log file: with the pipe of this test as its output the server would keep the test waiting.
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{user}:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
