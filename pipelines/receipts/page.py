"""The receipt as a page: one Chinese HTML file without a link to anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.receipts.content import LISTED, Receipt

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def receipt_html(receipt: Receipt) -> bytes:
    """The page as UTF-8; the same receipt always gives the same bytes."""
    return _environment().get_template("receipt.html.j2").render(receipt=receipt, listed=LISTED).encode()
