"""The doctor: whether a machine is fit to run this system, each answer with what to do. It looks and changes nothing.

`answer.py` what a check says · `installation.py` Python, packages, tools, code · `places.py` folders, rights, room · `clocks.py` ·
`databases.py` ledger, tax office, history of runs · `record.py` archive, pointer, the workshop's file · `locks.py` writers, runs and
scratch of dead processes · `keys.py` signatures, certificate, passwords · `services.py` what systemd runs, the newest backup ·
`examination.py` all of them over the settings.
Not here: whether every edition is what was published (`i315 verify`). Neither Dagster nor Great Expectations is imported.
"""
