"""The command line ends in one line and the exit code that says who must act, also before any stage begins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import I315, clean_environment
from tests.small_warehouse import small_warehouse


def said(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit code and the only line on the error stream."""
    finished = subprocess.run([str(I315), *arguments], cwd=cwd, env=clean_environment(), capture_output=True, text=True, check=False)
    (line,) = finished.stderr.splitlines()
    return finished.returncode, line


@pytest.mark.parametrize("day", ["2023-13-01", "yesterday"])
def test_an_as_of_that_is_no_day_is_a_usage_error(day: str, tmp_path: Path) -> None:
    code, line = said("run", "2023Q3", "--data-raw", str(tmp_path), "--warehouse", str(tmp_path / "w"), "--as-of", day, cwd=tmp_path)
    assert code == 2
    assert line == f"error: not a day: found {day!r}; expected the form 2023-10-20; next: correct --as-of"
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("command", [["run", "2023Q3", "--data-raw", ".", "--warehouse"], ["sample", "--scale", "0.01", "--out"]])
def test_a_folder_that_cannot_be_made_is_infrastructure(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, line = said(*command, str(tmp_path / "file" / "below"), cwd=tmp_path)
    assert code == 30
    assert line.startswith("error: file or folder not usable: found Not a directory at ")
    assert str(tmp_path / "file") in line


def test_an_edition_copied_away_from_its_ledger_is_verified_alone(tmp_path: Path) -> None:
    made = small_warehouse(tmp_path)
    made.judge()
    made.publish()
    copied = tmp_path / "copied"
    shutil.copytree(made.warehouse.editions, copied / "editions")
    verify = [str(I315), "verify", "2023Q3", "001", "--warehouse", str(copied)]
    finished = subprocess.run(verify, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "no ledger beside it" in finished.stdout
    assert [path.name for path in copied.iterdir()] == ["editions"]
    (copied / "archive").mkdir()
    finished = subprocess.run(verify, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert finished.stderr.startswith("ledger: found none")
