"""The contracts with the offices as data: feed, tables, fields with the headers that the office writes.

Here: what a delivery must hold (docs: feed contracts). Not here: reading files, landing rows, judging values.
"""

from pipelines.feeds.contract import Column, DatabaseFeed, DatabaseTable, Feed, Field, Table
from pipelines.feeds.contracts import CONTRACTS
from pipelines.feeds.incubators import INCUBATORS
from pipelines.feeds.ledger import LEDGER
from pipelines.feeds.statistics import STATISTICS
from pipelines.feeds.tax import TAX, TAX_TABLES

FILE_FEEDS: dict[str, Feed] = {feed.name: feed for feed in (STATISTICS, CONTRACTS, INCUBATORS, LEDGER)}
FEEDS: tuple[str, ...] = (*FILE_FEEDS, TAX.name)

__all__ = ["FEEDS", "FILE_FEEDS", "TAX", "TAX_TABLES", "Column", "DatabaseFeed", "DatabaseTable", "Feed", "Field", "Table"]
