"""Work lists of the sample: who is on them, what a firm would add, and that nothing of a firm leaves but into its owner's files."""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from recomputed import Feeds, all_lists

from pipelines.warehouse import Warehouse
from pipelines.whatif.answer import Answer, Question, answer
from pipelines.worklists.kinds import KINDS
from pipelines.worklists.listing import Listed, WorkList, work_list
from tests import warm
from tests.conftest import Office

QUARTER = "2023Q3"
NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def lists(sample: Office) -> dict[str, WorkList]:
    return {name: work_list(Warehouse(sample.warehouse), QUARTER, name, None, None) for name in NAMES}


@pytest.mark.parametrize("quarter", [QUARTER, "2023Q1"])
def test_plain_pandas_from_the_offices_files_gives_the_same_lists(sample: Office, quarter: str) -> None:
    expected = all_lists(Feeds(sample.data_raw, quarter))
    for name in NAMES:
        kept = pq.ParquetFile(sample.warehouse / "internal" / "worklists" / quarter / f"{name}.parquet").read().to_pylist()
        found = [(row["uscc"], row["region_code"], row["reasons"], row["amount"]) for row in kept]
        assert len(set(found)) == len(found), name
        assert set(found) == expected[name], name
    if quarter == QUARTER:
        assert all(len(expected[name]) > 30 for name in NAMES)


def test_every_firm_stands_once_with_its_reason_in_words_and_its_delivered_rows(lists: dict[str, WorkList]) -> None:
    for name, found in lists.items():
        keys = [(firm.uscc, firm.region_code) for firm in found.firms]
        assert len(set(keys)) == len(keys), name
        for firm in found.firms:
            assert all((firm.name, firm.region, firm.reason)), name
            assert ":" in firm.source_rows, name
            assert not {"None", "nan"} & set(firm.reason.split()), name


def question(kind: str, firm: Listed, sample: Office) -> Question:
    """The what-if that asks for the same by the command line's own means."""
    asked = Question(QUARTER, region=firm.region_code)
    if kind == "high_tech":
        return Question(QUARTER, include=[firm.uscc])
    before = answer(asked, Warehouse(sample.warehouse)).official.standings[firm.region_code].leaves

    def now(code: str) -> float:
        value = before[code].value
        assert value is not None
        return value

    assert firm.effect.added is not None
    changed: dict[str, float | Decimal]
    if kind == "rd_uncounted":
        changed = {"IRD_REV": now("IRD_REV") + firm.effect.added}
    elif kind == "contracts_unregistered":
        changed = {"TECH_TX": Decimal(repr(now("TECH_TX"))) + (firm.amount or 0) / 100_000_000}
    elif kind == "double_tenants":
        changed = {"INC_FIRMS": now("INC_FIRMS") - 1}
    elif kind == "ladder":
        changed = {"HNTE_VALID": now("HNTE_VALID") + 1}
    else:
        changed = {"HT_SHARE": now("HT_SHARE") + firm.effect.added}
    return Question(QUARTER, settings=[f"{firm.region_code}.{code}={value}" for code, value in changed.items()])


@pytest.mark.parametrize("kind", NAMES)
def test_what_a_firm_would_add_is_what_the_what_if_answers(kind: str, lists: dict[str, WorkList], sample: Office) -> None:
    known = [firm for firm in lists[kind].firms if firm.effect.points is not None]
    for firm in (known[0], known[len(known) // 2]):
        told: Answer = answer(question(kind, firm, sample), Warehouse(sample.warehouse))
        before, after = (side.standings[firm.region_code] for side in (told.official, told.whatif))
        assert firm.effect.points == pytest.approx((after.total_raw or 0) - (before.total_raw or 0), abs=1e-9)
        assert firm.effect.places == before.ranks["province"] - after.ranks["province"]
        assert firm.effect.stars == after.first_star(told.whatif.ruleset)


def test_the_largest_effect_comes_first_and_firms_without_a_known_one_last(lists: dict[str, WorkList]) -> None:
    for kind in KINDS:
        firms = lists[kind.name].firms
        known = [firm for firm in firms if firm.effect.points is not None]
        assert known == firms[: len(known)]
        sign = -1 if kind.is_risk else 1
        order = [(sign * (firm.effect.places or 0), sign * (firm.effect.points or 0), firm.amount or 0) for firm in known]
        assert order == sorted(order, reverse=True), kind.name


def test_the_command_prints_counts_and_places_and_its_files_are_their_owners_alone(
    sample: Office, lists: dict[str, WorkList], tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir(mode=0o700)
    for kind in (KINDS[1], KINDS[4]):
        call = ["worklist", QUARTER, kind.chinese, "--region", "杭州市", "--out", str(tmp_path / "own")]
        printed = warm.i315(*call, "--warehouse", str(sample.warehouse), "--json", cwd=sample.cwd)
        assert printed.returncode == 0, printed.stderr
        told = json.loads(printed.stdout)
        expected = [firm for firm in lists[kind.name].firms if firm.city == "杭州市"]
        assert told["firms"] == len(expected) > 0
        said = printed.stdout + printed.stderr
        assert not [firm for firm in expected if firm.uscc in said or firm.name in said]
        book, table = (Path(each) for each in told["files"])
        assert [path.stat().st_mode & 0o777 for path in (book, table)] == [0o600, 0o600]
        same_in_both(book, table, [firm.uscc for firm in expected])
    kept = sample.warehouse / "internal"
    assert {path.stat().st_mode & 0o777 for path in kept.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [kept, *kept.rglob("*")] if path.is_dir()} == {0o700}


def same_in_both(book: Path, table: Path, usccs: list[str]) -> None:
    """The same firms in the same order, the same figures to the digit, no formula; title, frozen heading and print area are there."""
    page = openpyxl.load_workbook(book).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3, max_row=3 + len(usccs))]
    assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert page.freeze_panes == "C4"
    assert page.print_area
    assert page.merged_cells
    assert page.page_setup.orientation == "landscape"
    with table.open(encoding="utf-8-sig", newline="") as lines:
        written = list(csv.reader(lines))
    assert rows[0] == written[0]
    assert [row[0] for row in rows[1:]] == [row[0] for row in written[1:]] == usccs
    for shown, said in zip(rows[1:], written[1:], strict=True):
        for left, right in zip(shown, said, strict=True):
            assert (left is None and right == "") or left == right or float(left) == float(right)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2024Q2", "ladder"], "expected those of 2024Q2; next: `i315 run 2024Q2`"),
        ([QUARTER, "gaps"], "found 'gaps'; expected one of rd_uncounted 应统尽统"),
        ([QUARTER, "ladder", "--region", "滨江"], "such as 330108 滨江区"),
    ],
)
def test_a_list_that_cannot_be_given_is_a_usage_error_with_the_next_step(sample: Office, arguments: list[str], said: str) -> None:
    finished = warm.i315("worklist", *arguments, "--warehouse", str(sample.warehouse), cwd=sample.cwd)
    assert finished.returncode == 2
    assert said in finished.stderr
