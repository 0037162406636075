"""Suites: what is expected of each judged table, as data in `expectations/<table>.yml`.

Here: the form of a suite, its strict loading, the hash of all suites. Not here: judging (adapter, verdict) and the SQL of the
judged tables. A suite names a table of the warehouse with a `quarter` column; an expectation names a Great Expectations type
with its arguments and, in `rows`, the rows of the table that it is about (column equals value, nothing else: no SQL).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.gate.arguments import check_arguments
from pipelines.gate.edited import check_keys, read_yaml
from pipelines.settings import PROJECT

EXPECTATIONS = PROJECT / "expectations"
MODELS = PROJECT / "dbt_project" / "models"

#: Tables that an edition publishes; each has to be judged or, as `ed_targets`, is judged by a check model beside it.
PUBLISHED = ("ed_indicators", "ed_scores", "ed_ranking", "ed_targets")
#: Tables that need a suite whatever the check models are: what is published, and the bands that stand beside it on the board.
NEEDED = frozenset({"ed_indicators", "ed_scores", "ed_ranking", "rob_intervals"})
SEVERITIES = ("error", "warning")

#: Columns that may name the subject of a finding. They hold regions, codes and deliveries, never a firm.
SUBJECT_COLUMNS = frozenset(
    {
        "region_code",
        "city_name",
        "level",
        "indicator",
        "period",
        "year",
        "feed",
        "source_table",
        "delivery_id",
        "ruleset",
        "node",
        "check_name",
    }
)

#: Great Expectations types in use: (judges row by row, arguments needed, arguments admitted). Bounds are checked apart.
_BOUNDS = ("min_value", "max_value")
TYPES: dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]] = {
    "expect_column_values_to_be_between": (True, ("column",), (*_BOUNDS, "strict_min", "strict_max")),
    "expect_column_values_to_be_in_set": (True, ("column", "value_set"), ()),
    "expect_column_values_to_not_be_null": (True, ("column",), ()),
    "expect_column_values_to_be_unique": (True, ("column",), ()),
    "expect_column_values_to_match_regex": (True, ("column", "regex"), ()),
    "expect_column_pair_values_a_to_be_greater_than_b": (True, ("column_A", "column_B"), ("or_equal",)),
    "expect_column_pair_values_to_be_equal": (True, ("column_A", "column_B"), ()),
    "expect_compound_columns_to_be_unique": (True, ("column_list",), ()),
    "expect_column_unique_value_count_to_be_between": (False, ("column",), _BOUNDS),
    "expect_table_row_count_to_be_between": (False, (), _BOUNDS),
}

#: Findings of the gate about itself; they take no waiver. Rule -> (reason in Chinese, reason in English, next step).
OWN_RULES: dict[str, tuple[str, str, str]] = {
    "GATE-001": ("应审核的表不存在", "a judged or published table does not exist", "重新计算该季度后再审核"),
    "GATE-002": ("应审核的表在该季度没有记录", "a judged table has no rows of the quarter", "检查该季度的报送与计算是否完成"),
    "GATE-003": (
        "表中有检查项未被任何规则审核",
        "rows of a check table are judged by no expectation",
        "在 expectations/ 中补上该检查项的规则",
    ),
    "GATE-004": ("豁免未对应任何发现", "a waiver matches no finding", "删除该豁免,或更正其规则、地区、指标"),
    "GATE-005": ("豁免无效", "a waiver is not valid", "由两人重新提出并批准,写明理由和有效期"),
}

_SUITE_KEYS = {"table", "subject", "expectations"}
_REQUIRED = {"rule", "type", "kwargs", "severity", "reason_zh", "reason_en", "source", "next_step_zh"}
_OPTIONAL = {"waivable", "rows", "quarters", "nulls", "observed", "bound"}


@dataclass(frozen=True)
class Expectation:
    """One rule: a Great Expectations type with arguments, about some rows of a table.

    `rows` selects by equality (column -> admitted values); `quarters` are the quarters of a year (1 to 4) in which the rule
    is asked; with `nulls` false an empty value fails; `observed` is the column shown in findings (else the judged one); `bound`
    says for people what a check model admits, where that stands in its SQL.
    """

    rule: str
    table: str
    type: str
    kwargs: dict[str, Any]
    severity: str
    reason_zh: str
    reason_en: str
    source: str
    next_step_zh: str
    waivable: bool
    rows: tuple[tuple[str, tuple[Any, ...]], ...]
    quarters: tuple[int, ...]
    nulls: bool
    observed: str
    bound: str = ""

    @property
    def by_row(self) -> bool:
        """Whether the type judges row by row, so that a finding names each failing subject."""
        return TYPES[self.type][0]

    def is_asked(self, quarter: str) -> bool:
        """Whether the rule is asked in that quarter."""
        return int(quarter[-1]) in self.quarters

    @property
    def columns(self) -> tuple[str, ...]:
        """The judged columns."""
        named = [self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs]
        return (*named, *self.kwargs.get("column_list", ()))

    @property
    def description(self) -> str:
        """One line for people: both reasons and where the rule comes from."""
        return f"{self.reason_zh} · {self.reason_en} ({self.source})"


@dataclass(frozen=True)
class Suite:
    """What is expected of one table; `subject` are the columns that name a row in findings."""

    table: str
    subject: tuple[str, ...]
    expectations: tuple[Expectation, ...]


def load_suites(folder: Path = EXPECTATIONS, models: Path | None = MODELS) -> list[Suite]:
    """Every suite of the folder, by table name; a usage error names file, place, found and expected.

    With `models` every suite must be of a dbt model and every model in `checks/` must have a suite, so that neither a renamed
    suite nor a forgotten one leaves a table unjudged.
    """
    if strays := sorted(path.name for path in folder.glob("[!.]*") if path.suffix != ".yml" and path.name != "waivers"):
        raise UsageError(f"{folder}: found {', '.join(strays)}; expected <table>.yml files and waivers/ only, else a suite would go unread")
    suites = [_suite(path) for path in sorted(folder.glob("*.yml"))]
    if not suites:
        raise UsageError(f"{folder}: found no suite; expected <table>.yml files")
    _refuse_doubles(suites, folder)
    if models is not None:
        known = {path.stem for path in models.rglob("*.sql")}
        for suite in suites:
            if suite.table not in known:
                raise UsageError(f"{folder / suite.table}.yml: table: found {suite.table!r}; expected a model below {models.name}/")
        judged = {suite.table for suite in suites}
        needed = {path.stem for path in (models / "checks").glob("chk_*.sql")} | NEEDED
        if missing := sorted(needed - judged):
            raise UsageError(f"{folder}: found no suite for {', '.join(missing)}; expected one file per check model and published table")
    return suites


def suites_sha256(quarter: str, folder: Path = EXPECTATIONS) -> str:
    """The hash of every suite file and of the quarter's waivers, names included."""
    digest = hashlib.sha256()
    for path in [*sorted(folder.glob("*.yml")), folder / "waivers" / f"{quarter}.yml"]:
        content = path.read_bytes() if path.exists() else b""
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _suite(path: Path) -> Suite:
    entry = check_keys(read_yaml(path), _SUITE_KEYS, (), str(path))
    if entry["table"] != path.stem:
        raise UsageError(f"{path}: table: found {entry['table']!r}; expected {path.stem!r}, the file's name")
    subject = entry["subject"]
    if not isinstance(subject, list) or not all(isinstance(each, str) and each in SUBJECT_COLUMNS for each in subject):
        raise UsageError(f"{path}: subject: found {subject!r}; expected a list out of {', '.join(sorted(SUBJECT_COLUMNS))}")
    if not isinstance(entry["expectations"], list) or not entry["expectations"]:
        raise UsageError(f"{path}: expectations: found none; expected at least one")
    expectations = tuple(_expectation(raw, path, number) for number, raw in enumerate(entry["expectations"], 1))
    return Suite(entry["table"], tuple(subject), expectations)


