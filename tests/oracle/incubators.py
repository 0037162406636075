"""The incubator platform's workbook: carriers at their highest level, tenants once per county (`feeds.md`, section 5)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .cells import Quarantined, code, date, number, refuse_control_characters, uscc
from .deliveries import Quarter, in_force
from .divisions import added_up, place
from .workbook import opened, plain_table

CARRIER, KIND, LEVEL, REGION, OPERATOR, RECOGNISED = "载体编码", "类型", "级别", "行政区划代码", "运营机构统一社会信用代码", "认定日期"
GRADUATED, AREA_NEW = "当年毕业企业数", "当年新增孵化面积(平方米)"
CARRIER_AMOUNTS = [
    *("使用总面积(平方米)", "办公用房", "在孵企业用房", "公共服务用房", "其他用房"),
    *("在孵企业数", "从业人员数", GRADUATED, AREA_NEW, "总收入(千元)"),
]
CARRIER_COLUMNS = [CARRIER, "载体名称", KIND, LEVEL, REGION, OPERATOR, RECOGNISED, *CARRIER_AMOUNTS]
USCC, ENTERED, LEFT, STATE, STAFF, INVESTED = "统一社会信用代码", "入孵日期", "离孵日期", "状态", "从业人员数", "当年获投融资额(千元)"
TENANT_COLUMNS = [CARRIER, "企业名称", USCC, ENTERED, LEFT, STATE, STAFF, INVESTED]
CITY_OR_ABOVE = {"国家级", "省级", "市级"}
INCUBATOR, MAKERSPACE, PRESENT = "孵化器", "众创空间", "在孵"


@dataclass(frozen=True)
class Carrier:
    """A sound carrier."""

    kind: str | None
    is_city_or_above: bool
    county: str
    graduated: Decimal | None
    area_new_m2: Decimal | None


@dataclass(frozen=True)
class Tenant:
    """A sound tenant of a sound carrier."""

    carrier: str
    firm: str
    is_present: bool
    staff: Decimal | None


@dataclass
class Incubators:
    """The sound rows of one delivery, and those kept aside."""

    carriers: dict[str, Carrier] = field(default_factory=dict)
    tenants: dict[tuple[str, str], Tenant] = field(default_factory=dict)
    quarantined: list[tuple[str, int, str]] = field(default_factory=list)


def read_incubators(path: Path, quarter: Quarter) -> Incubators:
    """Read one workbook; raises `Rejected` where the contract is broken."""
    read = Incubators()
    with opened(path) as book:
        carriers, tenants = plain_table(book, "孵化载体", CARRIER_COLUMNS), plain_table(book, "在孵企业", TENANT_COLUMNS)
    for row_number, row in carriers:
        try:
            refuse_control_characters(row)
            key, carrier = _carrier(row, quarter)
            if key in read.carriers:
                raise Quarantined(f"{key} a second time")
            read.carriers[key] = carrier
        except Quarantined as reason:
            read.quarantined.append(("孵化载体", row_number, str(reason)))
    for row_number, row in tenants:
        try:
            refuse_control_characters(row)
            tenant = _tenant(row)
            if tenant.carrier not in read.carriers:
                raise Quarantined(f"{tenant.carrier}: no sound carrier")
            if (tenant.carrier, tenant.firm) in read.tenants:
                raise Quarantined(f"{tenant.firm} a second time in {tenant.carrier}")
            read.tenants[tenant.carrier, tenant.firm] = tenant
        except Quarantined as reason:
            read.quarantined.append(("在孵企业", row_number, str(reason)))
    return read


def _carrier(row: dict[str, Any], quarter: Quarter) -> tuple[str, Carrier]:
    key = code(row[CARRIER])
    if key is None:
        raise Quarantined(f"{CARRIER}: blank")
    county = place(row[REGION], quarter.last_day, REGION)
    uscc(row[OPERATOR], OPERATOR)
    date(row[RECOGNISED], RECOGNISED)
    amounts = {column: number(row[column], column) for column in CARRIER_AMOUNTS}
    levels = set(re.split(r"[、,;/]", code(row[LEVEL]) or ""))
    return key, Carrier(code(row[KIND]), bool(levels & CITY_OR_ABOVE), county, amounts[GRADUATED], amounts[AREA_NEW])


def _tenant(row: dict[str, Any]) -> Tenant:
    carrier = code(row[CARRIER])
    if carrier is None:
        raise Quarantined(f"{CARRIER}: blank")
    firm = uscc(row[USCC], USCC, required=True)
    assert firm is not None
    for column in (ENTERED, LEFT):
        date(row[column], column)
    number(row[INVESTED], INVESTED)
    return Tenant(carrier, firm, code(row[STATE]) == PRESENT, number(row[STAFF], STAFF))


def delivered(data_raw: Path, quarter: Quarter) -> Incubators | None:
    """The platform's delivery in force for the quarter."""
    return in_force(data_raw, quarter, "incubators", read_incubators)


def incubator_sums(data_raw: Path, quarter: Quarter) -> dict[str, dict[str, Any]] | None:
    """By indicator and region, undivided; None without a delivery."""
    incubators = delivered(data_raw, quarter)
    if incubators is None:
        return None
    sums: dict[str, dict[str, Any]] = {
        code_: defaultdict(Decimal) for code_ in ("INC_N", "MS_N", "INC_FIRMS", "INC_JOBS", "INC_AREA_NEW", "INC_GRAD")
    }
    for carrier in incubators.carriers.values():
        if not carrier.county:
            continue
        if carrier.is_city_or_above and carrier.kind in (INCUBATOR, MAKERSPACE):
            sums["INC_N" if carrier.kind == INCUBATOR else "MS_N"][carrier.county] += 1
        sums["INC_AREA_NEW"][carrier.county] += carrier.area_new_m2 or 0
        sums["INC_GRAD"][carrier.county] += carrier.graduated or 0
    counted: set[tuple[str, str]] = set()
    for _, tenant in sorted(incubators.tenants.items()):
        county = incubators.carriers[tenant.carrier].county
        if county and tenant.is_present and (county, tenant.firm) not in counted:
            counted.add((county, tenant.firm))
            sums["INC_FIRMS"][county] += 1
            sums["INC_JOBS"][county] += tenant.staff or 0
    return {indicator: added_up(by_county, quarter.last_day) for indicator, by_county in sums.items()}
