"""An edition as bytes: every file of the folder by name, from sources and verdict. Pure: reads and writes nothing.

Here: which tables and reports make the folder. Not here: numbering, the order of disk operations (publishing.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa

from pipelines.editions.code import Code
from pipelines.editions.formats import from_rows, table_files
from pipelines.editions.lineage import Lineage
from pipelines.editions.manifest import DATA_PACKAGE, data_package, manifest, waiver_entry
from pipelines.editions.revisions import revisions
from pipelines.editions.schema import CONTENT_TABLES, FINDINGS, MANIFEST, REVISIONS
from pipelines.editions.sides import Side, side_of_sources
from pipelines.editions.sources import Sources
from pipelines.gate import Finding, Verdict
from pipelines.report import Board, Past, board_html, board_xlsx, peer_groups

SYNTHETIC_NOTICE = "合成数据：本版全部数据由程序生成，仅供演示，不是任何单位的真实统计数据。"
ILLUSTRATIVE_NOTICE = "示意权重：所用赋分规则与星级分界为示意，不是省、市主管部门发布的规则。"
_SYNTHETIC_MARKS = ("合成", "synthetic")


@dataclass(frozen=True)
class Before:
    """What revisions are told against: this quarter's edition in force (none for a first), and pairs of earlier quarters' editions."""

    own: Side | None
    earlier: tuple[tuple[Side, Side], ...] = ()


@dataclass(frozen=True)
class Identity:
    """What tells this edition from any other of the same content; `ledger_end` is the ledger's last line before it and its hash."""

    edition: str
    published_at: str
    actor: str
    code: Code
    packages: dict[str, str]
    ledger_end: tuple[int, str]
    made_with: dict[str, str]


def content_files(sources: Sources, verdict: Verdict) -> dict[str, bytes]:
    """The tables that decide whether an edition is new, by file name."""
    tables = sources.tables | {FINDINGS.name: findings_table(verdict.findings)}
    return {name: content for table in CONTENT_TABLES for name, content in table_files(table, tables[table.name]).items()}


def findings_table(findings: list[Finding]) -> pa.Table:
    """Findings as the edition publishes them; lines that say the same stand once."""
    rows = {
        tuple(getattr(finding.public, name) or None if name != "passed" else finding.passed for name in FINDINGS.columns)
        for finding in findings
    }
    named = [dict(zip(FINDINGS.columns, row, strict=True)) for row in rows]
    return from_rows(FINDINGS, [row | {"count": row["count"] or 0} for row in named])


def notices_of(sources: Sources, stated: list[str]) -> list[str]:
    """The notices that every output shows: what is stated, then what deliveries and rulesets say of themselves."""
    notices = list(stated)
    if any(mark in delivery.file.lower() for delivery in sources.deliveries for mark in _SYNTHETIC_MARKS):
        notices.append(SYNTHETIC_NOTICE)
    if any(ruleset.is_illustrative for ruleset in sources.rulesets):
        notices.append(ILLUSTRATIVE_NOTICE)
    return list(dict.fromkeys(notices))


def _memberships(sources: Sources) -> list[dict[str, Any]]:
    return [row for row in sources.scoring_inputs.groups.to_pylist() if row["period"] == sources.quarter]


def board_of(sources: Sources, tables: dict[str, pa.Table], verdict: Verdict, edition: str, previous: str, notices: list[str]) -> Board:
    """What board and workbook are made from; `tables` are the edition's."""
    return Board(
        quarter=sources.quarter,
        edition=edition,
        previous=previous,
        notices=notices,
        catalogue=sources.catalogue,
        rulesets=[asdict(ruleset) for ruleset in sources.rulesets],
        deliveries=[asdict(delivery) for delivery in sources.deliveries],
        waivers=[waiver_entry(finding) for finding in verdict.findings if finding.waiver],
        bands=sources.bands,
        rules=sources.rules,
        peers=peer_groups(sources.rules, _memberships(sources)),
        past=[
            Past(each.quarter, each.indicators.to_pylist(), each.scores.to_pylist(), each.ranking.to_pylist()) for each in sources.earlier
        ],
        **{name: table.to_pylist() for name, table in tables.items()},
    )


def assemble(
    sources: Sources,
    verdict: Verdict,
    content: dict[str, bytes],
    lineage: Lineage,
    before: Before,
    identity: Identity,
    stated_notices: list[str],
) -> dict[str, bytes]:
    """Every file of the edition by name; `content` is what `content_files` gave, `lineage` what is kept beside it."""
    notices = notices_of(sources, stated_notices)
    code = identity.code.payload()
    now = side_of_sources(sources, identity.edition, code)
    pairs = ([(before.own, now)] if before.own else []) + list(before.earlier)
    revised = revisions((before.own, now) if before.own else None, before.earlier, sources.catalogue)
    tables = sources.tables | {FINDINGS.name: findings_table(verdict.findings), REVISIONS.name: revised}
    board = board_of(sources, tables, verdict, identity.edition, before.own.edition if before.own else "", notices)
    files = content | table_files(REVISIONS, revised)
    files[DATA_PACKAGE] = data_package(sources.quarter, identity.edition, files, notices)
    files |= {"board.html": board_html(board), "board.xlsx": board_xlsx(board)}
    files[MANIFEST] = manifest(
        replace(sources, tables={}),
        verdict,
        files,
        edition=identity.edition,
        previous=before.own.edition if before.own else None,
        revises=[{"quarter": old.quarter, "from": old.edition, "to": new.edition} for old, new in pairs],
        published_at=identity.published_at,
        actor=identity.actor,
        code=code,
        packages=identity.packages,
        ledger_end=identity.ledger_end,
        made_with=identity.made_with,
        lineage=lineage,
        notices=notices,
    )
    return files
