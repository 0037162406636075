"""Histories of deliveries, corrections, rules, divisions and withdrawals, told twice: by the system's record and by a naive model.

`worlds.py` figures made from deliveries, rules and definitions by hashing · `naive.py` the plain bitemporal model ·
`telling.py` a history taken through ledger, pointer, outdated quarters and revisions beside the model.
Not here: dbt, Great Expectations and files; the record is what is tested.
"""
