"""What if, and why: a published quarter under amended rules, values or firms, and why scores, places and stars moved.

Here, in the order in which a question is answered: the published quarter (edition.py), values set or left out (amendments.py), firms
included (firms.py, inclusion.py), both scenarios through the compiled scoring models (scenarios.py), the answer put together
(answer.py) and shown (rendering.py). Beside it, pure comparisons of two sides: why they differ (explanation.py and what it rests on),
margins by indicator (margins.py), the cheapest path to a star (path.py). Not here: the rule language and the models
(pipelines/rulesets), Dagster, dbt, the warehouse's database (an answer never opens it), anything that writes.
"""
