"""With nothing varied the arrays give the totals, places and stars that the models give: there is no second reading of a rule."""

from __future__ import annotations

from numpy.testing import assert_allclose, assert_array_equal
from scored_worlds import Worlds

from pipelines.robustness.measures import as_published


def test_an_unvaried_draw_gives_the_totals_places_and_stars_of_the_models(worlds: Worlds) -> None:
    compared = 0
    for name, scored in worlds:
        standing, totals = as_published(scored)
        assert_allclose(totals.raw[0], scored.total_raw, rtol=0, atol=1e-9, err_msg=name)
        assert_allclose(totals.rounded[0], worlds.column("score_totals", scored, "total"), rtol=0, atol=1e-9, err_msg=name)
        for rank_id in standing.ranks:
            expected = worlds.column("score_ranks", scored, "place", rank_id=rank_id)
            assert_array_equal(standing.places(totals, rank_id)[0], expected, err_msg=f"{name} {rank_id}")
        for rule in scored.rules["rule_star"]:
            expected = worlds.column("score_stars", scored, "stars", star_id=rule["star_id"])
            assert_array_equal(standing.stars(totals, rule)[0], expected, err_msg=f"{name} {rule['star_id']}")
        compared += 1
    assert compared >= 200, f"only {compared} worlds could be compared"
