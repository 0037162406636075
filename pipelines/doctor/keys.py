"""Keys and secrets: those that sign and check editions, the auditors' door's certificate and passwords, the addresses of notices."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipelines.doctor.answer import Answer, fail, ok, warn
from pipelines.door.configuration import checked_door, nginx_executable
from pipelines.editions.pointer import read_pointer
from pipelines.editions.signing import load_private_key, load_public_key, signature_faults
from pipelines.errors import Failure
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_SOON = dt.timedelta(days=30)
_ANY_PORT = 1


def signing(private: Path | None, public: Path | None) -> Answer:
    """The signing key is its owner's alone, and the public key is the other half of it."""
    try:
        signs = load_private_key(private) if private else None
        checks = load_public_key(public) if public else None
    except Failure as failure:
        return fail("signing keys", str(failure), "see above")
    if signs is None:
        return ok("signing keys", "none set: editions are not signed" if checks is None else "the public key alone: this machine checks")
    if checks is None:
        return warn(
            "signing keys", "I315_PUBLIC_KEY is not set: verify checks no signature", "openssl pkey -in KEY -pubout -out KEY.pub; set it"
        )
    if signs.public_key() != checks:
        return fail("signing keys", "the public key is not that of the signing key", "set I315_PUBLIC_KEY to the one of I315_SIGNING_KEY")
    return ok("signing keys", "mode 0600, a pair")


def newest_signature(warehouse: Warehouse, public: Path | None) -> Answer:
    """Whether the public key confirms the newest edition; after a change of keys older editions need the older one."""
    try:
        pointers = read_pointer(warehouse)
    except Failure:
        return warn("signature of the newest edition", "not looked at: latest.json cannot be read", "mend the pointer to editions first")
    if public is None or not pointers:
        return ok("signature of the newest edition", "not asked for")
    newest = pointers[max(pointers)].path
    try:
        faults = signature_faults(warehouse.editions / newest, load_public_key(public))
    except Failure as failure:
        return fail("signature of the newest edition", str(failure), "see above")
    if faults:
        step = "if keys were changed since, the next edition is signed with the new one"
        return warn("signature of the newest edition", f"{newest}: {faults[0]}", step)
    return ok("signature of the newest edition", f"{newest} confirmed")


def notify(file: Path | None) -> Answer:
    """The file of addresses that are told: there, and its owner's alone, for the addresses hold tokens."""
    if file is None:
        return ok("notices", "nobody is told (I315_NOTIFY)")
    if not file.is_file():
        return fail("notices", f"no file at {file}", "write it, an address per line, or unset I315_NOTIFY")
    if file.stat().st_mode & 0o077:
        return fail("notices", f"{file} may be read by others, and holds tokens", f"chmod 600 {file}")
    return ok("notices", str(file))


def door(settings: Settings, search_path: str) -> list[Answer]:
    """The auditors' door: nginx, passwords, certificate; nothing to say if none is configured."""
    if settings.audit_passwords is None:
        return [ok("auditors' door", "not configured (I315_AUDIT_PASSWORDS)")]
    try:
        nginx_executable(search_path)
        checked_door(settings, _ANY_PORT, _ANY_PORT, settings.warehouse)
    except Failure as failure:
        return [fail("auditors' door", str(failure), "see above")]
    answers = [ok("auditors' door", f"may open on {settings.audit_address}")]
    if settings.audit_certificate:
        answers.append(certificate(settings.audit_certificate, dt.datetime.now(dt.UTC)))
    return answers


def certificate(file: Path, now: dt.datetime) -> Answer:
    """How long the door's certificate is good for."""
    from cryptography import x509

    try:
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except ValueError:
        return fail("certificate", f"{file}: no certificate in PEM", "set I315_AUDIT_CERTIFICATE to one")
    if ends <= now:
        return fail("certificate", f"{file}: ended on {ends:%Y-%m-%d}", "renew it, then restart the door's service")
    if ends - now < _SOON:
        return warn("certificate", f"{file}: ends on {ends:%Y-%m-%d}", "renew it, then restart the door's service")
    return ok("certificate", f"good until {ends:%Y-%m-%d}")
