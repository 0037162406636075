"""deploy/ is what the tools that read it take, and names only commands, options and settings that there are."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest
import typer.main

from pipelines.cli import app
from pipelines.services import Part, command
from pipelines.settings import PREFIX, PROJECT, Settings
from tests.conftest import I315

DEPLOY = PROJECT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("i315-*.*"))
INSTALLED = "/opt/i315/.venv/bin/i315"
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])


def needs(tool: str, package: str) -> pytest.MarkDecorator:
    there = shutil.which(tool, path=SEARCHED) or os.environ.get("CI")
    return pytest.mark.skipif(not there, reason=f"Debian's package {package} is not installed (CI installs it and never skips)")


def units() -> list[Path]:
    return [path for path in UNITS if path.is_file()]


@needs("systemd-analyze", "systemd")
def test_systemd_takes_every_unit_with_what_they_share(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    copies = [tmp_path / "units" / path.name for path in units()]
    for path in copies:
        path.write_text(path.read_text().replace(INSTALLED, str(I315)))
    verify = ["systemd-analyze", "verify", "--man=no", *map(str, copies)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    shared = tmp_path / "units" / "i315-.service.d" / "common.conf"
    shared.write_text(shared.read_text() + "Nonsense=1\n")
    assert "common.conf" in subprocess.run(verify, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("unit", [path for path in units() if path.suffix == ".service"], ids=lambda path: path.stem)
def test_a_service_calls_a_command_with_options_that_there_are(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, name, *arguments = shlex.split(line)
    assert program == INSTALLED
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    found = group.get_command(group.make_context("i315", [], resilient_parsing=True), name)
    assert found is not None, name
    assert found.make_context(name, arguments)


def test_the_settings_in_the_example_are_settings_and_no_service_unsets_another() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = re.findall(r"^#?(I315_\w+)='[^'$`]*'$", (DEPLOY / "i315.env.example").read_text(), re.MULTILINE)
    assert len(named) == len(set(named)) > 10
    unset = {
        name for unit in units() for line in re.findall(r"^UnsetEnvironment=(.*)$", unit.read_text(), re.MULTILINE) for name in line.split()
    }
    assert unset | set(named) <= known


def test_the_secrets_of_runs_are_with_the_code_server_and_the_uis_have_none() -> None:
    for part in ("webserver", "daemon", "audit"):
        text = (DEPLOY / "systemd" / f"i315-{part}.service").read_text()
        (unset,) = re.findall(r"^UnsetEnvironment=(.*)$", text, re.MULTILINE)
        assert {"I315_TAX_URL", "I315_LEDGER_URL", "I315_SIGNING_KEY"} <= set(unset.split())


def test_no_part_listens_beyond_this_machine(tmp_path: Path) -> None:
    code, web, daemon = (command(part, tmp_path, tmp_path / "code.sock", 3000) for part in Part)
    assert code[code.index("--socket") + 1] == str(tmp_path / "code.sock")
    assert "--port" not in code + daemon
    assert web[web.index("--host") + 1] == "127.0.0.1"
    assert str(tmp_path / "code.sock") in (tmp_path / "workspace.yaml").read_text()


@needs("logrotate", "logrotate")
def test_logrotate_takes_its_file(tmp_path: Path) -> None:
    (tmp_path / "warehouse" / "door").mkdir(parents=True)
    (tmp_path / "warehouse" / "door" / "access.log").write_text("x\n")
    text = (DEPLOY / "logrotate.conf").read_text().replace("/var/lib/i315", str(tmp_path)).replace("su i315 i315", "su root root")
    (tmp_path / "conf").write_text(text)
    tool = shutil.which("logrotate", path=SEARCHED)
    assert tool is not None
    command_line = [tool, "--debug", "--state", str(tmp_path / "state"), str(tmp_path / "conf")]
    done = subprocess.run(command_line, capture_output=True, text=True, check=False)
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr
    assert "considering log" in done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The public site's nginx over a folder with a page, an edition and a hidden file."""
    root = tmp_path / "site"
    (root / "editions" / "2023Q3" / "001").mkdir(parents=True)
    (root / "index.html").write_text("<p>页</p>")
    (root / ".tmp-1").write_text("scratch")
    (root / "editions" / "2023Q3" / "001" / "ranking.csv").write_text("x\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = (DEPLOY / "nginx" / "i315-site.conf").read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    (tmp_path / "site.conf").write_text(text.replace("/srv/i315/site", str(root)))
    temporary = "".join(f"{name}_temp_path {tmp_path}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root; " if os.geteuid() == 0 else ""
    http = f"{user}daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary} include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(http)
    nginx = shutil.which("nginx", path=SEARCHED)
    assert nginx is not None
    with subprocess.Popen([nginx, "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answer(url: str, method: str = "GET") -> tuple[int, dict[str, str]]:
    end = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as found:
                return found.status, dict(found.headers)
        except HTTPError as refused:
            return refused.code, dict(refused.headers)
        except URLError:
            assert time.monotonic() < end
            time.sleep(0.05)


@needs("nginx", "nginx")
def test_the_site_is_read_only_shows_nothing_hidden_and_asks_no_other_host(site: str) -> None:
    for path, kind in (("/", "text/html; charset=utf-8"), ("/editions/2023Q3/001/ranking.csv", "text/csv; charset=utf-8")):
        status, headers = answer(site + path)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer(site + "/.tmp-1")[0] == 404
    assert answer(site + "/editions/")[0] in (403, 404)
    assert answer(site + "/", "POST")[0] in (403, 405)
    assert answer(site + "/editions/2023Q3/001/ranking.csv", "DELETE")[0] in (403, 405)


def test_no_file_of_the_deployment_names_a_host_to_fetch_from() -> None:
    for path in (each for each in DEPLOY.rglob("*") if each.is_file()):
        hosts = set(re.findall(r"https?://([\w.-]+)", path.read_text(encoding="utf-8")))
        assert hosts <= {"315.example"}, path
