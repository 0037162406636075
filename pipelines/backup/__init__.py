"""Backup: the record (ledger, archive, editions and what is kept beside them) copied to another disk, and put back from there.

`inventory.py` what a backup says it holds · `copying.py` making it · `restoring.py` putting it into an empty warehouse.
Not here: which files the ledger's lines name (editions/recorded_files.py); what the next run makes again (landing, `warehouse.duckdb`,
receipts, work lists); editions of which no copy is left (reproduction/rebuilding.py).
"""
