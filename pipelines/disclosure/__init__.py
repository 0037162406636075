"""Disclosure control: which cells are withheld so that nothing about a firm can be read off what is published.

Here: pure functions over cells and their relations (docs/disclosure.md). Not here: where cells, contributions and relations come from,
which tables are masked, the gate.
"""
