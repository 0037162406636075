"""What lies where nobody looks is refused by name, and what offices' machines leave about is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.landing.drop_folder import check_layout
from pipelines.quarters import Quarter

QUARTERS = [Quarter(2023, 2), Quarter(2023, 3)]


def drop(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


@pytest.mark.parametrize(
    ("stray", "named"),
    [
        ("2023Q3/contract/20231012_a.csv", "2023Q3/contract"),
        ("2023Q2/Statistics/20230712_a.xlsx", "2023Q2/Statistics"),
        ("2023Q3/tax/20231012_a.json", "2023Q3/tax"),
        ("2023Q3/20231012_a.csv", "2023Q3/20231012_a.csv"),
        ("2023q3/contracts/20231012_a.csv", "2023q3"),
        ("2023年三季度/ledger/20231012_a.xlsx", "2023年三季度"),
    ],
)
def test_what_lies_where_nobody_looks_is_refused_by_name(tmp_path: Path, stray: str, named: str) -> None:
    drop(tmp_path, "2023Q3/contracts/20231013_b.csv", stray)
    with pytest.raises(UsageError, match="expected") as refused:
        check_layout(tmp_path, QUARTERS)
    assert f"found {tmp_path / named};" in str(refused.value)


def test_a_quarter_that_the_run_does_not_read_may_be_wrong(tmp_path: Path) -> None:
    check_layout(drop(tmp_path, "2023Q4/contract/20240112_a.csv"), QUARTERS)


def test_what_machines_and_people_leave_about_and_a_drop_folder_that_is_not_there_are_no_faults(tmp_path: Path) -> None:
    machines = ["2023Q3/.DS_Store", "2023Q3/__MACOSX/contracts/x", "2023Q3/~$20231012_a.xlsx"]
    people = ["2023Q3/读我.txt", "README.md", "旧/说明.txt", "2023Q3/tax/20231020_征期结束.txt"]
    check_layout(drop(tmp_path, "2023Q3/ledger/20231012_a.xlsx", *machines, *people), QUARTERS)
    check_layout(tmp_path / "nowhere", QUARTERS)
