"""OpenLineage: what every step of a run read and wrote, in a file per run that a data catalogue can load.

`datasets.py` feeds, landed tables, models and editions as datasets · `recording.py` events and their file.
Not here: Dagster's own lineage (transform/column_lineage.py), lineage of rows (the contributions table), any row.
"""

from pipelines.openlineage.datasets import Dataset
from pipelines.openlineage.recording import Recording, recorded

__all__ = ["Dataset", "Recording", "recorded"]
