"""The environment of the other engine lies on top of the usual one: what both lock files name, both have in the same version."""

from __future__ import annotations

import re

from pipelines.settings import PROJECT


def locked(name: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (PROJECT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_sparks_environment_changes_no_package_below_it() -> None:
    usual, other = locked("requirements.lock"), locked("requirements-spark.lock")
    assert {"dbt-core", "pandas", "pyarrow"} <= usual.keys() & other.keys()
    moved = {package: (usual[package], other[package]) for package in usual.keys() & other.keys() if usual[package] != other[package]}
    assert not moved, f"found {moved}; expected the same versions; next: make lock"
    assert other.keys() - usual.keys() == {"dbt-spark", "py4j", "pyspark", "sqlparams"}
