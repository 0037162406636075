"""Signatures: made if a key is configured, checked with the public key; wrong keys are usage errors that tell nothing of the key."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat

from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.editions.signing import load_private_key, load_public_key
from pipelines.editions.verify import verify_edition
from pipelines.errors import UsageError
from tests.conftest import I315, clean_environment
from tests.small_warehouse import QUARTER, SmallWarehouse
from tests.tampering import KEY

PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
LOCKED = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))
OTHER_KIND = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "key.pem"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def copy(edition: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(edition, tmp_path / QUARTER / edition.name))


def signed(folder: Path) -> bytes:
    """A signature of the folder's manifest, put beside it."""
    content = base64.b64encode(KEY.sign((folder / MANIFEST).read_bytes())) + b"\n"
    (folder / SIGNATURE).write_bytes(content)
    return content


def test_an_edition_published_with_a_key_is_confirmed_by_its_public_key_alone(ready: SmallWarehouse, tmp_path: Path) -> None:
    folder = ready.publish(load_private_key(key_file(tmp_path, PRIVATE))).path
    assert len(base64.b64decode((folder / SIGNATURE).read_bytes())) == 64
    assert verify_edition(folder, load_public_key(key_file(tmp_path, PUBLIC))) == []
    assert verify_edition(folder) == []
    (fault,) = verify_edition(folder, Ed25519PrivateKey.generate().public_key())
    assert fault.startswith(f"{SIGNATURE}: found a signature that the key given does not confirm")


def test_with_a_public_key_an_unsigned_edition_is_at_fault_and_without_one_it_is_not(copy: Path) -> None:
    assert verify_edition(copy) == []
    assert verify_edition(copy, KEY.public_key()) == [f"{SIGNATURE}: found no such file; expected a signature by the key given"]


def test_a_signature_has_one_spelling(copy: Path) -> None:
    content = signed(copy)
    assert verify_edition(copy, KEY.public_key()) == []
    last = content.rstrip(b"=\n")[-1:]
    for other in (content[:-1], content + b"\n", content.replace(last + b"==", bytes([last[0] + 1]) + b"=="), b"A" * 88 + b"\n", b""):
        (copy / SIGNATURE).write_bytes(other)
        assert [fault.partition(":")[0] for fault in verify_edition(copy)] == [SIGNATURE]


@pytest.mark.parametrize(
    ("content", "mode", "found"),
    [
        (PRIVATE, 0o640, "found mode 0640; expected 0600"),
        (PRIVATE, 0o604, "found mode 0604; expected 0600"),
        (LOCKED, 0o600, "found something else; expected an Ed25519 private key in PEM without a password"),
        (OTHER_KIND, 0o600, "found ECPrivateKey; expected an Ed25519 private key"),
        (PUBLIC, 0o600, "found something else"),
        (PRIVATE[:60], 0o600, "found something else"),
    ],
)
def test_an_unfit_signing_key_is_a_usage_error_that_repeats_nothing_of_it(tmp_path: Path, content: bytes, mode: int, found: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_private_key(key_file(tmp_path, content, mode))
    assert found in str(refused.value)
    assert refused.value.__cause__ is None
    assert not any(line and line in str(refused.value) for line in PRIVATE.decode().splitlines()[1:-1])


def test_a_missing_key_is_a_usage_error(tmp_path: Path) -> None:
    for load in (load_private_key, load_public_key):
        with pytest.raises(UsageError, match="No such file"):
            load(tmp_path / "nowhere.pem")
    with pytest.raises(UsageError, match="found something else"):
        load_public_key(key_file(tmp_path, PRIVATE))


def test_a_run_with_an_unfit_signing_key_stops_before_it_reads_anything(tmp_path: Path) -> None:
    environment = clean_environment() | {"I315_SIGNING_KEY": str(key_file(tmp_path, PRIVATE, 0o644))}
    run = [str(I315), "run", "2023Q3", "--data-raw", str(tmp_path), "--warehouse", str(tmp_path / "w")]
    finished = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert (finished.returncode, len(finished.stderr.splitlines())) == (2, 1)
    assert "found mode 0644; expected 0600" in finished.stderr
    assert not (tmp_path / "w").exists()
