"""Settings: the only place that reads the environment.

Every setting is an environment variable `I315_<NAME>`; an unknown one is refused at start, so that a typo never falls back
to a default. Command-line options override settings.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import UsageError

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "I315_"
#: DuckDB parts its search path at commas and takes wildcards and backslashes for its own, Dagster's SQLite addresses end at `?` and read
#: escapes.
_NOT_IN_A_WAREHOUSE = re.compile(r"[,?*\[\]\\]|%[0-9A-Fa-f]{2}")
_NOT_IN_A_PATH = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST_PART, LONGEST_PATH = 255, 3000
"""Bytes that a disk takes for a name, and that leave room below a folder."""


class Settings(BaseSettings):
    """Where things are and who acts.

    `tax_url`, `ledger_url` and `dagster_url` are SQLAlchemy URLs; left out they mean the sample's SQLite database in `data_raw`,
    `ledger.sqlite` in the warehouse, and SQLite files in its `dagster_home` for the history of runs. `actor` is who is written into
    the ledger. `signing_key` and `public_key` are PEM files with an Ed25519 key: the one signs manifests as they are published, the
    other checks their signatures. `threads` are DuckDB's while dbt builds; their number changes how long it takes and no byte of the
    result. `lineage_namespace` is under which name a data catalogue knows this system. The auditors' door listens on `audit_address`
    to the names in `audit_passwords` (a file of nginx's auth_basic), with TLS if `audit_certificate` and `audit_key` are set. `calendar` is
    the release calendar, the project's own unless another file is named. `notify` is a file with the addresses that are told what
    happened (Apprise's, one per line), and `link_base` the address under which they find the editions. Without `automation` sensors
    and schedule are there and stand still. `spark_master` is the cluster of the other engine (docs/engines.md) as Spark names it; left
    out, Spark runs on this machine.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_raw: Path = PROJECT / "data_raw"
    warehouse: Path = PROJECT / "warehouse"
    tax_url: str | None = None
    ledger_url: str | None = None
    dagster_url: str | None = None
    signing_key: Path | None = None
    public_key: Path | None = None
    threads: PositiveInt = os.cpu_count() or 1
    lineage_namespace: str = "i315"
    spark_master: str | None = None
    audit_address: str = "127.0.0.1"
    audit_passwords: Path | None = None
    audit_certificate: Path | None = None
    audit_key: Path | None = None
    calendar: Path = PROJECT / "pipelines" / "operation" / "calendar.yml"
    automation: bool = True
    notify: Path | None = None
    link_base: str = ""
    actor: str = os.environ.get("USER", "") or "operator"

    @property
    def tax_database_url(self) -> str:
        """The tax office's database; the sample's SQLite file unless a URL is set."""
        return self.tax_url or sqlite_url(self.data_raw / "tax.sqlite")

    @property
    def ledger_database_url(self) -> str:
        """The system's own ledger; a SQLite file in the warehouse unless a URL is set."""
        return self.ledger_url or sqlite_url(self.warehouse / "ledger.sqlite")


def sqlite_url(file: Path) -> str:
    """The SQLAlchemy URL of a SQLite file; what would be read as an escape or as the end of the path is escaped."""
    return f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment with `overrides` (those that are not None) on top; unknown names are usage errors."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise UsageError(f"unknown setting: found {', '.join(unknown)}; expected one of {', '.join(sorted(known))}")
    settings = Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    return settings.model_copy(update={name: _checked(name, getattr(settings, name)) for name in ("data_raw", "warehouse")})


def _checked(name: str, path: Path) -> Path:
    """The folder itself, behind all links; `UsageError` if one of the databases would read its path otherwise."""
    where = f"{PREFIX}{name.upper()} (--{name.replace('_', '-')})"
    length, longest = len(os.fsencode(path.absolute())), max((len(os.fsencode(part)) for part in path.parts), default=0)
    if length > LONGEST_PATH or longest > LONGEST_PART:
        raise UsageError(
            f"{where}: found a path of {length} bytes with a name of {longest}; expected at most {LONGEST_PATH}, and {LONGEST_PART} in a "
            "name; next: choose a shorter one"
        )
    found = path.resolve()
    odd = _NOT_IN_A_PATH.search(str(found)) or (_NOT_IN_A_WAREHOUSE.search(str(found)) if name == "warehouse" else None)
    if odd:
        expected = ", ? * [ ] \\, % before two hexadecimal digits, " if name == "warehouse" else ""
        raise UsageError(
            f"{where}: found {odd[0]!r} in {str(found)!r}; expected a path in UTF-8 without {expected}control characters; "
            "next: name the folder otherwise"
        )
    return found
