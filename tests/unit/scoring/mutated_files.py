"""Mutations of valid rulesets and tables: every key, word, number, row and cell, one at a time; and what a plain reading makes of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml
from scoring import Scoring
from scoring_example import EXAMPLE, Example

NUMBER = re.compile(r"-?\d+(\.\d+)?")
YES = ("1", "true", "yes", "y", "是")


@dataclass(frozen=True)
class Files:
    """The texts of one run of `i315 score`; tables as bytes, because their encoding may be wrong."""

    rules: str
    values: bytes
    units: bytes
    events: bytes
    period: str = "2025Q1"

    def plainly_scored(self) -> Scoring:
        """The reference's reading of the same files."""
        values = {(r["unit"], r["period"], r["indicator"]): _cell(r) for r in _rows(self.values)}
        rules = yaml.safe_load(self.rules)
        periods = {period for _, period, _ in values}
        members = _rows(self.units)
        groups = {(period, rules["units"]["population"]): {r["unit"]: "1" for r in members} for period in periods}
        for column in members[0].keys() - {"unit"}:
            name = rules["units"].get("peer_groups", {}).get(column, column)
            is_group = column in rules["units"].get("peer_groups", {})
            cells = {r["unit"]: r[column] if is_group else ("1" if r[column].lower() in YES else "0") for r in members}
            groups |= {(period, name): cells for period in periods}
        events = {(r["unit"], r["period"], r["event"]): float(r["count"]) for r in _rows(self.events)}
        return Scoring(self.rules, values, groups, events, self.period).run()


def worked() -> Files:
    """The worked example of the scoring rules."""
    example = Example()
    values = "".join(f"{u},{p},{i},{x!r}\n" for _, u, p, i, x, _ in example.values)
    units = "".join(f"{u},{1 if u in 'ABC' else 2},{'是' if u == 'F' else '否'}\n" for u in "ABCDEF")
    return Files(
        EXAMPLE.read_text(encoding="utf-8"),
        ("unit,period,indicator,value\n" + values).encode(),
        ("unit,class,dev_zones\n" + units).encode(),
        b"unit,period,event,count\nB,2025Q1,award,5\nC,2025Q1,award,1\nC,2025Q1,late,2\nD,2025Q1,fraud,1\n",
    )


def other() -> Files:
    """The methods, combinations and guards that the worked example has not."""
    rules = """schema: scoring-rules/1
ruleset: {id: other, version: 1, valid: {from: 2025Q1, to: 2025Q1}}
units: {population: everyone, peer_groups: {class: class_2025}}
indicators:
- id: energy
  direction: down
  score: {method: ratio_to_best, over: all, clamp: [0.1, 1]}
- id: growth
  score: {method: ratio_to_target, target: 8, clamp: [0.1, 1.2]}
- id: density
  direction: target
  ideal: 40
  score: {method: goalposts, worst: -50, best: 0, clamp: [0.1, 1]}
- id: firms
  treat: {clip_percentile: [2.5, 97.5]}
  states: {missing: {then: group_mean, coverage_min: 0.5}}
  score: {method: zscore, over: {peer_group: class}, m: 0.6, s: 0.2, clamp: [0.1, 1]}
- id: complaints
  direction: down
  score: {method: piecewise, points: [[0, 1], [20, 0.5], [60, 0.2]]}
- id: opinion
  applies: {units: {in: [surveyed]}}
  score: {method: given, floor_share: 0.3}
tree:
  id: total
  children:
  - id: economy
    points: 60
    children:
    - {ref: energy, points: 20}
    - {ref: growth, points: 40}
  - id: place
    points: 40
    combine: geometric
    children:
    - {ref: density, weight: 2}
    - {ref: firms, weight: 1}
    - {ref: complaints, weight: 1}
    - {ref: opinion, weight: 1}
adjustments:
- {id: prize, from: events.prize, per_item: 2, cap: 4}
total: {round: 1}
ranks:
- {id: all, by: total, ties: average}
stars:
- id: by_score
  cut: {5: 85, 4: 70, 3: 55, 2: 30, 1: 0}
  guards:
  - {need: {score: {ref: economy, ge: 36}}, for: 4, else: 3}
  - {need: {score: {ref: place, ge: 0.5}}, for: 4, else: 3}
  - {need: {total: {ge: 60}}, for: 4, else: 2}
"""
    figures = {
        "energy": (3.1, 2.4, 5.5, 2.0, 4.2, 3.3),
        "growth": (7, 9.5, 3, 11, 5.5, 6),
        "density": (35, 60, 20, 41, 88, 52),
        "firms": (120, 80, 45, 300, 210, 95),
        "complaints": (3, 14, 25, 61, 8, 0),
        "opinion": (0.8, 0.75, 0.6, 0.9, 0.2, 0.85),
    }
    rows = [f"{unit},2025Q1,{name},{x}\n" for name, xs in figures.items() for unit, x in zip("ABCDEF", xs, strict=True)]
    units = "".join(f"{u},{1 if u in 'ABC' else 2},{'yes' if u != 'E' else 'no'}\n" for u in "ABCDEF")
    return Files(
        rules,
        ("unit,period,indicator,value\n" + "".join(rows)).encode(),
        ("unit,class,surveyed\n" + units).encode(),
        b"unit,period,event,count\nA,2025Q1,prize,1\nD,2025Q1,prize,3\n",
    )


