"""A small warehouse, judged or published, for the tests of editions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_warehouse import SmallWarehouse, small_warehouse


@pytest.fixture
def small(tmp_path: Path) -> SmallWarehouse:
    return small_warehouse(tmp_path)


@pytest.fixture
def ready(small: SmallWarehouse) -> SmallWarehouse:
    small.judge()
    return small


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one published edition; tests copy it before they change it."""
    small = small_warehouse(tmp_path_factory.mktemp("published"))
    small.judge()
    return small.publish().path
