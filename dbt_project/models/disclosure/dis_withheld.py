"""What is withheld: a row per figure (quarter, measure, region), by the pattern of least loss that protects every unsafe one.

A model in Python, because the pattern is the optimum of a programme; what it reads and gives are tables like any other.
"""


def model(dbt, session):
    """Read the figures of this run's quarters and their years, the rules that they fail, and the patterns that stand."""
    relations = {
        "amounts": dbt.ref("int_measures"),
        "cells": dbt.ref("dis_cells"),
        "divisions": dbt.ref("divisions"),
        "catalogue": dbt.ref("indicators"),
        "measures": dbt.ref("disclosure_measures"),
        "indicators_then": dbt.source("published", "indicators"),
        "targets_then": dbt.source("published", "targets"),
        "contributions_then": dbt.source("published", "contributions"),
    }

    from pipelines.disclosure.warehouse import withheld_table

    return withheld_table(session, dbt.this.identifier, relations)
