"""The command line: a thin layer over the functions that the assets call.

`common.py` what commands share · `operating.py` run, status, ui, sample · `gating.py` findings, waive ·
`editions.py` verify, withdraw · `reproducing.py` reproduce · `comparing.py` diff · `asking.py` whatif, explain, score, vintages ·
`tracing.py` trace, impact · `handing_out.py` worklist, site · `keeping.py` backup, restore, rebuild, doctor ·
`serving.py` serve.
Not here: work. Commands that only read files import neither Dagster nor Great Expectations, so that they answer at once.
"""

from pipelines.cli import asking, comparing, editions, gating, handing_out, keeping, operating, reproducing, serving, tracing
from pipelines.cli.common import app
from pipelines.leaving import run_and_leave

__all__ = [
    "app",
    "asking",
    "comparing",
    "editions",
    "gating",
    "handing_out",
    "keeping",
    "main",
    "operating",
    "reproducing",
    "serving",
    "tracing",
]


def main() -> None:
    """What the installed `i315` calls."""
    run_and_leave(app)
