"""The catalogue of 106 kinds of faults: each has a case for every feed that it can happen to, or a reason why it has none here."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.integration.faults.exports import EXPORT_CASES
from tests.integration.faults.meanings import meanings
from tests.integration.faults.oddities import LEGAL_CASES
from tests.integration.faults.packages import PACKAGE_CASES
from tests.integration.faults.registers import REGISTER_CASES, UNREACHABLE
from tests.integration.faults.rows import ROW_CASES

KINDS = {"A": 22, "T": 15, "C": 19, "X": 17, "M": 21, "D": 12}
S, C, N, L, T = "statistics", "contracts", "incubators", "ledger", "tax"
WORKBOOKS, FILES, ALL = (S, N, L), (S, C, N, L), (S, C, N, L, T)

#: The feeds that a kind can happen to. Text inside a workbook is XML with its own encoding, so T01 to T05 and T07 to T09 are the export's.
HAPPENS_TO = {
    **dict.fromkeys(("A01", "A06", "A07", "A16", "A17", "A21", "A22", "C06", "C09", "C11", "C16"), FILES),
    **dict.fromkeys(("A05", "A08", "A09", "A10", "A11", "A12", "A13", "A14", "A15"), WORKBOOKS),
    **dict.fromkeys(("X01", "X02", "X03", "X05", "X06", "X07", "X14", "X15", "X16", "X17"), WORKBOOKS),
    **dict.fromkeys(("T06", "T10", "C10", "C18", "M05", "M20", "X10"), ALL),
    **dict.fromkeys(("A04", "T01", "T02", "T03", "T04", "T05", "T07", "T08", "T09", "T12", "T13", "T14"), (C,)),
    **dict.fromkeys(("C01", "C02", "C03", "C04", "C05", "C08", "C15", "C19", "M10"), (C,)),
    **dict.fromkeys(("D01", "D02", "D05", "D06", "D07", "D09", "D10", "D11"), (T,)),
    "A02": ALL,
    "A03": (S, N, L, T),
    "T11": (C, T),
    "T15": (C, T),
    "C07": (C, L),
    "C12": ALL,
    "C13": (C, S),
    "C14": (C, S, N),
    "C17": (C, S, L),
    "X04": (S,),
    "X08": (S, L),
    "X09": (C, N, L, T),
    "X11": (S,),
    "X13": (S,),
    "M01": ALL,
    "M02": (S, T),
    "M03": (S, C, L),
    "M06": (S, L),
    "M07": (S, C),
    "M08": (S,),
    "M09": (C, N, L, T),
    "M11": (S, C, N, T),
    "M12": (S, C, N, T),
    "M13": (C,),
    "M14": (S, L),
    "M15": (S, N, L),
    "M16": (S,),
    "M17": (S, C, N, L, T),
}
#: Kinds without a case here, and where they are shown or why they cannot be.
ELSEWHERE = {
    "A18": "changed bytes of the same period are what every case delivers; which one is in force: unit/landing/test_deliveries_in_force.py",
    "A19": "a feed that is late: integration/gate/test_judged_quarter.py; waiting for it is the release calendar's",
    "A20": "temporary files: test_odd_but_legal.py; a half-copied file is A03 or A04, and bytes are named by their own digest",
    "X12": "what is shown rounded is stored whole: the stored value is read, there is nothing to tell apart",
    "M04": "needs an earlier quarter of the year: integration/gate/test_check_models.py (restated) and the edition's revisions.csv",
    "M18": "needs five quarters: integration/gate/test_check_models.py",
    "M19": "no feed is a document",
    "M21": "free text never leaves staging: no published table has a column for it (editions/schema.py)",
    "D03": "needs a second session on a server: integration/test_tax_on_postgresql.py",
    "D04": "needs a server's settings: integration/test_tax_on_postgresql.py",
    "D08": "the contract has no close marker; what is filed later is a further extract",
    "D12": "needs a server's rights: integration/test_tax_on_postgresql.py",
}


def cases() -> dict[str, set[str]]:
    """Feeds by kind, over all cases."""
    covered: dict[str, set[str]] = defaultdict(set)
    for case in [*PACKAGE_CASES, *EXPORT_CASES, *REGISTER_CASES, *ROW_CASES, *LEGAL_CASES, *meanings(b"")]:
        covered[case.id].add(case.feed)
    for unreachable in UNREACHABLE:
        covered[unreachable.id].add(T)
    covered["D02"].add(T)  # test_rejected_faults.py: rows that change between reading and counting
    return covered


def test_every_kind_of_the_catalogue_has_its_cases_or_a_reason() -> None:
    kinds = {f"{part}{number:02}" for part, last in KINDS.items() for number in range(1, last + 1)}
    assert len(kinds) == 106
    assert HAPPENS_TO.keys() | ELSEWHERE.keys() == kinds
    assert not HAPPENS_TO.keys() & ELSEWHERE.keys()
    covered = cases()
    missing = [(kind, feed) for kind, feeds in HAPPENS_TO.items() for feed in feeds if feed not in covered[kind]]
    unclaimed = [(kind, feed) for kind, feeds in covered.items() for feed in feeds if feed not in HAPPENS_TO.get(kind, ())]
    assert (missing, unclaimed) == ([], [])


def test_there_are_150_faults_and_40_oddities_each_with_a_name_of_its_own() -> None:
    faults = [*PACKAGE_CASES, *EXPORT_CASES, *REGISTER_CASES, *UNREACHABLE, *ROW_CASES, *meanings(b"")]
    assert len(faults) >= 150
    assert len(LEGAL_CASES) >= 40
    names = Counter(case.name for case in [*faults, *LEGAL_CASES])
    assert [name for name, count in names.items() if count > 1] == []
