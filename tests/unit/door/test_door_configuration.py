"""The door opens only as its settings promise: who may come in, in the clear or not, and what it says where something is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dagster_webserver.webserver import DagsterWebserver

from pipelines.door import checked_door, configuration, rendered
from pipelines.errors import InfrastructureError, UsageError
from pipelines.settings import Settings

HASHED = "auditor:$6$salt$hash"


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    file = tmp_path / "audit.passwords"
    file.touch(mode=0o600)
    file.write_text(f"# who may look\n{HASHED}\n")
    return file


def door_of(tmp_path: Path, **settings: Any) -> configuration.Door:
    return checked_door(Settings(warehouse=tmp_path / "warehouse", **settings), 3001, 3002, tmp_path)


def test_it_listens_on_loopback_unless_told_otherwise(tmp_path: Path, passwords: Path) -> None:
    door = door_of(tmp_path, audit_passwords=passwords)
    assert door.url == "http://127.0.0.1:3001/"
    text = rendered(door)
    assert "listen 127.0.0.1:3001;" in text
    assert "ssl_certificate" not in text


def test_with_a_certificate_it_speaks_tls_on_any_address(tmp_path: Path, passwords: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    tls = {"audit_certificate": tmp_path / "cert.pem", "audit_key": tmp_path / "key.pem"}
    door = door_of(tmp_path, audit_passwords=passwords, audit_address="0.0.0.0", **tls)
    text = rendered(door)
    assert "listen 0.0.0.0:3001 ssl;" in text
    assert f'ssl_certificate_key "{tmp_path / "key.pem"}";' in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "I315_AUDIT_PASSWORDS unset"),
        ({"audit_passwords": Path("/nowhere")}, "found no file at /nowhere"),
        ({"audit_address": "0.0.0.0"}, "without TLS"),
        ({"audit_address": "localhost"}, "expected an IP address"),
        ({"audit_certificate": Path("/nowhere")}, "expected both or none"),
        ({"audit_certificate": Path("/nowhere"), "audit_key": Path("/nowhere")}, "found no file at /nowhere"),
    ],
)
def test_a_setting_that_would_leave_it_open_is_refused(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        door_of(tmp_path, **settings)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("", 0o600, "no entry"),
        ("auditor:three-one-five\n", 0o600, "entry 1 in another form"),
        ("auditor:{PLAIN}three-one-five\n", 0o600, "entry 1 in another form"),
        (f"{HASHED}\nanother:$apr1$salt$hash\n", 0o600, "entry 2 in another form"),
        (f"{HASHED}\n", 0o604, "open to everybody"),
    ],
)
def test_passwords_that_are_easy_to_read_are_refused_with_the_way_to_make_them(
    tmp_path: Path, passwords: Path, content: str, mode: int, said: str
) -> None:
    passwords.write_text(content)
    passwords.chmod(mode)
    with pytest.raises(UsageError, match=said) as refused:
        door_of(tmp_path, audit_passwords=passwords)
    assert "next: " in str(refused.value)
    assert "three-one-five" not in str(refused.value)


def test_a_path_that_nginx_would_read_as_something_else_is_refused(tmp_path: Path, passwords: Path) -> None:
    odd = tmp_path / 'a"; deny'
    odd.mkdir()
    with pytest.raises(UsageError, match="expected one without"):
        rendered(door_of(odd, audit_passwords=passwords))


def test_without_nginx_it_names_the_package(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="next: apt-get install nginx"):
        configuration.nginx_executable(str(tmp_path))


def test_the_webserver_has_no_route_that_the_door_does_not_know() -> None:
    names = {"/server_info", "/dagit_info", "/graphql", "/{path:path}", "/"}
    refused = {"/logs/{path:path}", "/notebook", "/dagit/notebook", "/download_debug/{run_id:str}"}
    reports = {f"/report_asset_{kind}/{{asset_key:path}}" for kind in ("materialization", "check", "observation")}
    webserver: DagsterWebserver = DagsterWebserver(process_context=None)
    assert {route.path for route in webserver.build_routes()} - {route.path for route in webserver.build_static_routes()} == {
        *names,
        *refused,
        *reports,
    }
