"""The site's pages as bytes: index, one per edition, dictionary.

Here: templates and what they are given. Not here: reading editions, the folder.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.report.content import FEEDS, quarter_name
from pipelines.site.content import REVISIONS_SHOWN, Published, Row

_TEMPLATES = Path(__file__).resolve().parent / "templates"
STYLE = "site.css"
DICTIONARY = "dictionary.html"
DBT_DOCS = "dbt/index.html"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"quarter_name": quarter_name, "feed_names": _feed_names, "amount": lambda number: f"{number:,}"}
    return environment


def pages(editions: list[Published], entries: dict[str, Row], *, has_dbt_docs: bool) -> dict[str, bytes]:
    """Every page and the style by file name below the site's root; `editions` newest first, at least one."""
    common = {"dbt_docs": DBT_DOCS if has_dbt_docs else "", "dictionary": DICTIONARY}
    quarters = [(quarter, list(group)) for quarter, group in groupby(editions, key=lambda each: each.quarter)]
    made = {
        "index.html": _page("index", root="", quarters=quarters, **common),
        DICTIONARY: _page("dictionary", root="", newest=editions[0], tables=_tables(editions[0]), entries=list(entries.values()), **common),
        STYLE: (_TEMPLATES / STYLE).read_bytes(),
    }
    for edition in editions:
        revisions = edition.revisions(entries)
        made[f"quarters/{edition.page}"] = _page(
            "edition", root="../", edition=edition, revisions=revisions[:REVISIONS_SHOWN], n_revisions=len(revisions), **common
        )
    return made


def _page(name: str, **given: Any) -> bytes:
    return _environment().get_template(f"{name}.html.j2").render(style=STYLE, **given).encode()


def _tables(edition: Published) -> list[Row]:
    """The tables of the data package, each once: a table in two formats has the same columns in both."""
    tables: dict[str, Row] = {}
    for resource in edition.data_package["resources"]:
        table = tables.setdefault(resource["title"], {"title": resource["title"], "files": [], **resource["schema"]})
        table["files"].append(resource["path"])
    return list(tables.values())


def _feed_names(feeds: str) -> str:
    return "、".join(FEEDS.get(feed, feed) for feed in feeds.split())
