"""A world for traps: an edition in force, a correction that waits to be published, and what a test may do to them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.editions.publishing import Published, publish
from pipelines.errors import Failure
from pipelines.gate import Verdict, judge
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.small_warehouse import SmallWarehouse, small_warehouse
from tests.unit.gate.conftest import CHECK_TABLE, QUARTER, TODAY, Bench, rule, waiver

HELD, USAGE = 10, 2
NEEDED = ("ed_indicators", "ed_scores", "ed_ranking", "rob_intervals")
NOT_EXPIRED = dt.date(2999, 12, 31)
ADD_ROW = f"insert into chk_sums values ('{QUARTER}', 'sums', '330109', 'GDP', 1, 0, 1, %s)"
ABSENT = rule(kwargs={"column": "no_such_column", "max_value": 0})


@dataclass
class World(Bench):
    """A warehouse with an edition in force and a correction that waits to be published."""

    @property
    def models(self) -> Path:
        return self.root / "models"

    def judge(self, today: dt.date = TODAY, quarter: str = QUARTER) -> Verdict:
        return judge(quarter, self.warehouse, self.ledger, "tester", today=today, expectations=self.expectations, models=self.models)

    def publish(self) -> Published:
        return publish(QUARTER, self.warehouse, self.ledger, "tester", expectations=self.expectations, models=self.models)

    def waived(self, **changes: object) -> None:
        """One failing subject with a waiver that holds but for the changes, judged."""
        self.failing()
        self.waive(waiver(**{"expires": NOT_EXPIRED, **changes}))
        self.judge()

    def tamper(self, statement: str) -> None:
        with sa.create_engine(f"sqlite:///{self.warehouse.root / 'ledger.sqlite'}").begin() as connection:
            connection.execute(sa.text(statement))

    def editions(self) -> dict[str, bytes]:
        folder = self.warehouse.editions
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def world_in(folder: Path) -> World:
    root = folder / "warehouse"
    return World(folder, Warehouse(root), Ledger(f"sqlite:///{root / 'ledger.sqlite'}"))


def published_world(folder: Path) -> None:
    """A world with edition 001."""
    small_warehouse(folder)
    world = world_in(folder)
    world.sql(CHECK_TABLE)
    world.suite(rule())
    world.rows(("330108", "GDP", 0.0))
    (world.models / "checks").mkdir(parents=True)
    (world.models / "checks" / "chk_sums.sql").write_text("select 1")
    for number, table in enumerate(NEEDED):
        (world.models / f"{table}.sql").write_text("select 1")
        counted = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}
        world.suite(rule(f"N-{number}", **counted), table=table, subject=("region_code",))
    world.judge()
    assert world.publish().edition == "001"


def corrected_copy(published: Path, folder: Path) -> World:
    """A copy of it in which the quarter's figures have changed."""
    shutil.copytree(published, folder)
    made = world_in(folder)
    made.sql("update ed_indicators set value = value + 1 where region_code = '330108' and indicator = 'TECH_TX'")
    SmallWarehouse(folder, made.warehouse, made.ledger).deliver("contracts", b"corrected", dt.date(2023, 11, 2))
    return made


#: What a trap does to the world, the exit code of publishing after it, and what the message says.
Trap = tuple[Callable[[World], object], int, str]


def assert_nothing_is_published(world: World, trap: Trap) -> None:
    arrange, exit_code, message = trap
    before = world.editions()
    arrange(world)
    with pytest.raises(Failure, match=message) as caught:
        world.publish()
    assert caught.value.exit_code == exit_code
    assert world.editions() == before
    assert f"{QUARTER}/001/manifest.json" in before
    assert "latest.json" in before


def changed_after(change: Callable[[World], object]) -> Callable[[World], object]:
    """Judged as it should be, and changed before publishing."""
    return lambda world: (world.judge(), change(world))
