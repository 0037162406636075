"""The technology-contract registry: sound contracts of a full snapshot, added up by seller's and by buyer's county."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .cells import Quarantined, code, date, folded, number, refuse_control_characters, uscc
from .deliveries import Quarter, Rejected, in_force
from .divisions import OUTSIDE, added_up, place

NUMBER, STATE, COUNTRY = "合同登记编号", "合同状态", "买方国别代码"
SIGNED, REGISTERED, CHANGED = "合同签订日期", "登记日期", "变更日期"
TOTAL, TECH = "合同成交总额(万元)", "技术交易额(万元)"
SELLER, BUYER = "卖方行政区划代码", "买方行政区划代码"
SELLER_USCC, BUYER_USCC = "卖方统一社会信用代码", "买方统一社会信用代码"
COLUMNS = [
    *(NUMBER, "合同名称", "合同类别", SIGNED, REGISTERED, "卖方名称", SELLER_USCC, SELLER, "卖方性质"),
    *("买方名称", BUYER_USCC, COUNTRY, BUYER, TOTAL, TECH, "技术领域", "知识产权类型", "社会经济目标", STATE, CHANGED),
]
ACCEPTED, COUNTED, CANCELLED = "受理", {"已登记", "变更"}, "注销"
CHINA = "156"


@dataclass(frozen=True)
class Contract:
    """A sound contract; a party outside Zhejiang has no region."""

    contract_no: str
    state: str
    registered_on: dt.date | None
    seller: str
    buyer: str
    tech_yuan: Decimal | None


@dataclass
class Contracts:
    """The sound contracts of one snapshot, and the rows kept aside with line and reason."""

    sound: list[Contract] = field(default_factory=list)
    quarantined: list[tuple[str, int, str]] = field(default_factory=list)


def decoded(raw: bytes, name: str) -> str:
    """The text of the file: a byte-order mark decides, else strict UTF-8, else GB18030."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif raw.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Rejected(f"{name}: cannot be decoded whole")


def read_contracts(path: Path, quarter: Quarter) -> Contracts:
    """Read one export; raises `Rejected` where the contract is broken."""
    lines = csv.reader(io.StringIO(decoded(path.read_bytes(), path.name), newline=""), strict=True)
    try:
        header = [folded(name) for name in next(lines, [])]
        body, start = [], lines.line_num + 1
        for cells in lines:
            body.append((start, cells))
            start = lines.line_num + 1
    except csv.Error as error:
        raise Rejected(f"{path.name}: {error}") from error
    named = [name for name in header if name]
    if len(set(named)) != len(named) or set(COLUMNS) - set(named):
        raise Rejected(f"{path.name}: columns missing or twice: {header}")
    body = [(line, cells) for line, cells in body if any(cell.strip() for cell in cells)]
    if not body:
        raise Rejected(f"{path.name}: empty body")
    read, seen = Contracts(), set()
    for line, cells in body:
        try:
            if len(cells) != len(header):
                raise Quarantined(f"{len(cells)} fields under {len(header)} headers")
            contract = sound(dict(zip(header, cells, strict=True)), quarter)
            if contract.contract_no in seen:
                raise Quarantined(f"{contract.contract_no} a second time")
            seen.add(contract.contract_no)
            read.sound.append(contract)
        except Quarantined as reason:
            read.quarantined.append(("", line, str(reason)))
    return read


def sound(row: dict[str, Any], quarter: Quarter) -> Contract:
    """The contract of a row, or `Quarantined`."""
    refuse_control_characters(row)
    contract_no = code(row[NUMBER])
    if contract_no is None or not re.fullmatch(r"[0-9]{14}|[0-9]{16}", contract_no):
        raise Quarantined(f"{NUMBER}: {row[NUMBER]!r} has not 14 or 16 digits")
    state = code(row[STATE])
    if state not in {ACCEPTED, CANCELLED, *COUNTED}:
        raise Quarantined(f"{STATE}: {row[STATE]!r}")
    registered_on = date(row[REGISTERED], REGISTERED)
    for column in (SIGNED, CHANGED):
        date(row[column], column)
    if registered_on is None and state != ACCEPTED:
        raise Quarantined(f"{REGISTERED}: blank in a contract {state}")
    if registered_on is not None and registered_on.year != quarter.year:
        raise Quarantined(f"{REGISTERED}: {registered_on} is outside {quarter.year}")
    total, tech = number(row[TOTAL], TOTAL), number(row[TECH], TECH)
    if total is not None and tech is not None and tech > total:
        raise Quarantined(f"{TECH} {tech} above {TOTAL} {total}")
    day = registered_on or quarter.last_day
    uscc(row[SELLER_USCC], SELLER_USCC)
    seller = place(row[SELLER], day, SELLER)
    buyer = OUTSIDE
    if (code(row[COUNTRY]) or CHINA) == CHINA:
        uscc(row[BUYER_USCC], BUYER_USCC)
        buyer = place(row[BUYER], day, BUYER)
    return Contract(contract_no, state, registered_on, seller, buyer, None if tech is None else tech * 10_000)


def delivered(data_raw: Path, quarter: Quarter) -> Contracts | None:
    """The registry's snapshot in force for the quarter."""
    return in_force(data_raw, quarter, "contracts", read_contracts)


@dataclass(frozen=True)
class ContractSums:
    """Year-to-date sums by region; `output` and `absorbed` in yuan, `count` in contracts."""

    output: dict[str, Decimal]
    absorbed: dict[str, Decimal]
    count: dict[str, int]


def contract_sums(data_raw: Path, quarter: Quarter) -> ContractSums | None:
    """What counts for the quarter, for all regions shown; None without a delivery."""
    contracts = delivered(data_raw, quarter)
    if contracts is None:
        return None
    output: dict[str, Decimal] = defaultdict(Decimal)
    absorbed: dict[str, Decimal] = defaultdict(Decimal)
    count: dict[str, int] = defaultdict(int)
    for contract in contracts.sound:
        if contract.state not in COUNTED or contract.registered_on is None or contract.registered_on > quarter.last_day:
            continue
        yuan = contract.tech_yuan or Decimal(0)
        if contract.seller:
            output[contract.seller] += yuan
            count[contract.seller] += 1
        if contract.buyer:
            absorbed[contract.buyer] += yuan
    day = quarter.last_day
    return ContractSums(added_up(output, day), added_up(absorbed, day), added_up(count, day))
