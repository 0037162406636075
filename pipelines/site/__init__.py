"""A small static site for a folder of editions: what there is, what changed, what it means, and every file with its hash.

`content.py` what the pages say · `pages.py` pages as bytes · `making.py` the folder · `dbt_docs.py` dbt's documentation as one page.
Not here: figures of its own. It opens from a folder without network, and the same editions give the same bytes.
"""
