"""The kinds of work lists as data: names, model, indicator, what the amount is, what the list's notes say.

Here: what is known of a kind before any row of it. Not here: rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.errors import UsageError

_INTERNAL = "本名单含单户企业数据，仅供内部走访核实，不得转发、公布。"
_SCORED = (
    "“得分”“位次”为其他县（市、区）不变、仅该企业一户变化时，按本期生效的赋分规则和编制本版的同一评分程序重新计算的结果；"
    "多户同时变化的合计效果请用 i315 whatif 试算。"
)
_CLASSES = "目录行业类别未随报送提供：以本期规上企业中同一行业小类过半企业已标注为高新技术产业为准，个别认定的企业可能有出入。"
_FIRST_QUARTER = "一季度没有加计扣除申报，名单为空。"


@dataclass(frozen=True)
class Kind:
    """One work list: `feeds` are those whose deliveries it rests on, `indicator` the one that a firm would move first.

    With `is_risk` the amounts are what a county stands to lose: the largest loss comes first.
    """

    name: str
    chinese: str
    title: str
    feeds: tuple[str, ...]
    indicator: str
    amount: str
    unit: str
    notes: tuple[str, ...]
    is_risk: bool = False

    @property
    def model(self) -> str:
        """The dbt model that says who is on it."""
        return f"wl_{self.name}"


KINDS = (
    Kind(
        "rd_uncounted",
        "应统尽统",
        "研发费用应统尽统企业名单",
        ("tax", "statistics"),
        "IRD_REV",
        "未统计研发费用",
        "万元",
        (
            "加计扣除归集的研发费用与规上企业研发费用口径不同，差额是核实线索，不是结论。",
            "“未入库”企业须先纳入规上统计，规上工业指标才会变化，故不计效果。规上工业研发费用增速由统计部门按可比口径提供，不重新计算。",
            _FIRST_QUARTER,
        ),
    ),
    Kind(
        "contracts_unregistered",
        "应登尽登",
        "技术合同应登尽登企业名单",
        ("tax", "contracts"),
        "TECH_TX",
        "未登记技术交易额",
        "万元",
        (
            "金额为本年免税技术销售额与上年已登记技术交易额中较大者；没有统一社会信用代码的卖方不在名单内。",
            "效果按该金额全部登记计算，技术交易额增速、占地区生产总值比重随之变动。",
        ),
    ),
    Kind(
        "above_scale",
        "小升规",
        "小升规培育企业名单",
        ("tax", "statistics"),
        "HT_SHARE",
        "近四个季度销售收入",
        "万元",
        (
            "入库后增加值按本年累计销售收入×该县规上工业增加值÷营业收入估算；(H+v)/(T+v)，行业不在高新目录的为 H/(T+v)，占比会下降。",
            "县的营业收入、研发费用按原报送不变。已注销企业不在名单内。",
            _CLASSES,
        ),
    ),
    Kind(
        "high_tech",
        "高新纳统",
        "高新技术产业纳统企业名单",
        ("statistics",),
        "HT_SHARE",
        "工业增加值",
        "万元",
        ("效果为 (H+v)/T。高新技术产业增加值增速由统计部门按可比价提供，不重新计算。", _CLASSES),
    ),
    Kind(
        "double_tenants",
        "在孵重复",
        "在孵企业重复与超期名单",
        ("incubators", "tax"),
        "INC_FIRMS",
        "从业人员",
        "人",
        (
            "效果为核减该企业后的变化（负数）；同县两个载体的企业只计一次，核减其一不影响在孵企业数。",
            "按核减影响从大到小排列。",
        ),
        is_risk=True,
    ),
    Kind(
        "ladder",
        "企业梯队",
        "国家高新技术企业培育名单",
        ("tax",),
        "HNTE_VALID",
        "距门槛研发费用",
        "万元",
        (
            "名单为研发费用占销售收入在门槛上下五分之一以内、注册满一年的企业。规定为近三年，报送数据只有本年累计；销售收入为增值税申报口径。",
            "各报送均不提供：证书持有人与到期日（台账只有各县数）、科技人员、知识产权、高新收入、资产总额。故证书到期、是否已是国高企、"
            "国科小与省科小门槛无法判断，须由科技部门核对。",
            "效果按新增有效国高企 1 家计算。",
            _FIRST_QUARTER,
        ),
    ),
)


def notes_of(kind: Kind) -> tuple[str, ...]:
    """Everything that the list's sheet of notes says of its kind."""
    return (_INTERNAL, *kind.notes, _SCORED)


def kind_of(typed: str) -> Kind:
    """The kind of that name, ASCII or Chinese; a usage error names them all."""
    for kind in KINDS:
        if typed in (kind.name, kind.chinese):
            return kind
    raise UsageError(f"not a work list: found {typed!r}; expected one of {', '.join(f'{kind.name} {kind.chinese}' for kind in KINDS)}")
