"""What anyone can compute of each unsafe figure from the published tables: a row per figure, with the interval and what must stay possible.

A model in Python, because each end of an interval is the optimum of a programme. It does not read the pattern: what stands published
is read off the tables that editions publish.
"""


def model(dbt, session):
    """Read the figures of this run's quarters and their years, the rules that they fail, and what is about to be published."""
    relations = {
        "amounts": dbt.ref("int_measures"),
        "cells": dbt.ref("dis_cells"),
        "divisions": dbt.ref("divisions"),
        "catalogue": dbt.ref("indicators"),
        "measures": dbt.ref("disclosure_measures"),
        "indicators": dbt.ref("ed_indicators"),
        "targets": dbt.ref("ed_targets"),
        "indicators_then": dbt.source("published", "indicators"),
        "targets_then": dbt.source("published", "targets"),
        "contributions_then": dbt.source("published", "contributions"),
    }

    from pipelines.disclosure.warehouse import audit_table

    return audit_table(session, dbt.this.identifier, relations)
