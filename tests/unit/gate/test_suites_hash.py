"""The hash of what is expected: whatever changes a suite or a waiver of the quarter changes it."""

from __future__ import annotations

from pathlib import Path

from pipelines.gate import suites_sha256
from tests.unit.gate.conftest import QUARTER, Shelf, rule, waiver


def test_the_hash_is_over_names_and_contents_of_suites_and_the_quarters_waivers(shelf: Shelf):
    seen = [suites_sha256(QUARTER, shelf.expectations)]
    assert len(seen[0]) == 64

    def changes(*, said: bool = True) -> None:
        now = suites_sha256(QUARTER, shelf.expectations)
        assert (now not in seen) is said
        seen.append(now)

    shelf.suite(rule(severity="warning"))
    changes()
    (shelf.expectations / "chk_sums.yml").rename(shelf.expectations / "chk_other.yml")
    changes()
    shelf.suite(rule("T-002"))
    changes()
    shelf.waive(waiver())
    changes()
    shelf.waive(waiver(reason="另有说明"))
    changes()
    (shelf.expectations / "waivers" / "2023Q2.yml").write_text("waivers: []")
    changes(said=False)
    assert suites_sha256("2023Q2", shelf.expectations) not in seen


def test_the_hash_is_the_same_wherever_the_suites_lie(shelf: Shelf, tmp_path: Path):
    shelf.waive(waiver())
    first = suites_sha256(QUARTER, shelf.expectations)
    assert suites_sha256(QUARTER, shelf.expectations.rename(tmp_path / "elsewhere")) == first


def test_what_moves_from_one_suite_into_the_next_changes_the_hash(shelf: Shelf):
    one, two = shelf.expectations / "chk_sums.yml", shelf.expectations / "chk_t.yml"
    one.write_bytes(b"abc")
    two.write_bytes(b"")
    first = suites_sha256(QUARTER, shelf.expectations)
    one.write_bytes(b"abchk_t.yml")
    assert suites_sha256(QUARTER, shelf.expectations) != first
