"""Reports: what people look at, made from an edition's tables alone.

Here: the board (one HTML file without any request) and the workbook, both in Chinese. Not here: any figure that the tables do not hold.
"""

from pipelines.report.content import Board, Past
from pipelines.report.page import board_html
from pipelines.report.peers import peer_groups
from pipelines.report.workbook import board_xlsx

__all__ = ["Board", "Past", "board_html", "board_xlsx", "peer_groups"]
