"""The worked example of scoring.md 4.3: contributions, and the system of its table."""

from __future__ import annotations

from decimal import Decimal

from pipelines.disclosure.system import Cell, Relation, System

CONTRIBUTIONS = {
    "A.S1": ("60", "30", "25", "15"),
    "A.S2": ("45", "3"),
    "A.S3": ("22", "20", "18", "12"),
    "B.S1": ("95", "4", "1.5"),
    "B.S2": ("30", "28", "26"),
    "B.S3": ("40", "35", "20", "15"),
    "C.S1": ("33", "30", "27", "10"),
    "C.S2": ("25", "24", "21", "18"),
    "C.S3": ("50", "48", "20", "12"),
}
COUNTIES, SECTORS = ("A", "B", "C"), ("S1", "S2", "S3")
LINES = {county: [f"{county}.{sector}" for sector in SECTORS] for county in COUNTIES} | {
    sector: [f"{county}.{sector}" for county in COUNTIES] for sector in SECTORS
}
INNER = {key: float(sum(map(Decimal, amounts))) for key, amounts in CONTRIBUTIONS.items()}


def rows() -> list[tuple[str, str, str | None, Decimal]]:
    """Contributions to all cells and totals of the table; no firm contributes twice."""
    cells = [(key, key) for key in INNER] + [(line, key) for line, keys in LINES.items() for key in keys] + [("all", key) for key in INNER]
    return [
        (cell, "2023Q1", f"{key} firm {place}", Decimal(amount)) for cell, key in cells for place, amount in enumerate(CONTRIBUTIONS[key])
    ]


def table(protection: dict[str, float]) -> System:
    """The table with its margins, and primaries that need this protection on both sides."""
    values = INNER | {line: sum(INNER[key] for key in keys) for line, keys in LINES.items()} | {"all": sum(INNER.values())}
    cells = [
        Cell(key, value, need_below=protection.get(key, 0), need_above=protection.get(key, 0), is_parent=key not in INNER)
        for key, value in values.items()
    ]
    lines = LINES | {"all by county": list(COUNTIES), "all by sector": list(SECTORS)}
    relations = [Relation(line, ((line.split(" by ")[0], -1.0), *((key, 1.0) for key in keys))) for line, keys in lines.items()]
    return System(tuple(cells), tuple(relations))
