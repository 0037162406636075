"""How far places and stars hold: figures of `pipelines/robustness` over what the scoring models gave, one row per figure.

A model in Python, because ten thousand draws of 90 counties are arrays, not rows; what it reads and gives are tables like any other.
"""

import os


def model(dbt, session):
    """Read the scores of this run's quarters and the rules, take over what nothing changed of, compute the rest."""
    inputs = {
        "int_scoring_values": dbt.ref("int_scoring_values"),
        "int_scoring_groups": dbt.ref("int_scoring_groups"),
        "int_scoring_events": dbt.ref("int_scoring_events"),
    }
    scores = {
        "score_runs": dbt.ref("score_runs"),
        "score_members": dbt.ref("score_members"),
        "score_peers": dbt.ref("score_peers"),
        "score_coverage": dbt.ref("score_coverage"),
        "score_components": dbt.ref("score_components"),
        "score_component_scores": dbt.ref("score_component_scores"),
        "score_indicators": dbt.ref("score_indicators"),
        "score_totals": dbt.ref("score_totals"),
        "score_ranks": dbt.ref("score_ranks"),
    }
    rules = {
        "rule_set": dbt.source("rules", "rule_set"),
        "rule_scenario": dbt.source("rules", "rule_scenario"),
        "rule_peer_group": dbt.source("rules", "rule_peer_group"),
        "rule_indicator": dbt.source("rules", "rule_indicator"),
        "rule_calendar": dbt.source("rules", "rule_calendar"),
        "rule_applies": dbt.source("rules", "rule_applies"),
        "rule_component": dbt.source("rules", "rule_component"),
        "rule_band": dbt.source("rules", "rule_band"),
        "rule_point": dbt.source("rules", "rule_point"),
        "rule_node": dbt.source("rules", "rule_node"),
        "rule_adjustment": dbt.source("rules", "rule_adjustment"),
        "rule_rank": dbt.source("rules", "rule_rank"),
        "rule_tie_break": dbt.source("rules", "rule_tie_break"),
        "rule_star": dbt.source("rules", "rule_star"),
        "rule_cut": dbt.source("rules", "rule_cut"),
        "rule_guard": dbt.source("rules", "rule_guard"),
        "rule_robustness": dbt.source("rules", "rule_robustness"),
    }
    revisions = dbt.ref("revisions")

    from pipelines.robustness.published import measures

    def read(relations):
        return {name: relation.to_arrow_table() for name, relation in relations.items()}

    quarters = os.environ.get("RUN_SCORED", "").split()
    named = ", ".join(f"'{quarter}'" for quarter in quarters)
    due = f"period in ({named})" if quarters else "true"
    scores = {name: relation.filter(due) for name, relation in scores.items()}
    present = session.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
    is_known = (dbt.this.identifier,) in present
    known = session.query(f"select * from {dbt.this} where {due}").to_arrow_table() if is_known else None
    return measures(read(inputs) | read(scores), read(rules), known, revisions.to_arrow_table())