def _expectation(raw: Any, path: Path, number: int) -> Expectation:
    where = f"{path}: expectations[{number}]"
    entry = check_keys(raw, _REQUIRED, _OPTIONAL, where)
    where = f"{path}: {entry['rule']}"
    for key in ("rule", "type", "reason_zh", "reason_en", "source", "next_step_zh", *(["bound"] if "bound" in entry else [])):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise UsageError(f"{where}: {key}: found {entry[key]!r}; expected a text")
    if entry["severity"] not in SEVERITIES:
        raise UsageError(f"{where}: severity: found {entry['severity']!r}; expected {' or '.join(SEVERITIES)}")
    if entry["type"] not in TYPES:
        raise UsageError(f"{where}: type: found {entry['type']!r}; expected one of {', '.join(sorted(TYPES))}")
    _, needed, admitted = TYPES[entry["type"]]
    check_arguments(check_keys(entry["kwargs"], needed, admitted, f"{where}: kwargs"), f"{where}: kwargs")
    if "min_value" in admitted and not set(_BOUNDS) & set(entry["kwargs"]):
        raise UsageError(f"{where}: kwargs: found no bound; expected min_value or max_value, else everything would pass")
    for key in ("waivable", "nulls"):
        if not isinstance(entry.get(key, True), bool):
            raise UsageError(f"{where}: {key}: found {entry[key]!r}; expected true or false")
    quarters = entry.get("quarters", [1, 2, 3, 4])
    if not isinstance(quarters, list) or not quarters or not all(each in (1, 2, 3, 4) for each in quarters):
        raise UsageError(f"{where}: quarters: found {quarters!r}; expected a list out of 1, 2, 3, 4")
    rows = entry.get("rows", {})
    if not isinstance(rows, dict) or not all(_is_selection(value) for value in rows.values()):
        raise UsageError(f"{where}: rows: found {rows!r}; expected column: value or column: [values]")
    columns = [entry["kwargs"].get(key) for key in ("column", "column_A")]
    return Expectation(
        rule=entry["rule"],
        table=path.stem,
        type=entry["type"],
        kwargs=entry["kwargs"],
        severity=entry["severity"],
        reason_zh=entry["reason_zh"].strip(),
        reason_en=entry["reason_en"].strip(),
        source=entry["source"].strip(),
        next_step_zh=entry["next_step_zh"].strip(),
        waivable=entry.get("waivable", True),
        rows=tuple((column, tuple(value) if isinstance(value, list) else (value,)) for column, value in rows.items()),
        quarters=tuple(quarters),
        nulls=entry.get("nulls", False),
        observed=entry.get("observed") or next((column for column in columns if column), ""),
        bound=entry.get("bound", "").strip(),
    )


def _is_selection(value: Any) -> bool:
    return all(isinstance(each, (str, int)) for each in (value if isinstance(value, list) else [value]))


def _refuse_doubles(suites: list[Suite], folder: Path) -> None:
    seen = dict.fromkeys(OWN_RULES, "the gate itself")
    for suite in suites:
        for rule in (expectation.rule for expectation in suite.expectations):
            if rule in seen:
                raise UsageError(f"{folder / suite.table}.yml: rule: found {rule} again; expected each rule once (see {seen[rule]})")
            seen[rule] = f"{suite.table}.yml"
