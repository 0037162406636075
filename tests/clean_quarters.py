"""Counting what the gate says of quarters in which nothing is wrong: false alarms per thousand values judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.gate.findings import Finding, results_by_rule

#: Issue 4: at most one warning per thousand values judged.
WARNINGS_PER_THOUSAND = 1.0


@dataclass
class Tally:
    """Quarters judged, values judged (rows of an expectation that judges by row, or one), and failing subjects by rule."""

    quarters: int = 0
    values: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def add(self, findings: Iterable[Finding]) -> None:
        """One quarter's findings. The values of a rule that failed are left out, so that the rate is rather too high."""
        self.quarters += 1
        for rule, result in results_by_rule(list(findings)).items():
            if not result.passed:
                (self.errors if result.severity == "error" else self.warnings)[rule] += result.count
                continue
            observed = result.findings[0].observed
            self.values += int(observed.removesuffix(" 项")) if observed.endswith(" 项") else 1

    @property
    def per_thousand(self) -> float:
        """Warnings per thousand values judged."""
        return 1000 * self.warnings.total() / self.values

    def __str__(self) -> str:
        by_rule = ", ".join(f"{rule} {count}" for rule, count in sorted(self.warnings.items()))
        return (
            f"{self.quarters} quarters, {self.values} values judged: {self.errors.total()} errors {dict(self.errors) or ''}, "
            f"{self.warnings.total()} warnings = {self.per_thousand:.2f} per thousand ({by_rule})"
        )
