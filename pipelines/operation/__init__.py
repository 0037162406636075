"""Operation: the release calendar, what arrived, what is late, who is told, and what Dagster starts by itself.

`calendar.yml` and `calendar.py` which day what is due · `lateness.py` how each feed of a quarter stands by it · `arrivals.py` what lies
in the drop folder and is not landed · `releases.py` which quarters the calendar has published now · `heartbeat.py` whether the
schedule fired · `notices.py` and `telling.py` messages to people · `automation.py` Dagster's sensors, schedule and checks.
"""
