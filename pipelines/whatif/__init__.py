"""What-if: why a score or a place changed, told from scores that the scoring models themselves computed.

Here: pure comparisons of two sides (values, memberships, events, ruleset, period), each side and every mixture of them scored
through `pipelines.rulesets.in_memory`. Not here: the rule language and the models (`pipelines/rulesets`), Dagster, dbt, pages.
"""
