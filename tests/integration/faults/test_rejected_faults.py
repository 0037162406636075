"""Each fault of a whole delivery: refused by name and place, recorded, kept as it came, and nothing that is served changes."""

from __future__ import annotations

import hashlib
import re

import pytest

from pipelines.errors import DeliveryRejected, InfrastructureError, Problem
from pipelines.feeds import FILE_FEEDS, TAX_TABLES
from pipelines.feeds.contract import plain
from pipelines.feeds.statistics import UNITS
from pipelines.landing import delivered
from pipelines.landing.words import in_chinese
from tests.integration.faults.bench import Bench
from tests.integration.faults.cases import Rejected
from tests.integration.faults.exports import EXPORT_CASES
from tests.integration.faults.packages import PACKAGE_CASES
from tests.integration.faults.registers import REGISTER_CASES, UNREACHABLE, Unreachable

FILE_NAME = re.compile(r"\S+\.(?:xlsx|csv)")
#: Names of the contracts and of the sample's further sheets, which every line may quote.
VOCABULARY = [
    "单位 说明 年 " + " ".join(UNITS),
    *(f"{table.sheet} {field.group} {field.header}" for feed in FILE_FEEDS.values() for table in feed.tables for field in table.fields),
]
CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]+")
FILE_CASES = [*PACKAGE_CASES, *EXPORT_CASES]


def assert_told(problem: Problem, case: Rejected, content: bytes = b"") -> None:
    """The error line is English but for what it quotes; the office's words are Chinese and tell what to do."""
    assert problem.code == case.code, str(problem)
    place = " ".join(part for part in (f"sheet {problem.sheet}" if problem.sheet else "", problem.place) if part)
    assert place.startswith(case.where) if case.where else not place, str(problem)
    assert case.found in problem.found, str(problem)
    names = content[:2000].decode("gb18030", "replace") if case.feed == "contracts" else ""
    quoted = " ".join((*VOCABULARY, problem.value, case.found, names, plain(names)))
    assert re.search("[A-Za-z]{3}", problem.next_step)
    for text in (problem.found, problem.expected, problem.next_step):
        untold = [run for run in CHINESE.findall(FILE_NAME.sub("", text)) if run not in quoted]
        assert not untold, f"{untold} in an English line: {text}"
    if case.value is not None:
        assert problem.value == case.value
    words = in_chinese(problem)
    for text in (words.what, words.found, words.expected, words.next_step):
        assert CHINESE.search(text), text


@pytest.mark.parametrize("case", FILE_CASES, ids=lambda case: case.name)
def test_a_faulty_file_is_refused_by_name_and_changes_nothing_that_is_served(
    bench: Bench, case: Rejected, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.largest:
        monkeypatch.setattr(delivered, "MAX_DELIVERY", case.largest)
    in_force = bench.ledger().in_force()
    content, _ = case.spoil(bench.clean(case.feed, case.quarter))
    with bench.delivered(case.feed, content, quarter=case.quarter, name=case.file) as path:
        rejection = bench.rejection(case.feed, case.quarter)
        assert rejection is not None, "accepted"
        recorded = bench.recorded(hashlib.sha256(content).hexdigest(), case.feed)
        assert bench.ledger().in_force() == in_force
        bench.ledger().verify()

    problem = rejection.problem
    assert rejection.exit_code == 20
    assert problem.file == path.name
    assert str(rejection).startswith(f"{case.code}: {path.name}")
    assert_told(problem, case, content)
    assert f"{in_force[case.quarter, case.feed].file_name} stays in force" in problem.next_step
    assert not recorded.accepted
    assert recorded.problem is not None
    assert (recorded.problem["code"], recorded.problem["value"]) == (problem.code, problem.value)
    archived = bench.warehouse.archive / recorded.sha256[:2] / recorded.sha256
    assert archived.read_bytes() == content


@pytest.mark.parametrize("case", REGISTER_CASES, ids=lambda case: case.name)
def test_a_faulty_tax_database_is_refused_by_name_and_changes_nothing_that_is_served(bench: Bench, case: Rejected) -> None:
    in_force = bench.ledger().in_force()
    with bench.falsified_tax(*case.spoil) as url:
        with pytest.raises(DeliveryRejected) as caught:
            bench.land_tax(url)
        assert bench.ledger().in_force() == in_force
    problem = caught.value.problem
    assert caught.value.exit_code == 20
    assert problem.file.startswith("sqlite:///")
    assert_told(problem, case)
    assert "stays in force" in problem.next_step


@pytest.mark.parametrize("case", UNREACHABLE, ids=lambda case: case.name)
def test_a_tax_database_that_cannot_be_read_is_an_error_of_the_installation(bench: Bench, case: Unreachable) -> None:
    entries = len(bench.ledger().entries())
    with pytest.raises(InfrastructureError) as caught:
        bench.land_tax(case.url(bench.office.cwd))
    assert caught.value.exit_code == 30
    line = str(caught.value)
    for part in ("tax database", "found ", "expected ", "next: "):
        assert part in line
    assert case.found in line
    assert "geheim" not in line
    assert len(bench.ledger().entries()) == entries


def test_an_extract_of_another_length_than_the_database_counts_is_not_kept(bench: Bench) -> None:
    """D02: a stream that breaks off, made by tables that are of another length at each reading (equal lengths: once in a million)."""
    entries = len(bench.ledger().entries())
    statements = ["create table numbers as with recursive n(i) as (select 0 union all select i + 1 from n where i < 99) select i from n"]
    for table in TAX_TABLES[:2]:
        name, key = table.name, table.primary_key
        others = ", ".join(column.name for column in table.columns if column.name != key)
        statements.append(f"alter table {name} rename to kept_{name}")
        rows = f"select {key} * 100 + i as {key}, {others} from kept_{name}, numbers"
        statements.append(f"create view {name} as select * from ({rows}) where {key} % 1000 < (select abs(random()) % 1000)")
    with (
        bench.falsified_tax(*statements) as url,
        pytest.raises(InfrastructureError, match=r"rows received; expected the \d+ that the database"),
    ):
        bench.land_tax(url)
    assert len(bench.ledger().entries()) == entries
