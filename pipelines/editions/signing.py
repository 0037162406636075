"""Signatures of manifests: Ed25519 over the bytes of `manifest.json`, in `manifest.json.sig` beside it (64 bytes in base64).

Here: keys from PEM files, signing, checking. Not here: when an edition is signed (publishing.py). A private key is used and never
told: no text of it reaches a message, a trace, the ledger or an edition.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_BYTES = 64
_OTHERS = 0o077


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs; a usage error unless the file is its owner's alone and holds one Ed25519 key without a password."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    where, expected = f"signing key {path}", "an Ed25519 private key in PEM without a password"
    step = f"next: openssl genpkey -algorithm ed25519 -out {path.name}; chmod 600 {path.name}"
    content, mode = _read(path, f"{where}: found {{}}; expected {expected}, mode 0600; {step}")
    if mode & _OTHERS:
        raise UsageError(f"{where}: found mode {mode:04o}; expected 0600, its owner's alone; next: chmod 600 {path}")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's words are left out: nothing that was read from this file is repeated.
        raise UsageError(f"{where}: found something else; expected {expected}; {step}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{where}: found {type(key).__name__}; expected {expected}; {step}")
    return key


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The key that checks; a usage error unless the file holds one Ed25519 public key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    expected = "an Ed25519 public key in PEM; next: openssl pkey -in PRIVATE_KEY -pubout"
    content, _ = _read(path, f"public key {path}: found {{}}; expected {expected}")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"public key {path}: found something else; expected {expected}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"public key {path}: found {type(key).__name__}; expected {expected}")
    return key


def _read(path: Path, message: str) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            return file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except OSError as error:
        raise UsageError(message.format(error.strerror)) from None


def signature_of(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """The content of `manifest.json.sig`."""
    return base64.b64encode(key.sign(manifest)) + b"\n"


def signature_faults(folder: Path, public_key: Ed25519PublicKey | None) -> list[str]:
    """Faults of an edition's signature: without a key only of its form, if there is one; with a key it has to be there and right."""
    path = folder / SIGNATURE
    if not path.is_file():
        return [f"{SIGNATURE}: found no such file; expected a signature by the key given"] if public_key else []
    content = path.read_bytes()
    try:
        signature = base64.b64decode(content.removesuffix(b"\n"), validate=True)
    except binascii.Error:
        signature = b""
    # One spelling only: base64 has spare bits in its last letter.
    if len(signature) != _BYTES or base64.b64encode(signature) + b"\n" != content:
        return [f"{SIGNATURE}: found no signature; expected {_BYTES} bytes in base64 and a line end"]
    return _check(folder, signature, public_key) if public_key else []


def _check(folder: Path, signature: bytes, public_key: Ed25519PublicKey) -> list[str]:
    from cryptography.exceptions import InvalidSignature

    try:
        public_key.verify(signature, (folder / MANIFEST).read_bytes())
    except InvalidSignature:
        return [f"{SIGNATURE}: found a signature that the key given does not confirm; expected one of this {MANIFEST} by that key"]
    return []
