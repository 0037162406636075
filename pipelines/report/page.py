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

from pipelines.report.content import FEEDS, LEVELS, SEVERITY, STATUS, Board, Row, percent, quarter_name, rounded, shown, stars_text
from pipelines.report.listings import Listing
from pipelines.report.score_trees import score_trees

_HERE = Path(__file__).resolve().parent
TEMPLATES = _HERE / "templates"
CHARTS = _HERE / "vendor" / "echarts.common.min.js"
HEADLINES = ("RD_GDP", "TECH_TX", "HT_SHARE", "IRD_REV", "INC_FIRMS")
REVISIONS_SHOWN = 200


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
            targets=_targets(board),
            methods=_methods(board),
            revisions_shown=REVISIONS_SHOWN,
            severity=SEVERITY,
            feeds=FEEDS,
            cities=sorted({row["city_name"] for row in board.ranked if row["city_name"]}),
            style=_inline("templates/board.css"),
            script=_inline("templates/board.js"),
            charts=_inline(CHARTS.relative_to(_HERE).as_posix()),
            data=_script_json(_data(board)),
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


def _targets(board: Board) -> list[Row]:
    rows = []
    for row in board.targets:
        code, decimals = row["indicator"], board.decimals(row["indicator"])
        rows.append(
            row
            | {
                "region_name": board.region_names.get(row["region_code"], row["region_code"]),
                "indicator_name": board.indicator_names.get(code, code),
                "unit": board.indicator_units.get(code, ""),
                "decimals": decimals,
            }
        )
    return rows


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


def _data(board: Board) -> Row:
    """What the script draws from: display texts made here, so that rounding happens once and in decimal."""
    columns = _columns(board)
    place = {(column["code"], column["period"]): number for number, column in enumerate(columns)}
    regions: dict[str, Row] = {}
    for row in board.indicators:
        region = regions.setdefault(
            row["region_code"],
            {"name": row["region_name"], "city": row["city_name"] or "", "level": row["level"], "cells": [None] * len(columns)},
        )
        number = place.get((row["indicator"], row["period"]))
        if number is not None:
            text = shown(row["value"], columns[number]["decimals"]) if row["status"] == "value" else STATUS[row["status"]]
            region["cells"][number] = [text, row["status"], row["flags"] or ""]
    for number, places in enumerate(_places(board, columns)):
        for code, place_text in places.items():
            regions[code]["cells"][number].append(place_text)
    return {
        "quarter": board.quarter,
        "columns": columns,
        "regions": regions,
        "listings": [_listed(board, listing) for listing in board.listings],
        "trees": score_trees(board),
        "levels": LEVELS,
    }


def _listed(board: Board, listing: Listing) -> Row:
    rows = [
        {"code": row["region_code"], "name": row["region_name"], "city": row["city_name"] or "", "total": row["total"]}
        | {"total_text": shown(row["total"], 2), "stars": row["stars"], "rank": row[listing.place]}
        | {"low": row["rank_p05"], "median": row["rank_median"], "high": row["rank_p95"]}
        for row in listing.rows
    ]
    return {"scope": listing.scope, "title": board.rules_title(listing.ruleset), "rows": rows}


def _columns(board: Board) -> list[Row]:
    """The indicators in the catalogue's order, each period of one for itself; an annual one without value this quarter only by its year."""
    order = {code: number for number, code in enumerate(board.entries)}
    feeds = {name: number for number, name in enumerate(FEEDS.values())}
    published: dict[tuple[str, str], bool] = {}
    for row in board.indicators:
        key = (row["indicator"], row["period"])
        published[key] = published.get(key, False) or row["status"] != "not_published"
    annual = {indicator for indicator, period in published if period != board.quarter}
    keys = [key for key, is_published in published.items() if is_published or key[0] not in annual]
    return [
        {
            "code": code,
            "name": board.indicator_names[code],
            "unit": board.indicator_units[code],
            "period": period,
            "period_name": "" if period == board.quarter else quarter_name(period),
            "decimals": board.decimals(code),
            "feed": board.feed_names(code).partition("、")[0] or "其他",
            "definition": board.definition(code),
        }
        for code, period in sorted(
            keys, key=lambda key: (feeds.get(board.feed_names(key[0]).partition("、")[0], len(feeds)), order.get(key[0], len(order)), key)
        )
    ]


def _places(board: Board, columns: list[Row]) -> list[dict[str, str]]:
    """Per column: county -> its place among the counties with a value, as shown; counties only, both directions of the catalogue."""
    values: dict[tuple[str, str], dict[str, float]] = {}
    for row in board.indicators:
        if row["level"] == "c" and row["status"] == "value":
            values.setdefault((row["indicator"], row["period"]), {})[row["region_code"]] = row["value"]
    places = []
    for column in columns:
        of_counties = values.get((column["code"], column["period"]), {})
        is_down = board.entries.get(column["code"], {}).get("direction") == "down"
        shown_values = {code: rounded(value, column["decimals"]) for code, value in of_counties.items()}
        ordered = sorted(shown_values.values(), reverse=not is_down)
        first_place = {value: number for number, value in reversed(list(enumerate(ordered, 1)))}
        places.append({code: f"{first_place[value]}/{len(ordered)}" if len(ordered) > 1 else "" for code, value in shown_values.items()})
    return places
