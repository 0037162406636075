"""No figure that firms could be read off is let through by the bounds that spare most figures a look at their firms.

Of every county, city and province of the sample, firm by firm and by the oracle of the rules: figures to date and what a quarter brought.
Figures that an office delivers added up are left out, because the oracle knows no total beyond the firms listed.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse
from tests.conftest import Office
from tests.reference.primaries import judged

Figure = tuple[str, str, str, str]
_FIRMS = """
    select contribution.quarter, contribution.measure, region_code, case when level = 'c' then city_code end as city, contributor,
        sum(amount) as amount
    from dis_contributions as contribution
    inner join divisions on code = region_code and level in ('c', 'r')
        and valid_from <= last_day(make_date(quarter[:4]::int, 3 * quarter[6]::int, 1))
        and (valid_to is null or valid_to >= last_day(make_date(quarter[:4]::int, 3 * quarter[6]::int, 1)))
    inner join disclosure_measures as known on known.measure = contribution.measure and judged_by = 'contributions'
    where edition = ''
    group by all
"""
PROVINCE = "330000"


@pytest.fixture(scope="module")
def figures(sample: Office) -> tuple[dict[Figure, str], dict[Figure, str]]:
    """The unsafe figures of the sample with the rules that they fail: as the warehouse has them, and as the oracle finds them."""
    with Warehouse(sample.warehouse).connect() as connection:
        firms = connection.execute(_FIRMS).fetchall()
        flows = {f"{code}.amount" for (code,) in connection.execute("select code from indicators where kind = 'flow_ytd'").fetchall()}
        query = """
            select kind, quarter, dis_cells.measure, region_code, unsafe_by from dis_cells
            inner join disclosure_measures using (measure) where judged_by = 'contributions' and unsafe_by is not null
        """
        seen = {(kind, quarter, measure, region): by for kind, quarter, measure, region, by in connection.execute(query).fetchall()}
    sums: dict[Figure, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for quarter, measure, county, city, firm, amount in firms:
        here, then = Quarter.parse(quarter), str(Quarter.parse(quarter).plus(1))
        for region in filter(None, (county, city, PROVINCE)):
            sums["to_date", quarter, measure, region][firm] += amount
            if measure in flows and here.number > 1:
                sums["quarter", quarter, measure, region][firm] += amount
            if measure in flows and here.number < 4:
                sums["quarter", then, measure, region][firm] -= amount
    quarters = {quarter for quarter, *_ in firms}
    found = {figure: by for figure, of_firms in sums.items() if figure[1] in quarters and (by := judged(list(of_firms.values()))[0])}
    return seen, found


def test_every_figure_that_fails_a_rule_firm_by_firm_is_among_the_unsafe_ones(figures: tuple[dict[Figure, str], dict[Figure, str]]) -> None:
    seen, found = figures
    assert {kind for kind, *_ in found} == {"to_date", "quarter"}
    assert len(found) > 100
    assert {figure: (seen.get(figure), by) for figure, by in found.items() if seen.get(figure) != by} == {}
    assert {figure: by for figure, by in seen.items() if figure not in found} == {}
