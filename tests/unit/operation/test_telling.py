"""Notices reach a receiver on the loopback: edition, state and link, each once, and never a figure, a firm or a file's name."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.delivery import Delivery
from pipelines.errors import InfrastructureError, UsageError
from pipelines.ledger import Ledger
from pipelines.operation import heartbeat
from pipelines.operation.notices import of_failed_run
from pipelines.operation.telling import tell_all
from pipelines.quarters import BEIJING
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse

NOW = dt.datetime(2023, 10, 12, 10, tzinfo=BEIJING)
FIRM, FIGURE = "杭州金丝雀科技有限公司", "31415926.53"


class Receiver(ThreadingHTTPServer):
    """Takes messages as JSON; answers with `status`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            server: Receiver

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.server.status == 200:
                    self.server.taken.append(message)
                self.send_response(self.server.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def texts(self) -> list[str]:
        return [f"{each['title']} | {each['message']}" for each in self.taken]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    addresses = tmp_path / "addresses"
    addresses.write_text(f"# who is told\njson://127.0.0.1:{receiver.server_port}/one\n\n", encoding="utf-8")
    return load_settings(
        data_raw=tmp_path / "drop", warehouse=tmp_path / "warehouse", notify=addresses, link_base="https://kjt.example/315/"
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def happened(ledger: Ledger) -> None:
    rejected = {"code": "body_empty", "file": f"{FIRM}.xlsx", "found": FIGURE}
    name = f"20231012_{FIRM}.xlsx"
    ledger.record_delivery(Delivery("2023Q3", "ledger", "a" * 64, name, dt.date(2023, 10, 12), 1, 9, False, {}, rejected), "张三")
    held = {"outcome": "held", "deliveries_sha256": "b" * 64, "findings": [f"{FIRM} {FIGURE}"]}
    ledger.append("verdict", quarter="2023Q3", subject=FIRM, payload=held, actor="张三")
    ledger.append("verdict", quarter="2023Q3", subject=FIRM, payload=held, actor="张三")
    ledger.append("verdict", quarter="2023Q3", subject=FIRM, payload={"outcome": "ready"}, actor="张三")
    ledger.append("publication", quarter="2023Q3", subject="2023Q3/001", payload={"edition": "001", "value": FIGURE}, actor="张三")
    ledger.append("withdrawal", quarter="2023Q3", subject="2023Q3/001", payload={"edition": "001", "reason": FIRM}, actor="张三")


def test_what_happened_is_told_once_with_state_and_link_and_no_figure_or_firm(
    settings: Settings, ledger: Ledger, receiver: Receiver
) -> None:
    ledger.append("publication", quarter="2023Q2", subject="2023Q2/001", payload={"edition": "001"}, actor="张三")
    assert tell_all(settings, ledger, NOW) == 0, "nobody is told what was before the address"
    happened(ledger)
    assert tell_all(settings, ledger, NOW) == 4
    assert tell_all(settings, ledger, NOW) == 0
    base = "https://kjt.example/315/"
    assert receiver.texts() == [
        f"315指标 2023Q3 科技局台账 | 状态：报送被退回\n{base}",
        f"315指标 2023Q3 | 状态：未通过检查，暂不发布\n{base}",
        f"315指标 2023Q3 第001版 | 状态：已发布\n{base}editions/2023Q3/001/board.html",
        f"315指标 2023Q3 第001版 | 状态：已撤回\n{base}",
    ]
    whole = json.dumps(receiver.taken, ensure_ascii=False)
    assert [secret for secret in (FIRM, FIGURE, "金丝雀", "张三", ".xlsx", "body_empty") if secret in whole] == []


def test_an_address_that_takes_nothing_is_told_later_and_the_others_once(settings: Settings, ledger: Ledger, receiver: Receiver) -> None:
    assert settings.notify is not None
    with Receiver() as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        with settings.notify.open("a") as addresses:
            addresses.write(f"json://127.0.0.1:{other.server_port}/two\n")
        tell_all(settings, ledger, NOW)
        happened(ledger)
        receiver.status = 500
        for _ in range(2):
            with pytest.raises(InfrastructureError, match=r"found 1 of the addresses in .* that did not take a message"):
                tell_all(settings, ledger, NOW)
        receiver.status = 200
        assert tell_all(settings, ledger, NOW) == 4
        assert receiver.texts() == other.texts()
        assert len(other.taken) == 4
        other.shutdown()


def test_a_silent_schedule_is_told_once_a_day(settings: Settings, ledger: Ledger, receiver: Receiver) -> None:
    warehouse = Warehouse(settings.warehouse)
    heartbeat.beat(warehouse, heartbeat.SCHEDULE, NOW - dt.timedelta(days=2))
    assert [tell_all(settings, ledger, NOW), tell_all(settings, ledger, NOW)] == [1, 0]
    assert tell_all(settings, ledger, NOW + dt.timedelta(days=1)) == 1
    assert receiver.texts()[0] == "315指标 自动运行 | 状态：未按时启动，请检查\nhttps://kjt.example/315/"


def test_a_run_that_failed_is_told_unless_the_ledger_says_why(settings: Settings, ledger: Ledger, receiver: Receiver) -> None:
    now = NOW.timestamp()
    failed = of_failed_run("1234abcd", "2023Q3", now, now + 60, ledger)
    assert failed is not None
    tell_all(settings, ledger, NOW)
    assert [tell_all(settings, ledger, NOW, [failed]), tell_all(settings, ledger, NOW, [failed])] == [1, 0]
    assert receiver.texts() == ["315指标 2023Q3 运行 | 状态：失败，请检查\nhttps://kjt.example/315/runs/1234abcd"]
    held = {"outcome": "held", "deliveries_sha256": "b" * 64}
    ledger.append("verdict", quarter="2023Q3", subject="s", payload=held, actor="x", at=NOW + dt.timedelta(seconds=30))
    assert of_failed_run("1234abcd", "2023Q3", now, now + 60, ledger) is None
    assert of_failed_run("5678abcd", "2023Q3", now + 31, now + 60, ledger) is not None


@pytest.mark.parametrize("line", ["nowhere", "json:/", "kjt.example"])
def test_a_line_that_is_no_address_is_refused_without_being_shown(settings: Settings, ledger: Ledger, line: str) -> None:
    assert settings.notify is not None
    settings.notify.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError, match="found a line in addresses that is no address") as refused:
        tell_all(settings, ledger, NOW)
    assert f"{line} " not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "dingtalk://abcdefgh123456/13800000000",
        "wecombot://abcd1234-ab12-cd34-ef56-abcdef123456",
        "feishu://abc123def456",
        "mailtos://a:b@mail.example",
    ],
)
def test_the_offices_messengers_are_addresses(settings: Settings, ledger: Ledger, address: str) -> None:
    assert settings.notify is not None
    settings.notify.write_text(address, encoding="utf-8")
    assert tell_all(settings, ledger, NOW) == 0


def test_without_addresses_the_setting_is_named(settings: Settings, ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="I315_NOTIFY"):
        tell_all(settings.model_copy(update={"notify": None}), ledger, NOW)
