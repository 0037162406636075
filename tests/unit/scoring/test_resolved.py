"""What a ruleset names must be there: in the catalogue and the seeds for a run, in the edition for a what-if."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.resolved import SEEDS, refuse_unresolved_official
from pipelines.rulesets.tables import RULESETS

SHIPPED = (RULESETS / "hz315-county" / "2025.1.yml").read_text(encoding="utf-8")
ADJUSTED = "adjustments:\n- {id: prize, from: events.award, per_item: 1, cap: 3}\ntotal:"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "TECH_TX_GDP",
            "TECH_TX_GPD",
            r"indicators\[6\]\.id: found 'TECH_TX_GPD'; expected an indicator of the catalogue, nearest: TECH_TX_GDP",
        ),
        ("population: hangzhou", "population: hangzou", r"units\.population: found 'hangzou'; expected a membership, nearest: hangzhou"),
        ("{class: class}", "{class: klass}", r"units\.peer_groups\.class: found 'klass'; expected a membership, nearest: class"),
        (
            "  unit: 亿元\n",
            "  unit: 亿元\n  applies: {units: {not_in: [zones]}}\n",
            r"applies\.units\.not_in: found 'zones'; expected a membership",
        ),
        ("total:", ADJUSTED, r"adjustments\[0\]\.from: found 'award'; expected an event that a feed delivers \(there is none\)"),
        (
            "population: hangzhou",
            "population: class",
            r"peer_groups\.csv: line 2: column group_value: found '一类'; expected yes \(1, true",
        ),
    ],
)
def test_a_name_that_a_run_does_not_know_is_refused(old: str, new: str, message: str) -> None:
    text = SHIPPED.replace(old, new) if old != "total:" else SHIPPED.replace("\ntotal:", f"\n{new}")
    with pytest.raises(UsageError, match=message):
        refuse_unresolved_official([parse_ruleset(text, "rules.yml")])


def test_a_membership_says_yes_or_no_in_listed_words(tmp_path: Path) -> None:
    for name in ("indicators.csv", "peer_groups.csv"):
        shutil.copy(SEEDS / name, tmp_path / name)
    seed = tmp_path / "peer_groups.csv"
    seed.write_text(seed.read_text(encoding="utf-8").replace("hangzhou,330102,是", "hangzhou,330102,无"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"peer_groups\.csv: line 92: column group_value: found '无'"):
        refuse_unresolved_official([parse_ruleset(SHIPPED, "rules.yml")], tmp_path)
