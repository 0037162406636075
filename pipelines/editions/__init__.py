"""Editions: from a judged quarter to an immutable folder, and the checks that need only that folder.

Here: the published tables, files, manifest, publishing protocol, verification. Not here: computing, judging, the board's look.
Nothing here imports Dagster or Great Expectations. The doors are `publishing.publish`, `verify.verify_edition`, `pointer.read_pointer`:
they are imported from their modules, because Dagster reads this package at every start and must not wait for writers of files.
"""
