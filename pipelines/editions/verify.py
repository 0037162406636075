"""Verification: whether an edition folder is whole and true to itself.

Here: what can be known from the folder alone (hashes, data package, points against totals, the signature if a key is given).
Not here: pointer, ledger and archive (record.py), computing figures again (reproduction). Every answer is a list of faults, one
line each that starts with the file at fault, empty if there are none.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.editions.manifest import DATA_PACKAGE, canonical, digest, sealed
from pipelines.editions.readback import Row, differences, read_resource
from pipelines.editions.schema import FILES, MANIFEST, SIGNATURE, TABLES
from pipelines.editions.signing import signature_faults

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# The accuracy that scoring.md, section 2.2, promises for the sum of points.
_TOLERANCE = 1e-9


def verify_edition(folder: Path, public_key: Ed25519PublicKey | None = None) -> list[str]:
    """Every fault of the edition in `folder`; needs nothing but the folder, and a public key if its signature is to be checked."""
    if not folder.is_dir():
        return [f"{folder.name}: found no such edition; expected a folder"]
    manifest, faults = _read_json(folder, MANIFEST)
    if not faults and manifest != sealed(manifest):
        faults = [f"{MANIFEST}: found content that does not give its own sha256; expected the manifest as published"]
    if faults:
        return faults
    faults = signature_faults(folder, public_key)
    try:
        return faults + _content_faults(folder, manifest)
    except (AttributeError, KeyError, TypeError) as error:
        # Only a manifest or data package that was sealed again after an edit gets here.
        return [*faults, f"{MANIFEST} or {DATA_PACKAGE}: found another structure than an edition's: {type(error).__name__} {error}"]


def _content_faults(folder: Path, manifest: dict[str, Any]) -> list[str]:
    faults = [
        f"{MANIFEST}: found {name} {manifest[name]!r}; expected {expected!r} by the folder's name"
        for name, expected in (("edition", folder.name), ("quarter", folder.resolve().parent.name))
        if manifest[name] != expected
    ]
    damaged = _file_faults(folder, manifest["files"])
    faults += damaged
    if damaged:
        # What lies in a file with other bytes than published says nothing more; its name is what matters.
        return faults
    package, package_faults = _read_json(folder, DATA_PACKAGE)
    return faults + (package_faults or _table_faults(folder, package, manifest["rulesets"]))


def _read_json(folder: Path, name: str) -> tuple[dict[str, Any], list[str]]:
    try:
        content = (folder / name).read_bytes()
        parsed = json.loads(content)
    except FileNotFoundError:
        return {}, [f"{name}: found no such file; expected one in every edition"]
    except ValueError as error:
        return {}, [f"{name}: found no readable JSON: {error}"]
    if not isinstance(parsed, dict) or canonical(parsed) != content:
        return {}, [f"{name}: found other than the canonical form; expected the file as published"]
    return parsed, []


def _file_faults(folder: Path, listed: dict[str, Any]) -> list[str]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    present = {name for name, path in found.items() if not path.is_dir()}
    # What a link shows is whatever its target holds, today.
    faults = [f"{name}: found a link; expected the file as published" for name, path in sorted(found.items()) if path.is_symlink()]
    faults += [f"{name}: found a file that the manifest does not list" for name in sorted(present - listed.keys() - {MANIFEST, SIGNATURE})]
    faults += [
        f"{name}: found it missing from the manifest; expected it in every edition" for name in FILES if name not in {*listed, MANIFEST}
    ]
    for name, entry in sorted(listed.items()):
        if name not in present:
            faults.append(f"{name}: found no such file; expected it by the manifest")
            continue
        content = (folder / name).read_bytes()
        if len(content) != entry["bytes"]:
            faults.append(f"{name}: found {len(content)} bytes; expected {entry.get('bytes')}")
        elif digest(content) != entry["sha256"]:
            faults.append(f"{name}: found SHA-256 {digest(content)}; expected {entry.get('sha256')}")
    return faults


def _table_faults(folder: Path, package: dict[str, Any], rulesets: list[Row]) -> list[str]:
    described = [resource["path"] for resource in package["resources"]]
    tables = [file for table in TABLES for file in table.files]
    if described != tables:
        return [f"{DATA_PACKAGE}: found tables {described}; expected {tables}"]
    faults: list[str] = []
    read: dict[str, list[Row]] = {}
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        if (len(content), f"sha256:{digest(content)}") != (resource["bytes"], resource["hash"]):
            faults.append(f"{resource['path']}: found other bytes than {DATA_PACKAGE} states")
        try:
            read[resource["path"]], found = read_resource(folder, resource)
        except csv.Error as error:
            found = [f"{resource['path']}: found broken CSV: {error}"]
        faults += found
    for name in sorted(read):
        table = name.removesuffix(".parquet")
        if name.endswith(".parquet") and f"{table}.csv" in read and not faults:
            faults += differences(read[f"{table}.csv"], read[name], table)
    if not faults:
        faults += _finding_faults(read["findings.csv"]) + point_faults(rulesets, read["scores.csv"], read["ranking.csv"])
    return faults


def _finding_faults(findings: list[Row]) -> list[str]:
    return [
        f"findings.csv: found the unwaived error {row['rule']} on {row['subject']}; expected none in an edition"
        for row in findings
        if row["severity"] == "error" and not row["passed"] and not row["waiver"]
    ]


def point_faults(rulesets: list[Row], scores: list[Row], ranking: list[Row]) -> list[str]:
    """Where points do not add up: a node against its children, the total against the root and the adjustments that the rules allow.

    `rulesets` as the manifest writes them. A node with a withheld child cannot be checked and is left out.
    """
    faults = []
    points: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in scores:
        points[row["ruleset"], row["region_code"]][row["node"]] = row
    rules = {f"{ruleset['id']}/{ruleset['version']}": ruleset for ruleset in rulesets}
    for row in ranking:
        name, region = row["ruleset"], row["region_code"]
        if name not in rules:
            faults.append(f"ranking.csv: found ruleset {name}; expected one that the manifest describes")
            continue
        nodes = points[name, region]
        found = [*_node_faults(rules[name], nodes), *_total_faults(rules[name], nodes, row["total"])]
        faults += [f"ranking.csv: {region} under {name}: {fault}" for fault in found]
    return faults


def _node_faults(ruleset: Row, nodes: dict[str, Row]) -> list[str]:
    children: dict[str, list[Row]] = defaultdict(list)
    for entry in ruleset["nodes"]:
        if entry["parent"] and entry["node"] in nodes:
            children[entry["parent"]].append(nodes[entry["node"]])
    faults = []
    for node, below in children.items():
        own = nodes[node]["points"] if node in nodes else None
        parts = [row["points"] for row in below if row["points"] is not None]
        if own is None or not parts or any(row["state"] == "withheld" for row in below):
            continue
        if abs(math.fsum(parts) - own) > _TOLERANCE * max(1.0, abs(own)):
            faults.append(f"found {math.fsum(parts)!r} points below node {node}; expected its {own!r}")
    return faults


def _total_faults(ruleset: Row, nodes: dict[str, Row], total: float | None) -> list[str]:
    root = next((entry["node"] for entry in ruleset["nodes"] if not entry["parent"]), None)
    points = nodes[root]["points"] if root in nodes else None
    if total is None or points is None:
        return []
    decimals, (least, most) = ruleset["total"]["round"], ruleset["adjustments"]
    low = -math.inf if least is None else _within(points + least, ruleset["total"])
    high = math.inf if most is None else _within(points + most, ruleset["total"])
    slack = _TOLERANCE * max(1.0, abs(points)) + (0.0 if decimals is None else 0.5 * 10.0**-decimals)
    if low - slack <= total <= high + slack:
        return []
    return [f"found total {total!r}; expected {low!r} to {high!r} by its points, rounded to {decimals} decimals"]


def _within(total: float, bounds: Row) -> float:
    low, high = bounds["low"], bounds["high"]
    return min(max(total, -math.inf if low is None else low), math.inf if high is None else high)
