"""The auditors' door: Dagster's UI read-only, behind nginx with names and passwords.

`configuration.py` settings checked and `nginx.conf.j2` filled in · `serving.py` the two processes.
Not here: the operators' UI (cli/operating.py), which listens on loopback only and has no door.
"""

from pipelines.door.configuration import Door, checked_door, rendered
from pipelines.door.serving import serve

__all__ = ["Door", "checked_door", "rendered", "serve"]
