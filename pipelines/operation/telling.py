"""Sending notices to the addresses of the settings, each once, also after a failure or a restart.

Here: Apprise, and the record of what was told. Not here: what there is to tell (notices.py).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.durable import write_bytes
from pipelines.errors import InfrastructureError, UsageError
from pipelines.ledger import Ledger
from pipelines.operation import notices
from pipelines.operation.calendar import load_calendar
from pipelines.operation.lateness import Timetable
from pipelines.operation.notices import Notice
from pipelines.quarters import BEIJING
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from apprise import Apprise, NotifyBase

#: Keys of things that were told; older ones are dropped, for what they are about has passed.
_KEPT = 500


class Told:
    """What one address was told already: the ledger's line up to which, and the keys of everything else.

    An address that was never told anything begins at the ledger's present end: nobody is told a history.
    """

    def __init__(self, address: str, warehouse: Warehouse, ledger: Ledger) -> None:
        self._path = warehouse.operation / "told" / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.json"
        is_known = self._path.is_file()
        known = json.loads(self._path.read_bytes()) if is_known else {"line": ledger.end()[0], "keys": []}
        self.line: int = known["line"]
        self._keys: list[str] = known["keys"]
        if not is_known:
            self._keep()

    def is_new(self, notice: Notice) -> bool:
        """Whether this was not told yet."""
        return notice.key not in self._keys

    def note(self, notice: Notice) -> None:
        """Keep that this was told."""
        self._keys = [*self._keys, notice.key][-_KEPT:]
        self._keep()

    def note_line(self, line: int) -> None:
        """Keep that the ledger was told up to this line."""
        if line != self.line:
            self.line = line
            self._keep()

    def _keep(self) -> None:
        write_bytes(self._path, json.dumps({"line": self.line, "keys": self._keys}, ensure_ascii=False).encode(), is_private=True)


def standing(settings: Settings, ledger: Ledger, now: dt.datetime) -> list[Notice]:
    """What calendar and heartbeats have to tell now, told already or not."""
    calendar = load_calendar(settings.calendar)
    timetable = Timetable(calendar, ledger, settings.data_raw, now.astimezone(BEIJING).date())
    return [*notices.of_timetable(timetable), *notices.of_heartbeats(Warehouse(settings.warehouse), calendar, now)]


def tell_all(settings: Settings, ledger: Ledger, now: dt.datetime, further: Sequence[Notice] = ()) -> int:
    """Tell every address what it was not told yet, `further` notices among it; the number of messages sent.

    `InfrastructureError` if an address did not take one, after the others were told: it is told again at the next look.
    """
    # Sensor and timer may look at the same time: whoever comes second finds what was told.
    folder = Warehouse(settings.warehouse).operation / "told"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _tell_all(settings, ledger, now, further)


def _tell_all(settings: Settings, ledger: Ledger, now: dt.datetime, further: Sequence[Notice]) -> int:
    sent, failed = 0, 0
    end, now_standing = ledger.end()[0], [*standing(settings, ledger, now), *further]
    for address in _addresses(settings):
        told = Told(address.url(), Warehouse(settings.warehouse), ledger)
        waiting = {notice.key: notice for notice in (*notices.of_ledger(ledger, told.line), *now_standing) if told.is_new(notice)}
        for notice in waiting.values():
            if not _take(address, notice, settings):
                failed += 1
                break
            told.note(notice)
            sent += 1
        else:
            told.note_line(end)
    if failed:
        raise InfrastructureError(
            f"notices: found {failed} of the addresses in {settings.notify} that did not take a message; expected all to; "
            "next: check address and network; it is sent again at the next look"
        )
    return sent


def _take(address: NotifyBase, notice: Notice, settings: Settings) -> bool:
    link = f"\n{settings.link_base.rstrip('/')}/{notice.link}" if settings.link_base else ""
    return bool(address.notify(title=f"315指标 {notice.title}", body=f"状态：{notice.state}{link}"))


def _addresses(settings: Settings) -> Apprise:
    import apprise

    file = settings.notify
    if file is None or not file.is_file():
        raise UsageError(f"notices: found {file or 'no file'}; expected I315_NOTIFY to name a file with an address per line; next: set it")
    addresses = apprise.Apprise()
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text and not text.startswith("#") and not addresses.add(text):
            raise UsageError(
                f"notices: found a line in {file.name} that is no address; expected one as Apprise writes them, such as mailtos:// or dingtalk://"
            )
    return addresses
