"""Code references: which files of the project make an asset, for the UI to show.

Here: the metadata entry, with paths from the project's root, so that it says the same on every machine. Not here: the files.
"""

from __future__ import annotations

import dagster as dg


def code_references(*files: str) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Metadata of an asset that names the files it is made by, the most telling first; paths as git writes them."""
    return {
        "dagster/code_references": dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=file, label=file) for file in files]
        )
    }
