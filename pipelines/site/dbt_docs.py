"""dbt's documentation as one page: dbt's own page with the project's manifest in it, as `dbt docs generate --static` makes it.

Here: putting the two together without a warehouse, so that it needs no build, and without moments, so that the same project gives the same
bytes. Not here: the documentation itself (dbt_project). The columns are those documented, which a test holds to be the built ones.
"""

from __future__ import annotations

import json
from typing import Any

from pipelines.errors import Failure
from pipelines.transform.project import fresh_manifest

_SLOTS = {"manifest": '"MANIFEST.JSON INLINE DATA"', "catalog": '"CATALOG.JSON INLINE DATA"'}
#: Moments of the manifest's making, and where on this machine the project lies.
_LEFT_OUT = ("generated_at", "invocation_started_at", "invocation_id", "created_at", "run_started_at", "user_id", "root_path")
_NOTHING_BUILT: dict[str, Any] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}
#: What of dbt's page asks for things that a page opened from a folder has not got: a server's root, a file beside it, and icons whose
#: address the browser follows before the page has filled it in.
_MENDED = {
    '<link rel="canonical" href="/overview/"/>': "",
    '<link rel="shortcut icon" href="${require(\'./assets/favicons/favicon.ico\')}"/>': '<link rel="icon" href="data:,"/>',
    'xlink:href="{{': 'ng-attr-href="{{',
}


def dbt_docs_page() -> bytes:
    """The page; `Failure` if dbt's page is not of the form that dbt fills in."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    with open(DOCS_INDEX_FILE_PATH, encoding="utf-8") as file:
        page = file.read()
    for name, content in (("manifest", _timeless(fresh_manifest())), ("catalog", _NOTHING_BUILT)):
        if page.count(_SLOTS[name]) != 1:
            raise Failure(
                f"dbt's documentation page: found {page.count(_SLOTS[name])} places for the {name}; expected one; next: see its release"
            )
        # What ends a script element must not stand in one.
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        page = page.replace(_SLOTS[name], text)
    for found, mended in _MENDED.items():
        if found not in page:
            raise Failure(f"dbt's documentation page: found no {found}; expected it, to mend it; next: see what dbt's release changed")
        page = page.replace(found, mended)
    return page.encode()


def _timeless(content: Any) -> Any:
    """The manifest without what differs from one making to the next, keys in order; columns stay in the order of their table."""
    if isinstance(content, dict):
        kept = {key: _timeless(value) for key, value in content.items() if key not in _LEFT_OUT}
        return {key: kept[key] if key != "columns" else _in_order(content[key]) for key in sorted(kept)}
    return [_timeless(each) for each in content] if isinstance(content, list) else content


def _in_order(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: _timeless(column) for name, column in columns.items()}
