"""The door's configuration: settings checked before anything listens, and nginx's file filled in.

Here: what must be there for a door that keeps its promise, with the next step where it is not. Not here: processes.
"""

from __future__ import annotations

import ipaddress
import os
import pwd
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InfrastructureError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

TEMPLATE = Path(__file__).parent / "nginx.conf.j2"
#: Hashes of passwords that are slow to guess: SHA-256 and SHA-512 crypt, yescrypt, bcrypt.
_ENTRY = re.compile(r"[^:\s]+:\$(5|6|y|2[aby])\$\S+")
_MAKE_PASSWORD = "printf 'NAME:%s\\n' \"$(openssl passwd -6)\" >> audit.passwords; chmod 600 audit.passwords"


@dataclass(frozen=True)
class Door:
    """All that nginx needs to know; `folder` holds its files while it runs, `workers_user` is empty unless root starts it."""

    address: str
    port: int
    webserver_port: int
    passwords: Path
    certificate: Path | None
    key: Path | None
    editions: Path
    access_log: Path
    folder: Path
    workers_user: str

    @property
    def url(self) -> str:
        """Where auditors find it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}/"


def nginx_executable(path: str) -> str:
    """Debian's nginx on a search path such as PATH; `InfrastructureError` if there is none."""
    found = shutil.which("nginx", path=path)
    if not found:
        raise InfrastructureError(
            f"no nginx: found none in {path}; expected the auditors' door behind it; next: apt-get install nginx, or ask who may"
        )
    return found


def checked_door(settings: Settings, port: int, webserver_port: int, folder: Path) -> Door:
    """The door as the settings want it; `UsageError` for whatever would leave it open."""
    warehouse = Warehouse(settings.warehouse)
    if (settings.audit_certificate is None) != (settings.audit_key is None):
        raise UsageError("TLS of the auditors' door: found one of I315_AUDIT_CERTIFICATE and I315_AUDIT_KEY; expected both or none")
    for file in (settings.audit_certificate, settings.audit_key):
        if file and not file.is_file():
            raise UsageError(f"TLS of the auditors' door: found no file at {file}; expected a PEM file; next: correct the setting")
    if not _is_loopback(settings.audit_address) and settings.audit_certificate is None:
        raise UsageError(
            f"auditors' door: found I315_AUDIT_ADDRESS={settings.audit_address} without TLS, so that passwords would cross the network "
            "in the clear; expected a loopback address or a certificate; next: set I315_AUDIT_CERTIFICATE and I315_AUDIT_KEY"
        )
    return Door(
        address=settings.audit_address,
        port=port,
        webserver_port=webserver_port,
        passwords=_checked_passwords(settings.audit_passwords),
        certificate=settings.audit_certificate and settings.audit_certificate.resolve(),
        key=settings.audit_key and settings.audit_key.resolve(),
        editions=warehouse.editions,
        access_log=warehouse.root / "door" / "access.log",
        folder=folder,
        workers_user=pwd.getpwuid(0).pw_name if os.geteuid() == 0 else "",
    )


def rendered(door: Door) -> str:
    """The nginx configuration of a door; `UsageError` for a path that its syntax cannot hold."""
    import jinja2

    for path in (door.passwords, door.certificate, door.key, door.editions, door.access_log, door.folder):
        if path and re.search(r'["$\\;{}\n]', str(path)):
            raise UsageError(f"a path of the auditors' door: found {str(path)!r}; expected one without any of \" $ \\ ; {{ }}")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, autoescape=False)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(door=door)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError as error:
        raise UsageError(f"I315_AUDIT_ADDRESS: found {address!r}; expected an IP address such as 127.0.0.1") from error


def _checked_passwords(file: Path | None) -> Path:
    if file is None:
        raise UsageError(
            f"no passwords for the auditors' door: found I315_AUDIT_PASSWORDS unset; expected a file of names; next: {_MAKE_PASSWORD}; "
            "export I315_AUDIT_PASSWORDS=audit.passwords"
        )
    if not file.is_file():
        raise UsageError(f"passwords of the auditors' door: found no file at {file}; expected a file of names; next: {_MAKE_PASSWORD}")
    if file.stat().st_mode & 0o007:
        raise UsageError(f"passwords of the auditors' door: found {file} open to everybody; expected mode 600; next: chmod 600 {file}")
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    wrong = [number for number, line in enumerate(lines, 1) if not _ENTRY.fullmatch(line)]
    if wrong or not lines:
        raise UsageError(
            f"passwords of the auditors' door: found {f'entry {wrong[0]} in another form' if wrong else 'no entry'} in {file}; "
            f"expected name:hash with a hash that starts with $5$, $6$, $y$ or $2; next: {_MAKE_PASSWORD}"
        )
    return file.resolve()
