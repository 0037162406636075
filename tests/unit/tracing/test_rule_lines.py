"""Lines of a ruleset's file: every id is found where an auditor finds it with the eye."""

from __future__ import annotations

import pytest

from pipelines.rulesets.in_memory import DBT_PROJECT
from pipelines.rulesets.language import load_rulesets
from pipelines.tracing.models import models_passed
from pipelines.tracing.rule_lines import RuleFile

RULESETS = DBT_PROJECT / "rulesets"


def test_every_indicator_node_rank_and_star_rule_of_every_shipped_ruleset_has_its_line() -> None:
    for ruleset in load_rulesets(RULESETS):
        file = RuleFile(RULESETS / f"{ruleset.name}.yml")
        for section, table, key in (
            *(("indicators", "rule_indicator", "indicator"), ("ranks", "rule_rank", "rank_id"), ("stars", "rule_star", "star_id")),
            ("tree", "rule_node", "node"),
        ):
            for row in ruleset.rows[table]:
                assert row[key] in file.text(section, row[key]), (ruleset.name, section, row[key])
        assert file.text("total").startswith("total:")


@pytest.mark.parametrize(
    "table",
    [
        "contracts/contracts",
        "tax/sb_zzs",
        "tax/sb_yfjjkc",
        "incubators/carriers",
        "incubators/tenants",
        "statistics/enterprises",
        "ledger/entries",
    ],
)
def test_each_model_passed_is_read_by_one_behind_it(table: str) -> None:
    *passed, last = models_passed(frozenset({table}))
    assert last.name == "ed_indicators"
    for number, model in enumerate(passed, 1):
        behind = "".join(each.sql for each in [*passed[number:], last])
        # The contributions of all feeds are read in a loop.
        assert f"ref('{model.name}')" in behind or model.name == f"int_contributions_{table.split('/')[0]}", model.name


def test_of_returns_and_tenants_the_model_that_says_which_count_is_passed() -> None:
    for table, model in (("tax/sb_yfjjkc", "int_rd_returns_to_date"), ("incubators/tenants", "int_tenants_counted")):
        names = [each.name for each in models_passed(frozenset({table}))]
        assert names.index(model) == names.index(f"int_contributions_{table.split('/')[0]}") - 1
