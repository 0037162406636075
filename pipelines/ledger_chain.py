"""The ledger's chain: how a line is hashed, and every way in which lines can be seen to be changed, removed, moved or back-dated.

Here: pure functions over lines as the database holds them. Not here: reading and appending (ledger.py), and what lines say of
editions and deliveries (editions/record.py): lines rewritten together with all hashes after them are noticed there.
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

GENESIS = "0" * 64
Line = dict[str, Any]


def digest_of(fields: Line) -> str:
    """The hash of a line: over all its fields but `hash` itself."""
    canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def chain_faults(lines: list[Line], end: Line | None) -> list[str]:
    """Every fault of the chain, each with its line; `lines` in order of `seq`, `end` the mark of the last line (`seq`, `hash`)."""
    computed = {line["seq"]: _computed(line) for line in lines}
    faults = [
        f"ledger line {line['seq']}: found content that does not give its hash; expected the line as it was appended"
        for line in lines
        if computed[line["seq"]] != line["hash"]
    ]
    start = {"seq": 0, "hash": GENESIS, "at": ""}
    for before, line in pairwise([start, *lines]):
        faults += _link_faults(before, line, computed)
    return faults + _end_faults(lines[-1] if lines else start, end)


def _computed(line: Line) -> str:
    fields = {name: value for name, value in line.items() if name != "hash"}
    # A damaged database may hold bytes in a column of text.
    is_text = all(isinstance(value, str) for name, value in fields.items() if name != "seq")
    return digest_of(fields) if is_text else ""


def _link_faults(before: Line, line: Line, computed: dict[int, str]) -> list[str]:
    missing = range(before["seq"] + 1, line["seq"])
    if missing:
        return [f"ledger line {seq}: found no such line; expected one before line {line['seq']}" for seq in missing]
    if computed[line["seq"]] != line["hash"]:
        return []  # Named already; what such a line says of its neighbour means nothing.
    faults = []
    # Either hash will do: a line whose own hash was changed is named itself, and its neighbour is not to blame.
    if line["previous_hash"] not in (before["hash"], computed.get(before["seq"])):
        faults.append(f"ledger line {line['seq']}: found another line before it than when it was appended")
    is_sound = before["seq"] == 0 or computed[before["seq"]] == before["hash"]
    if is_sound and line["at"] < before["at"]:
        faults.append(f"ledger line {line['seq']}: found the moment {line['at']}; expected none before that of line {before['seq']}")
    return faults


def _end_faults(last: Line, end: Line | None) -> list[str]:
    if end is None:
        return [f"ledger line {last['seq']}: found no mark of the end beside it; expected one"] if last["seq"] else []
    if end["seq"] > last["seq"]:
        return [f"ledger line {seq}: found no such line; expected one before the end" for seq in range(last["seq"] + 1, end["seq"] + 1)]
    if (end["seq"], end["hash"]) != (last["seq"], last["hash"]):
        return [f"ledger line {last['seq']}: found a mark of the end at line {end['seq']} with another hash; expected its own"]
    return []
