"""Whatever is changed, removed, added, moved or back-dated in a warehouse is named by its file or ledger line (the short form)."""

from __future__ import annotations

import pytest

from tests.tampering import Place, flips, signed_editions, unnamed_acts

EDITIONS = 6
FLIPS = 200


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(signed_editions(tmp_path_factory.mktemp("signed"), EDITIONS))


def test_untouched_editions_archive_and_ledger_have_no_fault(place: Place) -> None:
    assert place.faults(place.editions) == []


def test_every_flipped_byte_is_named_by_its_file_or_ledger_line_and_nothing_else_is(place: Place) -> None:
    assert flips(place, FLIPS, seed=315) == []


def test_files_editions_and_ledger_lines_removed_added_swapped_or_back_dated_are_named(place: Place) -> None:
    count, missed = unnamed_acts(place)
    assert missed == []
    assert count > 150
    assert place.faults(place.editions) == []
