"""What if: stars, ranks and points of a published quarter under amended rules, values or firms, beside the official ones.

Here, in the order in which a question is answered: the published quarter (edition.py), values set or left out (amendments.py), firms
included (firms.py, inclusion.py), both scenarios through the compiled scoring models (scenarios.py), the answer put together
(answer.py) and shown (rendering.py). Not here: the models, the warehouse's database (an answer never opens it), anything that writes.
"""
