"""A work list as people get it: firms in the order of what they would bring, with reason, amount and effect.

Here: from the kept rows to the list, its order, its notes. Not here: effects (effects.py), files (files.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.divisions import Division, divisions_in, region_of
from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse
from pipelines.whatif.edition import Edition, official_ruleset, open_edition
from pipelines.worklists.effects import Effect, effects
from pipelines.worklists.keeping import KeptList, read_list
from pipelines.worklists.kinds import Kind, kind_of, notes_of
from pipelines.worklists.reasons import reason_of

_OFFICES = {"tax": "税务", "statistics": "统计", "contracts": "技术合同", "incubators": "孵化载体"}


@dataclass(frozen=True)
class Listed:
    """One firm on a list; `amount` in yuan or persons, `effect` of this firm alone, `source_rows` where it was delivered."""

    uscc: str
    name: str
    city: str
    region_code: str
    region: str
    reason: str
    amount: Decimal | None
    effect: Effect
    source_rows: str


@dataclass(frozen=True)
class WorkList:
    """A list of one kind, best first; `region` is the county or city that it was asked for, else none."""

    kind: Kind
    quarter: str
    edition: str
    ruleset: str
    indicator_name: str
    indicator_unit: str
    indicator_decimals: int
    region: Division | None
    firms: list[Listed]
    notes: list[str]


def work_list(warehouse: Warehouse, quarter_text: str, kind_name: str, region_typed: str | None, family: str | None) -> WorkList:
    """The list of a computed quarter with an edition in force, under whose rules effects are scored; `UsageError` without either."""
    kind, quarter = kind_of(kind_name), Quarter.parse(quarter_text)
    divisions = divisions_in(quarter)
    region = region_of(region_typed, divisions) if region_typed else None
    kept = read_list(warehouse, str(quarter), kind)
    missing = [feed for feed in kind.feeds if feed not in kept.deliveries]
    if missing:
        raise UsageError(
            f"{kind.name} of {quarter}: found no delivery of {', '.join(missing)} in that quarter; expected {', '.join(kind.feeds)}: "
            f"the list rests on both; next: have it delivered, then `i315 run {quarter}`"
        )
    edition = open_edition(warehouse, quarter, None)
    rules = official_ruleset(edition, family)
    rows = [row for row in kept.rows if region is None or region.code in _places(row["region_code"], divisions)]
    firms = [_listed(kind, row, effect, divisions) for row, effect in zip(rows, effects(kind, rows, edition, rules), strict=True)]
    entry = edition.catalogue[kind.indicator]
    return WorkList(
        kind,
        str(quarter),
        edition.number,
        rules.name,
        entry["name_zh"],
        # A difference between two percentages is in points.
        "百分点" if entry["unit"] == "%" else entry["unit"],
        int(entry["decimals"]),
        region,
        sorted(firms, key=lambda firm: _order(kind, firm)),
        [*notes_of(kind), *_notes_on(kept, kind, edition, rules.rows["rule_set"][0]["is_illustrative"])],
    )


def _places(region_code: str, divisions: dict[str, Division]) -> tuple[str, str]:
    return region_code, divisions[region_code].city_code if region_code in divisions else ""


def _listed(kind: Kind, row: dict[str, Any], effect: Effect, divisions: dict[str, Division]) -> Listed:
    where = divisions.get(row["region_code"])
    city, name = (where.city_name, where.name) if where else ("", row["region_code"])
    return Listed(
        row["uscc"], row["firm_name"] or "", city, row["region_code"], name, reason_of(kind, row), row["amount"], effect, row["source_rows"]
    )


def _order(kind: Kind, firm: Listed) -> tuple[Any, ...]:
    """Places, then points, then amount, the largest first; firms without a known effect last; of a risk the size of the loss."""
    effect, sign = firm.effect, 1 if kind.is_risk else -1
    is_unknown = effect.points is None
    places, points = (0.0 if each is None or each != each else each for each in (effect.places, effect.points))
    return is_unknown, sign * places, sign * points, -(firm.amount or 0), firm.region_code, firm.uscc


def _notes_on(kept: KeptList, kind: Kind, edition: Edition, is_illustrative: bool) -> list[str]:
    notes = [
        f"效果以 {edition.quarter} 第{edition.number}版为基准；得分为总分变化（四舍五入前），位次为全省（或该市）位次变化，正数为上升。"
    ]
    if is_illustrative:
        notes.append("示意权重：所用赋分规则为示意，不是省、市主管部门发布的规则。")
    published = {(each["quarter"], each["feed"]): each["sha256"][:16] for each in edition.manifest["deliveries"]}
    newer = [feed for feed in kind.feeds if published.get((str(edition.quarter), feed)) != kept.deliveries[feed]]
    if newer:
        notes.append(f"名单所依据的{'、'.join(_OFFICES[feed] for feed in newer)}报送与该版不同：名单按最近一次计算，效果按已发布的数值。")
    return notes
