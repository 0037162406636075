"""Work lists: the firms behind a gap, for those who visit them. Internal: nothing of them is published, logged or shown in the UI.

`kinds.py` which lists there are · `reasons.py` a row's reason in Chinese · `keeping.py` the run's files that readers get · `assets.py`
their wiring · `effects.py` what a firm would add · `listing.py` a list in its order · `files.py` workbook and CSV.
Not here: who is on a list (dbt_project/models/worklists).
"""
