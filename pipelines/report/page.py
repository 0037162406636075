"""The board: one self-contained Chinese HTML page that opens without network.

Here: what the page is given, and putting template, style, script and chart library together. Not here: figures of its own,
but for ranks among counties by one indicator, which only order published values.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.report.content import FEEDS, SEVERITY, Board, Row, percent, quarter_name, shown, stars_text
from pipelines.report.data import board_data
from pipelines.report.progress import progress
from pipelines.report.rules_in_words import rules_in_words

_HERE = Path(__file__).resolve().parent
TEMPLATES = _HERE / "templates"
CHARTS = _HERE / "vendor" / "echarts.common.min.js"
HEADLINES = ("RD_GDP", "TECH_TX", "HT_SHARE", "IRD_REV", "INC_FIRMS")
REVISIONS_SHOWN = 200
SCRIPTS = ("base", "charts", "ranking", "map", "trends", "county", "programmes", "comparison", "views")
"""The page's scripts in the order in which they run."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"held": _stars_held, "shown": shown, "percent": percent, "stars": stars_text, "quarter_name": quarter_name}
    return environment


def board_html(board: Board) -> bytes:
    """The page as UTF-8; the same board always gives the same bytes."""
    page = (
        _environment()
        .get_template("board.html.j2")
        .render(
            board=board,
            cards=_cards(board),
            targets=progress(board),
            rules=rules_in_words(board),
            methods=_methods(board),
            revisions_shown=REVISIONS_SHOWN,
            severity=SEVERITY,
            feeds=FEEDS,
            cities=sorted({row["city_name"] for row in board.ranked if row["city_name"]}),
            style=_inline("templates/board.css"),
            scripts=[_inline(f"templates/scripts/{name}.js") for name in SCRIPTS],
            charts=_inline(CHARTS.relative_to(_HERE).as_posix()),
            data=_script_json(board_data(board)),
        )
    )
    return page.encode()


def _inline(name: str) -> Markup:
    return Markup((_HERE / name).read_text(encoding="utf-8"))


def _script_json(content: Any) -> Markup:
    """JSON that cannot end its script element, whatever the texts in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)


def _cards(board: Board) -> list[Row]:
    cards = [_card("参评县（市、区）", str(len(board.ranked)), "个", _stars_held(board.ranked))]
    firsts = [(listing.scope, listing.rows[0]) for listing in board.listings if listing.rows[0][listing.place] is not None]
    if firsts:
        (scope, first), *others = firsts
        notes = [f"{other}第一 {row['region_name']} {shown(row['total'], 2)}" for other, row in others]
        cards.append(_card(f"{scope}第一", first["region_name"], "", " · ".join([f"总分 {shown(first['total'], 2)}", *notes])))
    province = {row["indicator"]: row for row in board.indicators if row["level"] == "p" and row["status"] == "value"}
    for code in HEADLINES:
        if code in province:
            row = province[code]
            period = "" if row["period"] == board.quarter else f"（{quarter_name(row['period'])}）"
            value = shown(row["value"], board.decimals(code))
            cards.append(_card(f"全省{row['indicator_name']}{period}", value, row["unit"], board.feed_names(code)))
    failed = board.open_findings
    waived = sum(bool(row["waiver"]) for row in failed)
    rules = len({row["rule"] for row in board.findings})
    cards.append(_card("校验规则", str(rules), "条", f"未通过 {len(failed)} 项，其中豁免 {waived} 项"))
    return cards


def _stars_held(rows: list[Row]) -> str:
    stars = Counter(row["stars"] for row in rows)
    return "、".join(f"{n}星 {stars[n]}" for n in (5, 4, 3, 2, 1) if stars[n])


def _card(title: str, value: str, unit: str, note: str) -> Row:
    return {"title": title, "value": value, "unit": unit, "note": note}


def _methods(board: Board) -> list[Row]:
    return [
        {
            "code": code,
            "name": name,
            "unit": board.indicator_units[code],
            "feeds": board.feed_names(code),
            "definition": board.definition(code),
        }
        for code, name in sorted(board.indicator_names.items())
    ]
