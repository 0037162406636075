"""`i315 waive` and `i315 findings`: what may be proposed, what is written, and that nothing passes by it alone."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest

from pipelines.cli import common
from pipelines.errors import HeldByGate, UsageError
from pipelines.gate import load_waivers
from pipelines.gate.proposing import propose
from pipelines.gate.waivers import Waiver, waivers_file
from tests.unit.gate.conftest import QUARTER, TODAY, Bench, rule, waiver

PROPOSAL = Waiver(**waiver(approved_by="", date=TODAY))
# Great Expectations takes two expectations of the same words for one, so each has a bound of its own.
BOUNDS = [{"column": "excess", "max_value": bound} for bound in (0, 0.1, 0.2)]
THREE_RULES = (rule(), rule("T-002", severity="warning", kwargs=BOUNDS[1]), rule("T-003", waivable=False, kwargs=BOUNDS[2]))


@pytest.fixture
def held(bench: Bench) -> Bench:
    """A quarter held by a waivable and an unwaivable error in one county, with a warning beside them."""
    bench.suite(*THREE_RULES)
    bench.rows(("330108", "GDP", 0.5), ("330109", "GDP", 0.0))
    bench.judge()
    return bench


def proposed(held: Bench, wanted: Waiver) -> None:
    propose(QUARTER, wanted, held.judge().findings, TODAY, held.expectations)


def test_a_proposal_is_written_for_review_and_lets_nothing_pass_until_somebody_approves(bench: Bench):
    bench.rows(("330108", "GDP", 0.5))
    proposed(bench, PROPOSAL)
    assert load_waivers(QUARTER, bench.expectations) == [PROPOSAL]
    with pytest.raises(HeldByGate, match="a verdict on other suites"):
        bench.require()
    verdict = bench.judge()
    assert {finding.rule for finding in verdict.findings if finding.holds} == {"T-001", "GATE-005"}
    (own,) = [finding for finding in verdict.findings if finding.rule == "GATE-005"]
    assert own.observed == "尚无人批准"
    bench.waive(waiver())
    assert bench.judge().outcome == "ready"


def test_what_stands_in_the_file_stays_as_it_is(held: Bench):
    target = waivers_file(QUARTER, held.expectations)
    target.parent.mkdir()
    first = "# 二季度修订\nwaivers:\n  - {rule: T-009, region: '', indicator: '', reason: r, proposed_by: a, approved_by: b, "
    first += "date: 2023-10-30, expires: 2023-12-31}\n"
    target.write_text(first, encoding="utf-8")
    proposed(held, PROPOSAL)
    assert target.read_text(encoding="utf-8").startswith(first)
    assert [each.rule for each in load_waivers(QUARTER, held.expectations)] == ["T-009", "T-001"]


def test_an_empty_list_of_waivers_takes_its_first(held: Bench):
    target = waivers_file(QUARTER, held.expectations)
    target.parent.mkdir()
    target.write_text("waivers: []\n", encoding="utf-8")
    proposed(held, PROPOSAL)
    assert load_waivers(QUARTER, held.expectations) == [PROPOSAL]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"rule": "T-009"}, "found 0 such findings in the newest verdict (no finding of that rule)"),
        ({"region": "330109"}, "found 0 such findings in the newest verdict (330108/GDP)"),
        ({"indicator": "HT_VA"}, "found 0 such findings in the newest verdict (330108/GDP)"),
        ({"rule": "T-002"}, "found a finding that holds nothing"),
        ({"rule": "T-003"}, "found a finding that takes no waiver"),
        ({"approved_by": "张三"}, "found 提出人与批准人为同一人"),
        ({"expires": TODAY - dt.timedelta(days=1)}, "found 已于 2023-10-30 到期"),
    ],
)
def test_a_waiver_that_could_let_nothing_pass_is_not_written(held: Bench, changes: dict[str, object], found: str):
    with pytest.raises(UsageError) as refused:
        proposed(held, replace(PROPOSAL, **changes))
    assert found in str(refused.value)
    assert not waivers_file(QUARTER, held.expectations).exists()


def test_the_same_finding_is_not_proposed_twice(held: Bench):
    proposed(held, PROPOSAL)
    with pytest.raises(UsageError, match="a waiver of T-001/330108/GDP already"):
        proposed(held, PROPOSAL)
    assert len(load_waivers(QUARTER, held.expectations)) == 1


class Told:
    """What the command prints: its console keeps the stream that it was made with, so each question gets new ones."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bench, self._monkeypatch = bench, monkeypatch

    def __call__(self, *asked: str) -> tuple[int, str]:
        """Exit code and what stood on both streams."""
        stream = io.StringIO()
        for console in (common.out, common.err):
            self._monkeypatch.setattr(console, "file", stream)
        with pytest.raises(SystemExit) as ended:
            common.app(["findings", *asked, "--warehouse", str(self._bench.warehouse.root)])
        return int(ended.value.code or 0), stream.getvalue()


@pytest.fixture
def told(held: Bench, monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(held, monkeypatch)


def test_the_command_lists_what_holds_first_and_what_passed_only_if_asked(held: Bench, told: Told):
    _, failed = told(QUARTER)
    assert f"{QUARTER}: held (" in failed
    assert [line.split()[0] for line in failed.splitlines() if line.strip().startswith("T-")] == ["T-001", "T-003", "T-002"]
    assert "残差超出舍入范围 residual beyond rounding" in failed
    assert "请报送单位核对" in failed
    held.rows(("330108", "GDP", 0.0))
    held.judge()
    assert "T-001" not in told(QUARTER)[1]
    assert "passed" in told(QUARTER, "--all")[1]


def test_the_command_says_when_there_is_no_verdict_or_no_such_rule(told: Told):
    code, error = told("2023Q2")
    assert (code, "2023Q2: found no verdict of the gate" in error) == (2, True)
    code, error = told(QUARTER, "--rule", "T-100")
    assert (code, "found T-100; expected one of T-001, T-002, T-003" in error) == (2, True)
