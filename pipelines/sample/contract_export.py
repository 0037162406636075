"""The registry's CSV: GB18030, CRLF, one full snapshot of the year per delivery.

Here: columns, untidy cells, the few rows that must be quarantined, streaming. Not here: what contracts there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.calendar import Received
from pipelines.sample.contracts import CANCELLED, CHANGED, Contracts, day_text, registration_point
from pipelines.sample.dirt import bad_rows, chosen, untidy_date, untidy_number, wide
from pipelines.sample.geography import ANCHOR, Geography
from pipelines.sample.identities import Texts, with_wrong_check
from pipelines.sample.parties import Parties
from pipelines.sample.streams import Ints, stream

COLUMNS = (
    "合同登记编号", "合同名称", "合同类别", "合同签订日期", "登记日期", "卖方名称", "卖方统一社会信用代码", "卖方行政区划代码", "卖方性质",
    "买方名称", "买方统一社会信用代码", "买方国别代码", "买方行政区划代码", "合同成交总额(万元)", "技术交易额(万元)", "技术领域",
    "知识产权类型", "社会经济目标", "合同状态", "变更日期",
)  # fmt: skip
NUMBER, SIGNED, REGISTERED, SELLER, SELLER_REGION, DEAL, TECH = 0, 3, 4, 6, 7, 13, 14
_CHUNK = 20_000
_STATES = np.array(("受理", "已登记", "变更", "注销"))
_CATEGORIES = np.array(("技术服务", "技术开发", "技术咨询", "技术转让", "技术许可"))
_TOPICS = (
    "控制系统",
    "检测方法",
    "数据平台",
    "新型材料",
    "传感器件",
    "工艺改进",
    "药物筛选",
    "储能装置",
    '"云脑",算法',
    "图像识别",
    "节能改造",
    "仿真模型",
)
_FIELDS = np.array(("电子信息", "先进制造", "生物医药", "新材料", "新能源", "环境保护", "现代农业", "城市建设"))
_RIGHTS = np.array(("技术秘密", "专利", "软件著作权", "未涉及"))
_GOALS = np.array(("工商业", "社会发展", "能源", "环境", "卫生", "其他"))
_OLD_STYLE_CITY = 9
"""舟山's points still write the old numbers of 14 digits."""


def write_snapshot(
    path: Path, contracts: Contracts, parties: Parties, geography: Geography, quarter: Quarter, received: Received, seed: int
) -> None:
    """Write what the registry knows on the day of `received` of the contracts of its quarter's year."""
    day = received.day.toordinal()
    order = np.argsort(contracts.registered, kind="stable")
    order = order[contracts.registered[order] <= day]
    rng = stream(seed, "dirt", "contracts", received.prefix)
    untidy = dict.fromkeys(chosen(rng, len(order), 0.004))
    numbers = contract_numbers(contracts, geography)
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(",".join(COLUMNS) + "\r\n")
        first: list[list[str]] = []
        for start in range(0, len(order), _CHUNK):
            rows = list(_rows(contracts, parties, numbers, order[start : start + _CHUNK], day))
            first = first or [list(row) for row in rows if row[SELLER_REGION] != ANCHOR][:5]
            for place in range(start, start + len(rows)):
                if place in untidy:
                    rows[place - start] = _untidy(list(rows[place - start]), place)
            file.write("".join(",".join(row) + "\r\n" for row in rows))
        for row in _wrong(first, bad_rows(len(order)), quarter):
            file.write(",".join(row) + "\r\n")


def contract_numbers(contracts: Contracts, geography: Geography) -> Texts:
    """登记编号: year, 33 and city, registration point, serial; with a year of two digits where the old style is kept."""
    point = registration_point(contracts, geography)
    tail = (330_000 + point) * 1_000_000 + contracts.serial
    is_old = point // 100 == _OLD_STYLE_CITY
    return np.where(is_old, contracts.year % 100, contracts.year).astype("U4") + tail.astype("U12")


def _rows(contracts: Contracts, parties: Parties, numbers: Texts, at: Ints, day: int) -> Iterator[tuple[str, ...]]:
    mix = (contracts.serial[at] * 7919 + contracts.registered[at] * 31 + contracts.seller[at]) % 1_000_003
    tech, deal = (amounts[at] for amounts in contracts.amounts(day))
    state = contracts.state(day)[at]
    seller, buyer = contracts.seller[at], contracts.buyer[at]
    day_names = {ordinal: day_text(ordinal) for ordinal in range(day - 800, day + 1)}
    signed = contracts.registered[at] - 3 - mix % 75
    changed = np.where((state == CHANGED) | (state == CANCELLED), contracts.changed[at], 0)
    names = [_quoted(f"{topic}{end}") for topic in _TOPICS for end in ("开发", "服务", "优化", "研制")]
    columns = (
        numbers[at].tolist(),
        [names[number % len(names)] for number in mix.tolist()],
        _CATEGORIES[np.searchsorted((55, 85, 92, 98), mix % 100)].tolist(),
        [day_names[ordinal] for ordinal in signed.tolist()],
        [day_names[ordinal] for ordinal in contracts.registered[at].tolist()],
        parties.name[seller].tolist(), parties.uscc[seller].tolist(), parties.division[seller].tolist(), parties.kind[seller].tolist(),
        [_quoted(name) for name in parties.name[buyer].tolist()],
        parties.uscc[buyer].tolist(), parties.country[buyer].tolist(), parties.division[buyer].tolist(),
        [_hundredths(amount) for amount in deal.tolist()],
        [_hundredths(amount) for amount in tech.tolist()],
        _FIELDS[mix % 8].tolist(), _RIGHTS[mix // 8 % 4].tolist(), _GOALS[mix // 32 % 6].tolist(),
        _STATES[state].tolist(),
        [day_names[ordinal] if ordinal else "" for ordinal in changed.tolist()],
    )  # fmt: skip
    return zip(*columns, strict=True)


def _hundredths(amount: int) -> str:
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02d}" if part else str(whole)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _untidy(row: list[str], form: int) -> tuple[str, ...]:
    """The same row, written less tidily."""
    row[SIGNED], row[REGISTERED] = untidy_date(row[SIGNED], form), untidy_date(row[REGISTERED], form + 1)
    row[DEAL], row[TECH] = _quoted(untidy_number(row[DEAL], form)), _quoted(untidy_number(row[TECH], form + 1))
    if form % 3 == 0:
        row[SELLER_REGION] = wide(row[SELLER_REGION])
    if form % 7 == 0:
        row[SELLER] = wide(row[SELLER])
    return tuple(row)


def _wrong(rows: list[list[str]], number: int, quarter: Quarter) -> Iterator[list[str]]:
    """Rows that break the contract, each in one way, none of them at the registration point of 滨江区."""
    spoilt = (None, (SELLER, None), (TECH, "99999999"), (SELLER_REGION, "339999"), (REGISTERED, f"{quarter.year}-02-30"))
    for kind, (row, change) in enumerate(list(zip(rows, spoilt, strict=False))[:number]):
        if change:
            row[NUMBER] = f"{quarter.year}33019900000{kind}"
            row[change[0]] = with_wrong_check(row[SELLER]) if change[1] is None else change[1]
        yield row
