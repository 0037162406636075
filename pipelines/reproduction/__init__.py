"""Reproduction: an edition, or what was known on a day, computed again from the archive in a scratch warehouse.

Here: landing archived deliveries, computing without Dagster, comparing files. Not here: publishing; nothing here writes the
warehouse that it reads, so it works beside a run. The doors are `edition.reproduce` and `as_known.as_known`.
"""
