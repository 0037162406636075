"""What is asked of the pattern of one generated system: safe, minimal, and of least loss where all patterns can be tried."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.disclosure.suppression import suppress
from pipelines.disclosure.system import State
from tests.reference.every_pattern import is_safe, least_loss
from tests.reference.table_systems import KINDS, SMALL, generated_system, optional_cells


@dataclass(frozen=True)
class Trial:
    """What was found of one system; `found_missing` says that the audit noticed a secondary cell taken away at random, `excess` is the
    loss over the least, None where there are too many patterns to try, and None of the former where there are no secondary cells."""

    seed: int
    is_safe: bool
    is_proven: bool
    primaries_withheld: bool
    found_missing: bool | None
    excess: float | None


def trial(seed: int) -> Trial:
    """Suppress one generated system and look at what comes out."""
    system = generated_system(seed)
    pattern = suppress(system)
    primaries = {cell.key for cell in system.cells if cell.is_primary and cell.state is State.FREE}
    secondary = sorted(pattern.withheld - primaries)
    found_missing = None
    if secondary:
        found_missing = not is_safe(system, pattern.withheld - {random.Random(seed).choice(secondary)})
    excess = None
    if len(optional_cells(system)) <= SMALL:
        least = least_loss(system, pattern.loss)
        excess = pattern.loss / least - 1 if least else 0.0
    return Trial(seed, is_safe(system, pattern.withheld), pattern.is_proven, primaries <= pattern.withheld, found_missing, excess)


def trials(seeds: Iterable[int]) -> list[Trial]:
    """Trials of these seeds, with a line of what they came to."""
    done = [trial(seed) for seed in seeds]
    kinds = Counter(KINDS[one.seed % len(KINDS)].__name__ for one in done)
    tried = [one.excess for one in done if one.excess is not None]
    print(
        f"\n{len(done)} systems ({', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}): "
        f"exposed {sum(not one.is_safe for one in done)}, gave up {sum(not one.is_proven for one in done)}; one secondary cell taken away: "
        f"found {sum(one.found_missing is True for one in done)} of {sum(one.found_missing is not None for one in done)}; every pattern "
        f"tried for {len(tried)}: optimal {sum(excess == 0 for excess in tried)}, farthest from it {max(tried, default=0):.2%}"
    )
    return done


def check(done: list[Trial]) -> None:
    """The claims of issue 9 on generated systems."""
    assert [one.seed for one in done if not one.is_safe] == []
    assert [one.seed for one in done if not one.is_proven] == []
    assert [one.seed for one in done if not one.primaries_withheld] == []
    assert [one.seed for one in done if one.found_missing is False] == []
    tried = [one.excess for one in done if one.excess is not None]
    assert sum(excess == 0 for excess in tried) >= 0.95 * len(tried)
    assert max(tried) <= 0.10
