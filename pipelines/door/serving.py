"""Serving the auditors' door: Dagster's webserver on a loopback port of its own, nginx in front, both gone when this process goes.

Here: starting, waiting, stopping. Not here: what nginx lets through (nginx.conf.j2).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError

from pipelines.dagster_home import VARIABLE
from pipelines.door.configuration import Door, checked_door, nginx_executable, rendered
from pipelines.errors import InfrastructureError
from pipelines.settings import PREFIX, Settings

LONGEST_START_SECONDS = 180.0
LOOPBACK = "127.0.0.1"
#: The kernel ends it with us, however we end.
_WITH_US = ("setpriv", "--pdeathsig", "TERM")


class _Stopped(BaseException):
    """A signal asked us to stop."""


def serve(settings: Settings, dagster_home: Path, port: int, ready: Callable[[Door], None]) -> None:
    """Serve until a signal or until one of the two processes ends; `ready` is called once the door is open.

    Raises `UsageError` or `InfrastructureError` before anything listens if the door would not be safe or cannot be opened.
    """
    # Debian puts it where the PATH of ordinary users does not look.
    nginx = nginx_executable(os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    with tempfile.TemporaryDirectory(prefix="i315-door-") as folder, _stopped_by_signals():
        door = checked_door(settings, port, _free_port(), Path(folder))
        if _listens(door.address, port):
            raise InfrastructureError(
                f"the auditors' door: found {door.address}:{port} taken; expected it free; next: choose another --port"
            )
        configuration = door.folder / "nginx.conf"
        configuration.write_text(rendered(door), encoding="utf-8")
        door.access_log.parent.mkdir(parents=True, exist_ok=True)
        command = [nginx, "-e", "stderr", "-p", folder, "-c", str(configuration)]
        _try_configuration(command)
        try:
            with _running(_webserver_command(door), _webserver_environment(settings, dagster_home)) as webserver:
                _wait_until(lambda: _answers(door.webserver_port), webserver, "Dagster's webserver")
                with _running([*_WITH_US, *command], dict(os.environ)) as proxy:
                    _wait_until(lambda: _listens(door.address, port), proxy, f"nginx on {door.address}:{port}")
                    ready(door)
                    _wait_for_the_first(webserver, proxy)
        except _Stopped:
            return


def _try_configuration(command: list[str]) -> None:
    """Let nginx look at its configuration, certificate and port before the webserver is waited for."""
    tried = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise InfrastructureError(f"nginx refuses the auditors' door: found {tried.stderr.strip()}; next: mend what it names")


def _webserver_command(door: Door) -> list[str]:
    served = ["--module-name", "pipelines.definitions", "--host", LOOPBACK, "--port", str(door.webserver_port), "--read-only"]
    return [*_WITH_US, sys.executable, "-m", "dagster_webserver", *served]


def _webserver_environment(settings: Settings, dagster_home: Path) -> dict[str, str]:
    """What the webserver needs and no more: of the settings with a password in them only that of the history which it shows."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    history = {VARIABLE: settings.dagster_url} if settings.dagster_url else {}
    return others | history | {f"{PREFIX}WAREHOUSE": str(settings.warehouse), "DAGSTER_HOME": str(dagster_home)}


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # What they tell is for whoever watches the door; the output is one line that says that it is open.
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_until(is_there: Callable[[], bool], process: subprocess.Popen[bytes], name: str) -> None:
    end = time.monotonic() + LONGEST_START_SECONDS
    while not is_there():
        if process.poll() is not None or time.monotonic() > end:
            found = "it still starting" if process.poll() is None else f"exit code {process.returncode}"
            raise InfrastructureError(f"the auditors' door does not open: found {found} of {name}; expected it to answer; next: see above")
        time.sleep(0.1)


def _wait_for_the_first(webserver: subprocess.Popen[bytes], proxy: subprocess.Popen[bytes]) -> None:
    while webserver.poll() is None and proxy.poll() is None:
        time.sleep(0.5)
    gone = "nginx" if webserver.poll() is None else "Dagster's webserver"
    raise InfrastructureError(f"the auditors' door is closed: found {gone} ended; expected it to serve; next: start the door again")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/server_info", timeout=5) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=5):
            return True
    except OSError:
        return False