def mutations(files: Files) -> Iterator[tuple[str, Files]]:
    """A name for each mutation, and the files with it."""
    for name, rules in _of_rules(files.rules):
        yield f"rules: {name}", replace(files, rules=rules)
    for table in ("values", "units", "events"):
        for name, content in _of_table(getattr(files, table)):
            yield f"{table}: {name}", replace(files, **{table: content})


def _of_rules(text: str) -> Iterator[tuple[str, str]]:
    for path, is_key, start, end in _scalars(yaml.compose(text), ""):
        word = text[start:end]
        for what, other_word in _misspelt(word) if is_key or not NUMBER.fullmatch(word) else _misscaled(word):
            yield f"{path}{' (key)' if is_key else ''} {what}", text[:start] + other_word + text[end:]
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if re.match(r"\s+\w+: \S", line) or re.match(r"\s*- \{", line):
            yield f"line {number + 1} twice", "".join([*lines[: number + 1], line, *lines[number + 1 :]])
            yield f"line {number + 1} gone", "".join([*lines[:number], *lines[number + 1 :]])
    for number, line in enumerate(lines):
        for old, new in (
            ("direction: up", "direction: down"),
            ("direction: down", "direction: up"),
            ("direction: target", "direction: up"),
        ):
            if old in line:
                yield f"line {number + 1} direction {new}", "".join([*lines[:number], line.replace(old, new), *lines[number + 1 :]])


def _scalars(node: yaml.Node, path: str) -> Iterator[tuple[str, bool, int, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield f"{path}.{key.value}", True, key.start_mark.index, key.end_mark.index
            yield from _scalars(value, f"{path}.{key.value}")
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _scalars(value, f"{path}[{index}]")
    else:
        yield path, False, node.start_mark.index, node.end_mark.index


def _misspelt(word: str) -> list[tuple[str, str]]:
    swapped = word[:-2] + word[-1] + word[-2] if len(word) > 1 and word[-1] != word[-2] else word + "x"
    return [("misspelt", swapped)]


def _misscaled(word: str) -> list[tuple[str, str]]:
    return [("x 100", f"{float(word) * 100:g}"), ("/ 100", f"{float(word) / 100:g}"), ("negated", f"{-float(word):g}")]


def _of_table(content: bytes) -> Iterator[tuple[str, bytes]]:
    lines = content.decode().splitlines()
    head, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]

    def joined(changed: list[list[str]], header: list[str] = head) -> bytes:
        return ("\n".join(",".join(cells) for cells in [header, *changed]) + "\n").encode()

    for place, column in enumerate(head):
        yield f"header {column} misspelt", joined(rows, [*head[:place], _misspelt(column)[0][1], *head[place + 1 :]])
        yield f"header {column} twice", joined([[*cells, cells[place]] for cells in rows], [*head, column])
    for number in (0, len(rows) // 2, len(rows) - 1):
        cells = rows[number]
        before, after = rows[:number], rows[number + 1 :]
        yield f"row {number} twice", joined([*before, cells, cells, *after])
        yield f"row {number} gone", joined([*before, *after])
        yield f"row {number} short", joined([*before, cells[:-1], *after])
        for place, column in enumerate(head):
            for what, cell in _spoilt(cells[place]):
                yield f"row {number} {column} {what}", joined([*before, [*cells[:place], cell, *cells[place + 1 :]], *after])
    yield "foreign row", joined([*rows, ["Z", *rows[0][1:]]])
    yield "byte order mark", b"\xef\xbb\xbf" + content
    yield "carriage returns", content.replace(b"\n", b"\r\n")
    yield "utf-16", content.decode().encode("utf-16")
    yield "gbk", content.decode().replace("A,", "甲,").encode("gbk")
    yield "semicolons", content.replace(b",", b";")
    yield "header alone", content.split(b"\n", 1)[0] + b"\n"


def _spoilt(cell: str) -> list[tuple[str, str]]:
    spoilt = [
        ("blank", ""),
        ("misspelt", cell + "x"),
        ("blanks around", f" {cell} "),
        ("full width", cell.translate(_WIDE)),
        ("quoted", f'"{cell}"'),
    ]
    if NUMBER.fullmatch(cell):
        words = ("NaN", "inf", "1e400", "1e-400", f"{cell}%", '"1,234"', f"{cell}万", "0x10", "-" + cell, "无", "F", "×", "N/A")
        return spoilt + [(word, word) for word in words]
    return [*spoilt, *((word, word) for word in ("-", "×", "无", "不是", "N/A"))]


_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def _rows(content: bytes) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{key: cell.strip() for key, cell in row.items()} for row in reader]


def _cell(row: dict[str, str]) -> tuple[float | None, str]:
    value = float(row["value"]) if row["value"] else None
    return value, row.get("state") or ("missing" if value is None else "value")
