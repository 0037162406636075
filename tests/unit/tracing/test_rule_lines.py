"""Lines of a ruleset's file: every id is found where an auditor finds it with the eye."""

from __future__ import annotations

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


def test_the_models_passed_exist_and_each_reads_one_before_it() -> None:
    tables = frozenset({"contracts/contracts", "tax/sb_zzs", "tax/sb_yfjjkc", "incubators/tenants", "statistics/gdp", "ledger/entries"})
    models = models_passed(tables)
    for number, model in enumerate(models):
        if not model.name.startswith("base_"):
            before = {each.name for each in models[:number]}
            assert any(name in model.sql or name.removesuffix(name.split("_")[-1]) in model.sql for name in before), model.name
