"""Tracing: from any published number to the rows that the offices delivered, and from a delivered row to every number it reached.

`recipes.py` which contributions make a cell, `formulas.py` what becomes of their sums · `published.py` an edition with its lineage,
`contributions.py` the rows, `landed.py` their text as delivered, `deliveries.py` who delivered them, `judged.py` findings and waivers ·
`cell.py`, `scores.py`, `impact.py` the answers, `telling.py` and `documents.py` how they are shown.
Not here: computing or publishing. Everything is read from files and the ledger; nothing imports Dagster or Great Expectations, and
nobody opens the warehouse's database.
"""
