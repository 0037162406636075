"""Rulesets: the scoring rules that people edit, from YAML to parameter tables, and the scoring models on any table of values."""
