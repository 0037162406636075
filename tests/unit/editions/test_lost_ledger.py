"""A ledger that does not know what is published: nothing is recorded on top of it."""

from __future__ import annotations

import pytest

from pipelines.editions.pointer import pointer_file, require_recorded
from pipelines.errors import InfrastructureError
from pipelines.ledger import Ledger
from tests.small_warehouse import SmallWarehouse


def test_a_lost_ledger_stops_the_next_publication_and_the_pointer_stays(ready: SmallWarehouse) -> None:
    ready.publish()
    before = pointer_file(ready.warehouse).read_bytes()
    lost = Ledger(f"sqlite:///{ready.warehouse.root / 'another.sqlite'}")
    with pytest.raises(InfrastructureError, match=r"found no line about edition 2023Q3/001, which latest\.json names; .* restore"):
        require_recorded(ready.warehouse, lost)
    assert pointer_file(ready.warehouse).read_bytes() == before


@pytest.mark.parametrize("content", [b"x", b"[]", b'{"2023Q3": 1}', b'{"2023Q3": {"edition": "001"}}'])
def test_a_pointer_that_cannot_be_read_is_written_again(ready: SmallWarehouse, content: bytes) -> None:
    ready.publish()
    before = pointer_file(ready.warehouse).read_bytes()
    pointer_file(ready.warehouse).write_bytes(content)
    assert not ready.publish().is_new
    assert pointer_file(ready.warehouse).read_bytes() == before
