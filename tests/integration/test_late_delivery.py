"""A correction of an earlier quarter reaches every published quarter that rests on it, and none else, through the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from pipelines.quarters import Quarter
from pipelines.transform.project import build
from pipelines.warehouse import Warehouse
from tests import warm
from tests.conftest import Office
from tests.integration.broken_deliveries import Contracts, copied

CORRECTED, PUBLISHED, COUNTY = "2022Q1", "2023Q1", "330108"


def editions(office: Office) -> dict[str, str]:
    latest = json.loads((office.warehouse / "editions" / "latest.json").read_bytes())
    return {quarter: each["edition"] for quarter, each in latest.items()}


def asked(office: Office, *command: str) -> str:
    done = warm.i315(*command, cwd=office.cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def tables_unlike_one_build(warehouse: Warehouse, tmp_path: Path) -> list[str]:
    """Tables of a warehouse that a build of all its quarters at once, asked for the same ones, makes otherwise in an empty database."""
    once = Warehouse(tmp_path / "once")
    once.root.mkdir()
    once.landing.symlink_to(warehouse.landing)
    quarters = sorted(Quarter.parse(folder.name) for folder in warehouse.receipts.iterdir())
    with warehouse.connect() as connection:
        found = connection.execute("select quarter from staged_quarters where is_asked order by quarter").fetchall()
    build(once.root, quarters, once.landing, threads=2, asked=[Quarter.parse(quarter) for (quarter,) in found])
    with warehouse.connect() as connection:
        connection.execute(f"attach '{once.database}' as once (read_only)")
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables() where database_name = 'once'").fetchall()]
        assert len(names) > 60
        here, there = "select * from warehouse.main.{0}", "select * from once.main.{0}"
        unlike = f"select count(*) from ((({here}) except all ({there})) union all (({there}) except all ({here})))"
        return [name for name in names if connection.execute(unlike.format(name)).fetchall() != [(0,)]]


def test_a_late_correction_is_published_in_the_quarter_a_year_later_too_and_explained(small: Office, tmp_path: Path) -> None:
    office = copied(small, tmp_path)
    export = Contracts(office, CORRECTED)
    sold = next(each for each in export.records if (each["合同状态"], each["卖方行政区划代码"]) == ("已登记", COUNTY))
    sold["技术交易额(万元)"] = "0"
    export.deliver()

    asked(office, *office.command(CORRECTED)[1:], "--only")
    assert editions(office) == {CORRECTED: "001", PUBLISHED: "001"}
    states = {each["quarter"]: each for each in json.loads(asked(office, "status", "--json", *office.places))}
    assert states[PUBLISHED]["unpublished"] == [f"{CORRECTED} contracts"]

    told = asked(office, *office.command(CORRECTED)[1:])
    assert f"{PUBLISHED}: published before a delivery that they rest on" in told
    assert editions(office) == {CORRECTED: "001", PUBLISHED: "002"}
    revised = rows(office.edition(PUBLISHED, "002") / "revisions.csv")
    own = [row for row in revised if row["region_code"] == COUNTY and row["indicator"] == "TECH_TX_GROWTH"]
    assert [row["period"] for row in own] == [PUBLISHED]
    assert float(own[0]["new"]) > float(own[0]["old"])
    assert {row["cause"].split(" ")[0] + " " + " ".join(row["cause"].split(" ")[1:3]) for row in revised} == {
        f"data: contracts {CORRECTED}"
    }
    before, after = (rows(office.edition(PUBLISHED, number) / "indicators.csv") for number in ("001", "002"))
    changed = {
        (old["region_code"], old["indicator"], old["period"])
        for old, new in zip(before, after, strict=True)
        if (old["value"], old["status"]) != (new["value"], new["status"])
    }
    assert {(row["region_code"], row["indicator"], row["period"]) for row in revised if "/" not in row["indicator"]} == changed

    differing = json.loads(asked(office, "diff", PUBLISHED, "001", "002", "--json", "--warehouse", str(office.warehouse)))
    assert [each["cause"] for each in differing["cells"]] == [row["cause"] for row in revised]
    assert tables_unlike_one_build(Warehouse(office.warehouse), tmp_path) == []
