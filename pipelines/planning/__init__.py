"""The plan of a run: what it would read, compute and publish, and why. Nothing is changed and nothing is computed.

Here: the drop folder, the tax database's counts, the ledger and the editions, compared. Not here: Dagster, dbt, Great Expectations.
A plan reads no contents of deliveries: whether a new file is accepted, and whether figures change, only the run finds out.
"""
