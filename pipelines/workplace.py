"""The workplace: the one resource that Dagster's assets get.

Here: settings with the warehouse, the ledger and a place to say what was done. Not here: what stages do with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.ledger import Ledger


@dataclass(frozen=True)
class Workplace:
    """Settings and two calls that a runner may set.

    `say` takes (stage, one line of text); `while_dbt_runs` is called once dbt is at work in its own process.
    """

    settings: Settings
    say: Callable[[str, str], None] = field(default=lambda stage, line: None)
    while_dbt_runs: Callable[[], None] = field(default=lambda: None)

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse folder of the settings."""
        return Warehouse(self.settings.warehouse)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the settings; connected on first use."""
        from pipelines.ledger import Ledger

        if self.settings.ledger_url is None:
            self.settings.warehouse.mkdir(parents=True, exist_ok=True)
        return Ledger(self.settings.ledger_database_url)
