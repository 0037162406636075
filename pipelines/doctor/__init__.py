"""The doctor: whether a machine is fit to run this system, each answer with what to do. It looks and changes nothing.

`answer.py` what a check says · `installation.py` Python, packages, tools, code · `places.py` folders, rights, room · `clocks.py` ·
`databases.py` ledger, tax office, history of runs · `locks.py` writers, runs and scratch of dead processes · `keys.py` signatures,
certificate, passwords · `services.py` what systemd runs, the newest backup · `examination.py` all of them over the settings.
Not here: whether editions are what was published (`i315 verify`). Neither Dagster nor Great Expectations is imported.
"""
