"""What assets show in Dagster's UI beside their rows: the files that make them, and where their columns come from.

Here: metadata entries. Not here: finding out (transform/column_lineage.py). Paths run from the project's root, so that an entry says
the same on every machine.
"""

from __future__ import annotations

import dagster as dg


def code_references(*files: str) -> dict[str, dg.CodeReferencesMetadataValue]:
    """The files of the project that an asset is made by, the most telling first; paths as git writes them."""
    return {
        "dagster/code_references": dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=file, label=file) for file in files]
        )
    }


def column_origins(lineage: dg.TableColumnLineage) -> dict[str, dg.TableColumnLineage | dg.MarkdownMetadataValue]:
    """Column lineage twice: as Dagster's own entry, which its open-source UI does not draw, and as a table that it shows."""
    lines = ["| column | comes from |", "|---|---|"]
    for column, origins in lineage.deps_by_column.items():
        places = [f"[{origin.asset_key.to_user_string()}]({_page(origin.asset_key)}) `{origin.column_name}`" for origin in origins]
        lines.append(f"| `{column}` | {', '.join(places) or 'no column: a constant, a count of rows, or the code'} |")
    return {"dagster/column_lineage": lineage, "columns come from": dg.MetadataValue.md("\n".join(lines))}


def _page(asset: dg.AssetKey) -> str:
    return "/assets/" + "/".join(asset.path)
