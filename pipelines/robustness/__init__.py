"""Robustness: how far totals, places and stars hold when the rule's own choices are varied.

`scored.py` what the models scored, as arrays · `draws.py` what is varied · `tree.py` scores to totals of every draw ·
`standing.py` totals to places and stars · `summary.py` intervals, probabilities, bands · `margins.py` points to the next star ·
`measures.py` all of it for one ruleset and period.

Not here: official scores, places and stars (models/scoring). Scores of indicators come from those models; with nothing varied the
totals, places and stars here are theirs, which a test proves on generated rulesets.
"""
