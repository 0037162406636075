"""What the board weighs and how soon it is seen: 90 counties × 40 indicators × 16 quarters, all of them looked back on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipelines.quarters import Quarter, span
from pipelines.report import Board, Past, board_html
from tests.browser.boards import NEEDS_CHROMIUM, opened_board
from tests.small_warehouse import QUARTER, Row, board

pytestmark = NEEDS_CHROMIUM
INDICATORS, QUARTERS = 40, 16
BYTES_AT_MOST = 6 * 2**20
FIRST_PAINT_AT_MOST_MS = 1000
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


def grown() -> Board:
    """A board with 40 indicators and a target for each in every county, a revision of each, and 15 quarters before."""
    made = board()
    codes = sorted({row["indicator"] for row in made.indicators})
    extra = {f"MORE_{number}": codes[number % len(codes)] for number in range(INDICATORS - len(codes))}

    def more(rows: list[Row]) -> list[Row]:
        by_code: dict[str, list[Row]] = {}
        for row in rows:
            by_code.setdefault(row["indicator"], []).append(row)
        return rows + [
            row | {"indicator": code, "indicator_name": f"第二组{row['indicator_name']}"}
            for code, of in extra.items()
            for row in by_code[of]
        ]

    def moved(rows: list[Row], quarter: str) -> list[Row]:
        return [row | {"period": quarter} if row["period"] == QUARTER else row for row in more(rows)]

    indicators = more(made.indicators)
    cells = [row for row in indicators if row["level"] == "c" and row["period"] == QUARTER]
    progress = {"year": 2023, "target": 400.0, "value": 200.0, "completion": 0.5, "run_rate": 0.67, "needed_per_quarter": 200.0}
    told = {"period": QUARTER, "old": 1.0, "new": 2.0, "cause": "data: contracts 2023Q3 aaaa → bbbb"}
    this = Quarter.parse(QUARTER)
    earlier = [str(quarter) for quarter in span(this.plus(1 - QUARTERS), this.plus(-1))]
    return board(
        indicators=indicators,
        targets=[{"region_code": row["region_code"], "indicator": row["indicator"]} | progress for row in cells],
        revisions=[{"region_code": row["region_code"], "indicator": row["indicator"]} | told for row in cells],
        past=[Past(quarter, moved(made.indicators, quarter), made.scores, made.ranking) for quarter in earlier],
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, path = grown(), tmp_path_factory.mktemp("board") / "board.html"
    began = time.perf_counter()
    content = board_html(made)
    print(f"\nboard of 90 × {INDICATORS} × {QUARTERS}: made in {time.perf_counter() - began:.2f} s, {len(content) / 2**20:.2f} MB")
    path.write_bytes(content)
    return path


def test_the_board_stays_within_six_megabytes(path: Path) -> None:
    assert path.stat().st_size <= BYTES_AT_MOST


def test_the_first_paint_comes_within_a_second(path: Path) -> None:
    with opened_board(path) as opened:
        opened.page.wait_for_selector("#chart-totals svg")
        paint, loaded = opened.page.evaluate(PAINT), opened.page.evaluate(LOADED)
        began = time.perf_counter()
        opened.go("county/330108")
        print(f"\nfirst paint {paint:.0f} ms, loaded {loaded:.0f} ms, a county's page {1000 * (time.perf_counter() - began):.0f} ms")
        assert paint <= FIRST_PAINT_AT_MOST_MS
        assert opened.complaints == []
