"""The models that a delivered row passes on its way to a published value.

Here: their files in order, their SQL, and whether they are still those that the edition was computed with. Not here: running them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.editions.made_with import made_with
from pipelines.rulesets.in_memory import DBT_PROJECT

_STAGED = {
    "dj_nsrxx": "taxpayers",
    "sb_zzs": "vat_returns",
    "sb_yfjjkc": "rd_returns",
}
#: Which of a firm's rows counts is decided in a model of its own.
_COUNTED = {"sb_yfjjkc": "int_rd_returns_to_date", "tenants": "int_tenants_counted"}
_THEN = (
    "contributions/int_contributions",
    "indicators/int_cells",
    "indicators/int_measures",
    "indicators/ind_computed",
    "indicators/ind_values",
    "indicators/ed_indicators",
)
_PARTS = ("staging", "models", "catalogue")
_SKIPPED_BY_LEDGER = ("indicators/int_measures", "indicators/ind_computed")


@dataclass(frozen=True)
class Model:
    """One model: its name, its file below the project, its SQL as it stands there."""

    name: str
    path: str
    sql: str


@cache
def models_passed(source_tables: Iterable[str]) -> list[Model]:
    """The models from these landed tables (`feed/table`) to the published value, each once, in the order of the flow."""
    chain: list[str] = []
    for source_table in sorted(source_tables):
        feed, table = source_table.split("/")
        thing = f"{feed}__{_STAGED.get(table, table)}"
        chain += [f"staging/base_{thing}", f"staging/stg_{thing}"]
        chain += [f"contributions/{_COUNTED[table]}"] if table in _COUNTED else []
        chain += [f"contributions/int_contributions_{feed}"]
    is_ledger = all(source_table.startswith("ledger/") for source_table in source_tables)
    chain += [each for each in _THEN if not (is_ledger and each in _SKIPPED_BY_LEDGER)]
    ordered = sorted(dict.fromkeys(chain), key=lambda each: ("staging", "contributions", "indicators").index(each.split("/")[0]))
    return [_model(each) for each in ordered]


def scoring_models() -> list[Model]:
    """The models from published values to scores, ranks and stars."""
    folder = DBT_PROJECT / "models" / "scoring"
    return [_model(f"scoring/{path.stem}") for path in sorted(folder.glob("*.sql"))]


def changed_since(manifest: dict[str, Any]) -> list[str]:
    """Which of the parts that hold the models (staging, models, catalogue) are not those that the edition was made with."""
    then = manifest.get("made_with", {})
    return [part for part, now in made_with(_PARTS).items() if then.get(part) != now]


def _model(name: str) -> Model:
    path: Path = DBT_PROJECT / "models" / f"{name}.sql"
    return Model(path.stem, path.relative_to(DBT_PROJECT.parent).as_posix(), path.read_text(encoding="utf-8"))
