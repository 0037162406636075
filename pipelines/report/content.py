"""What board and workbook show: the edition's rows, and the words and decimals for them.

Here: the input of both reports, lookups in the catalogue, decimal display. Not here: layout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from pipelines.report.listings import Listing, Row, listings
from pipelines.report.words import word

DECIMALS_UNLISTED = 2
LEVELS = {"c": "县（市、区）", "m": "设区市", "p": "全省"}
STATUS = {"value": "", "not_published": "本期不发布", "missing": "缺报", "not_applicable": "不适用", "withheld": "不予公布"}
FLAGS = {"not_collected": "不统计"}
"""Flags in words; others stand as they are."""
SEVERITY = {"error": "错误", "warning": "警告", "info": "提示"}
FEEDS = {"statistics": "统计部门", "contracts": "技术合同登记", "tax": "税务部门", "incubators": "孵化载体", "ledger": "科技部门台账"}
STANDING = {"total": ("总分", 2), "rank": ("全省位次", 0), "stars": ("星级", 0)}
"""What a ruleset publishes of a county, as revisions name it (`<ruleset>/total`): its name and decimals."""
_QUARTERS = {"1": "一", "2": "二", "3": "三", "4": "四"}


@dataclass(frozen=True)
class Past:
    """A quarter before the edition's: rows of its published tables as the deliveries in force make them now."""

    quarter: str
    indicators: list[Row]
    scores: list[Row]
    ranking: list[Row]


@dataclass(frozen=True)
class Board:
    """One edition as rows; the lists have the columns of editions.md, `catalogue` those of the indicators seed.

    `rulesets`, `deliveries` and `waivers` are as the manifest writes them; `previous` is the edition before, empty for a first.
    `bands` numbers by ruleset and county the groups of neighbours that the draws cannot tell apart; `peers` names by ruleset and
    county the peer group; `rules` are the rulesets' parameter tables; `past` are up to seven quarters before, oldest first.
    """

    quarter: str
    edition: str
    previous: str
    notices: list[str]
    catalogue: list[Row]
    rulesets: list[Row]
    deliveries: list[Row]
    waivers: list[Row]
    bands: dict[tuple[str, str], int] = field(default_factory=dict)
    indicators: list[Row] = field(default_factory=list)
    scores: list[Row] = field(default_factory=list)
    ranking: list[Row] = field(default_factory=list)
    targets: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    peers: dict[tuple[str, str], str] = field(default_factory=dict)
    rules: dict[str, list[Row]] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)

    @cached_property
    def entries(self) -> dict[str, Row]:
        """Indicator code -> its catalogue row; of several in time, the one listed last."""
        return {entry["code"]: entry for entry in self.catalogue}

    @cached_property
    def region_names(self) -> dict[str, str]:
        """Region code -> its name in the quarter."""
        return {row["region_code"]: row["region_name"] for row in self.indicators}

    @cached_property
    def indicator_names(self) -> dict[str, str]:
        """Indicator code -> its name as published."""
        return {row["indicator"]: row["indicator_name"] for row in self.indicators}

    @cached_property
    def indicator_units(self) -> dict[str, str]:
        """Indicator code -> unit as published."""
        return {row["indicator"]: row["unit"] for row in self.indicators}

    @cached_property
    def listings(self) -> list[Listing]:
        """The ranking by ruleset, the leading one first."""
        return listings(self.ranking)

    @property
    def ranked(self) -> list[Row]:
        """The counties of the leading listing, best first."""
        return self.listings[0].rows if self.listings else []

    def description(self, ruleset: str) -> Row | None:
        """The description of a ruleset given by its name `<id>/<version>`."""
        return next((each for each in self.rulesets if f"{each['id']}/{each['version']}" == ruleset), None)

    def rules_title(self, ruleset: str) -> str:
        """A ruleset's name, with the warning if its weights and cut-offs are illustrative."""
        rules = self.description(ruleset)
        return f"{ruleset}（示意权重）" if rules and rules["is_illustrative"] else ruleset

    def rules_note(self, ruleset: str) -> str:
        """What a ruleset says of itself."""
        rules = self.description(ruleset)
        return str(rules["note"]) if rules else ""

    @cached_property
    def leading_peers(self) -> dict[str, str]:
        """County -> its peer group under the leading ruleset; empty if that compares with no group but cities."""
        leading = self.listings[0].ruleset if self.listings else ""
        return {region: group for (ruleset, region), group in self.peers.items() if ruleset == leading}

    @property
    def open_findings(self) -> list[Row]:
        """Findings that did not pass, errors (waived ones) first."""
        order = list(SEVERITY)
        failed = [row for row in self.findings if not row["passed"]]
        return sorted(
            failed, key=lambda row: (order.index(row["severity"]) if row["severity"] in order else 9, row["rule"], row["subject"] or "")
        )

    def cell_name(self, code: str) -> str:
        """The name of a revised cell: an indicator's as published, or what a ruleset says of a county."""
        ruleset, _, what = code.partition("/")
        return f"{STANDING[what][0]}（{ruleset}）" if what in STANDING else self.indicator_names.get(code, code)

    def decimals(self, indicator: str) -> int:
        """Decimals shown for an indicator by the catalogue, or for a standing; two for one that is not listed."""
        what = indicator.partition("/")[2]
        if what in STANDING:
            return STANDING[what][1]
        listed = self.entries.get(indicator, {}).get("decimals")
        return int(listed) if listed is not None else DECIMALS_UNLISTED

    def definition(self, indicator: str) -> str:
        """The indicator's definition, in Chinese if the catalogue has one."""
        entry = self.entries.get(indicator, {})
        return str(entry.get("definition_zh") or entry.get("definition") or "")

    def feed_names(self, indicator: str) -> str:
        """The offices behind an indicator."""
        feeds = str(self.entries.get(indicator, {}).get("feed") or "").split()
        return "、".join(FEEDS.get(feed, feed) for feed in feeds)

    def node_name(self, node: str) -> str:
        """The name of a node of the rulesets' trees: that of its indicator, else its id."""
        return self.indicator_names.get(node) or word("nodes", self._rule_names.get(node) or node)

    @cached_property
    def _rule_names(self) -> dict[str, str]:
        names = {entry["node"]: entry["name"] for ruleset in self.rulesets for entry in ruleset["nodes"]}
        return names | {entry["node"]: "总分" for ruleset in self.rulesets for entry in ruleset["nodes"] if not entry["parent"]}


def rounded(number: float | Decimal, decimals: int) -> Decimal:
    """Decimal half-up on the shortest form of the double: 2.675 to two decimals is 2.68; never `-0`."""
    result = (number if isinstance(number, Decimal) else Decimal(repr(float(number)))).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )
    return abs(result) if result == 0 else result


def shown(number: float | Decimal | None, decimals: int, *, absent: str = "—") -> str:
    """A number with thousands separators at so many decimals."""
    return absent if number is None else f"{rounded(number, decimals):,}"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 1 as per cent."""
    return "—" if share is None else f"{rounded(Decimal(repr(float(share))) * 100, decimals):,}%"


def quarter_name(key: str) -> str:
    """`2023Q3` as 2023年三季度; a reference year `2022` as 2022年度."""
    year, _, number = key.partition("Q")
    return f"{year}年{_QUARTERS[number]}季度" if number else f"{year}年度"


def stars_text(stars: int | None) -> str:
    """Five glyphs, filled ones for the stars held."""
    return "—" if stars is None else "★" * stars + "☆" * (5 - stars)
