"""Names and unified social credit codes of invented firms.

Here: USCC with right check characters (GB 32100-2015) and names, for many firms at once. Not here: what the firms do.
Any likeness to a firm that exists is chance; the codes are drawn, not looked up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.sample.streams import Ints, stream

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CHARACTERS = np.array(list(ALPHABET))
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])
_ORGANISATION_WEIGHTS = np.array((3, 7, 9, 10, 5, 8, 4, 2))
_ORGANISATION_VALUES = np.array([int(character, 36) for character in ALPHABET])
_X = ALPHABET.index("X")
Texts = NDArray[np.str_]

_FIRST = "智云数海博科天华瑞信联創启明宏远中新正泰恒达嘉盛金晶光讯微芯思拓凯睿迈德安康百诺润泽蓝绿青星辰飞鹏翔鼎峰力锐精卓越同方"
_SECOND = "创通捷维联森源洋锦尚诚和佳益丰茂盈宇航驰骏腾跃升阳晖曜昊磊鑫铭臻祺昌隆兴旺美雅兰竹松柏洲江湖川岭原野禾谷果实利民生健"
_RARE = "䶮㛃𨱏㵘𬭎𠅤䲟𣲗"
LINES = ("电子", "软件", "机械", "生物", "材料", "能源", "医药", "仪器", "网络", "环保", "装备", "汽配")
_SUFFIX = "有限公司"


def usccs(prefix: str, regions: Texts, first: int, seed: int) -> Texts:
    """As many codes as `regions` (six digits each), distinct for distinct serial numbers counted from `first`.

    Characters 9 to 17 are an organisation code with its own check character (GB 11714), character 18 is
    (31 - sum of C_i x 3^(i-1)) mod 31.
    """
    size = len(regions)
    space = 31**6
    serial = (np.arange(first, first + size, dtype=np.int64) * 387_420_489 + stream(seed, "uscc").integers(space)) % space
    digits = np.empty((size, 18), dtype=np.int64)
    digits[:, 0:2] = [ALPHABET.index(character) for character in prefix]
    digits[:, 2:8] = np.array(regions, dtype="U6").view("U1").reshape(size, 6).astype(np.int64)
    digits[:, 8:10] = ALPHABET.index("M"), ALPHABET.index("A")
    for place in range(15, 9, -1):
        serial, digits[:, place] = np.divmod(serial, 31)
    check = (11 - _ORGANISATION_VALUES[digits[:, 8:16]] @ _ORGANISATION_WEIGHTS % 11) % 11
    digits[:, 16] = np.where(check == 10, _X, check)
    digits[:, 17] = (31 - digits[:, :17] @ _WEIGHTS % 31) % 31
    return np.ascontiguousarray(_CHARACTERS[digits]).view("U18").reshape(size)


def with_wrong_check(uscc: str) -> str:
    """The same code with a last character that cannot be right."""
    return uscc[:17] + ALPHABET[(ALPHABET.index(uscc[17]) + 7) % 31]


def firm_names(places: Texts, first: int, seed: int, suffix: str = _SUFFIX) -> Texts:
    """Names such as 杭州智通电子有限公司, about one in 300 with a character that GB18030 writes in four bytes."""
    size = len(places)
    space = len(_FIRST) * len(_SECOND) * len(LINES)
    number = (np.arange(first, first + size, dtype=np.int64) * 7_368_787 + stream(seed, "names").integers(space)) % space
    number, one = np.divmod(number, len(_FIRST))
    number, two = np.divmod(number, len(_SECOND))
    brand = np.array(list(_FIRST))[one]
    rare: Ints = stream(seed, "rare", first, suffix).integers(0, 300, size)
    brand = np.where(rare == 0, np.array(list(_RARE))[(one + two) % len(_RARE)], brand)
    lines = np.array(LINES)[number]
    return np.strings.add(np.strings.add(places, brand), np.strings.add(np.array(list(_SECOND))[two], np.strings.add(lines, suffix)))
