"""The floor under a run, written by hand: every delivered column decoded and loaded once, the quarter's indicators computed, nothing else.

`python floor.py DATA_RAW QUARTER OUT.csv`. No contract is checked, no row judged, no unit read, nothing archived, traced or scored, so
that its values are right only where the deliveries are clean; how many agree with an edition is printed by the benchmark that runs it.
"""

from __future__ import annotations

import io
import re
import sqlite3
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
from pyarrow import feather
from python_calamine import CalamineWorkbook

_COLUMNS = """contract_no contract_name category signed_on registered_on seller_name seller_uscc seller_region seller_kind buyer_name
buyer_uscc buyer_country buyer_region contract_amount tech_amount tech_field ip_type social_goal state changed_on"""
CONTRACTS = _COLUMNS.split()
SHEETS = {
    "规上工业": "region name ind_va ind_va_growth ht_va ht_va_growth revenue rd rd_growth",
    "投资": "region name fai fai_growth ht_inv ht_inv_growth",
    "地区生产总值": "region name gdp gdp_growth",
    "全社会研发": "region name rd gdp staff employed",
    "规上企业": "uscc name region industry is_ht catalogue va revenue rd",
    "孵化载体": "carrier name kind level region operator recognised area office rooms public other firms jobs graduated area_new revenue",
    "在孵企业": "carrier name uscc entered left state jobs funding",
    "台账": "code name region period as_of value numerator denominator unit scope source",
    "目标": "code year region target unit source",
}
TAX = {
    "dj_nsrxx": "djxh nsrsbh nsrmc xzqh_dm hy_dm djrq nsrzt_dm xgrq",
    "sb_zzs": "sbxh djxh skssq_q skssq_z xse ynse ms_jsxse sbrq",
    "sb_yfjjkc": "sbxh djxh skssq_q skssq_z sblx_dm xmsl yffy_gj jjkc_je sbrq",
}
CHUNK = 100_000


def decode_contracts(path: Path) -> pa.Table:
    """One export of the registry as text columns."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        content = content.decode("gb18030").encode()
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(CONTRACTS, pa.string()), strings_can_be_null=True, check_utf8=False)
    read = pyarrow.csv.ReadOptions(column_names=CONTRACTS, skip_rows=1, use_threads=False, block_size=1 << 24)
    ragged = pyarrow.csv.ParseOptions(newlines_in_values=False, invalid_row_handler=lambda row: "skip")
    return pyarrow.csv.read_csv(io.BytesIO(content), read, ragged, options)


def decode_workbook(path: Path) -> dict[str, pa.Table]:
    """Every sheet that is known, from the row below its header, as text columns."""
    workbook, found = CalamineWorkbook.from_path(path), {}
    for sheet in workbook.sheet_names:
        if sheet in SHEETS:
            names = SHEETS[sheet].split()
            rows = [row[: len(names)] for row in workbook.get_sheet_by_name(sheet).to_python()]
            columns = [list(map(text, column)) for column in zip(*rows, strict=True)]
            found[sheet] = pa.table(dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True)))
    return found


def text(cell: object) -> str | None:
    """A cell as text."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip() or None


def decode_tax(database: Path) -> dict[str, pa.Table]:
    """The three tables as they are."""
    found = {}
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for table, columns in TAX.items():
        cursor, names = connection.execute(f"select {', '.join(columns.split())} from {table}"), columns.split()
        batches = []
        while chunk := cursor.fetchmany(CHUNK):
            batches.append(pa.table([pa.array(column) for column in zip(*chunk, strict=True)], names=names))
        found[table] = pa.concat_tables(batches, promote_options="permissive")
    return found


def decode(kind: str, path: Path, folder: Path) -> dict[str, Path]:
    """What a worker does with one delivery: its tables, as files that the other process maps instead of copying."""
    tables = decode_tax(path) if kind == "tax" else {"contracts": decode_contracts(path)} if kind == "contracts" else decode_workbook(path)
    files = {name: folder / f"{path.parent.parent.name}_{path.name}_{name}.arrow" for name in tables}
    for name, file in files.items():
        feather.write_feather(tables[name], file, compression="uncompressed")
    return files


INDICATORS = """
create view contract as select *, try_cast(tech_amount as decimal(28, 6)) * 10000 as yuan,
    try_cast(regexp_replace(replace(registered_on, '日', ''), '[/.年月]', '-', 'g') as date) as day
from contracts where state in ('已登记', '变更');
create view division as select code, city_code, level from read_csv(getvariable('divisions'), all_varchar = true)
where valid_from <= getvariable('last')::varchar and (valid_to is null or valid_to >= getvariable('last')::varchar);
create view counted as
select 'TECH_TX' as indicator, quarter, seller_region as region, yuan as amount from contract where day <= last_day
union all select 'TECH_IN', quarter, buyer_region, yuan from contract where day <= last_day
union all select 'TECH_N', quarter, seller_region, 1 from contract where day <= last_day
union all
select unnest(['TAX_RD', 'TAX_RD_N']), getvariable('quarter'), xzqh_dm,
    unnest([yffy_gj::decimal(28, 6), (yffy_gj > 0)::int::decimal(28, 6)])
from (
    select *, row_number() over (partition by djxh order by skssq_z desc, sblx_dm, sbrq desc, sbxh desc) as nth from sb_yfjjkc
    where skssq_z between getvariable('first') and getvariable('last')
) as filed inner join dj_nsrxx using (djxh) where nth = 1
union all
select 'TAX_TECH', getvariable('quarter'), xzqh_dm, ms_jsxse from (
    select *, row_number() over (partition by djxh, skssq_z order by sbrq desc, sbxh desc) as nth from sb_zzs
    where skssq_z between getvariable('first') and getvariable('last')
) as filed inner join dj_nsrxx using (djxh) where nth = 1
union all
select case kind when '孵化器' then 'INC_N' else 'MS_N' end, quarter, region, 1 from carriers
where regexp_matches(level, '国家级|省级|市级')
union all
select unnest(['INC_AREA_NEW', 'INC_GRAD']), quarter, region,
    unnest([try_cast(area_new as decimal(28, 6)), try_cast(graduated as decimal(28, 6))])
from carriers
union all
select unnest(['INC_FIRMS', 'INC_JOBS']), quarter, region, unnest([1, try_cast(jobs as decimal(28, 6))]) from (
    select tenant.quarter, carrier.region, tenant.jobs,
        row_number() over (partition by tenant.quarter, carrier.region, uscc order by carrier) as nth
    from tenants as tenant
    inner join carriers as carrier using (quarter, carrier) where state = '在孵'
) as tenant where nth = 1;
create view cell as
select indicator, quarter, unnest([region, city_code, '330000']) as region, amount from (
    select indicator, quarter, region, city_code, sum(amount) as amount
    from counted inner join division on division.code = counted.region and level in ('c', 'r') group by all
) as of_county;
create view delivered as
select quarter, region, unnest(['GDP']) as indicator, unnest([try_cast(gdp as decimal(28, 6)) * 10000]) as amount from gdp
union all select quarter, region, unnest(['HT_VA', 'IRD_AMT', 'IND_VA', 'REVENUE']),
    unnest([try_cast(each as decimal(28, 6)) * 1000 for each in [ht_va, rd, ind_va, revenue]])
from industry
union all select quarter, region, unnest(['FAI', 'HT_INV']),
    unnest([try_cast(each as decimal(28, 6)) * 10000 for each in [fai, ht_inv]])
from investment;
create view amount as
select indicator, quarter, region, sum(amount)::decimal(38, 6) as amount from cell where region is not null group by all
union all select indicator, quarter, region, amount from delivered;
create table value as
select region, indicator, amount::double / case
    when indicator in ('TECH_N', 'TAX_RD_N', 'INC_N', 'MS_N', 'INC_FIRMS', 'INC_JOBS', 'INC_GRAD') then 1
    when indicator = 'INC_AREA_NEW' then 10000 else 1e8 end as value
from amount where quarter = getvariable('quarter') and indicator not in ('IND_VA', 'REVENUE', 'FAI', 'HT_INV')
union all
select now.region, name, factor * now.amount / nullif(base.amount, 0) from amount as now
inner join (values ('TECH_TX_GDP', 'TECH_TX', 'GDP', 100), ('IRD_REV', 'IRD_AMT', 'REVENUE', 100), ('HT_SHARE', 'HT_VA', 'IND_VA', 100),
    ('HT_INV_SHARE', 'HT_INV', 'FAI', 100)) as ratio (name, top, bottom, factor) on now.indicator = top
inner join amount as base on base.indicator = bottom and base.quarter = now.quarter and base.region = now.region
where now.quarter = getvariable('quarter')
union all
select now.region, 'TECH_TX_GROWTH', 100 * (now.amount - base.amount) / nullif(base.amount, 0) from amount as now
inner join amount as base using (indicator, region)
where indicator = 'TECH_TX' and now.quarter = getvariable('quarter') and base.quarter = getvariable('base')
union all
select region, unnest(['IRD_GROWTH', 'HT_VA_GROWTH']), unnest([try_cast(rd_growth as double), try_cast(ht_va_growth as double)])
from industry
where quarter = getvariable('quarter')
union all select region, 'HT_INV_GROWTH', try_cast(ht_inv_growth as double) from investment where quarter = getvariable('quarter')
union all
select region, unnest(['RD_GDP', 'RD_STAFF']), unnest([100 * try_cast(rd as double) / try_cast(gdp as double),
    10000 * try_cast(staff as double) / try_cast(employed as double)]) from research
where quarter = (select max(quarter) from research)
union all select region, code, try_cast(value as double) from programmes where period = getvariable('quarter');
"""
TABLES = {
    "规上工业": "industry", "投资": "investment", "地区生产总值": "gdp", "全社会研发": "research", "规上企业": "enterprises",
    "孵化载体": "carriers", "在孵企业": "tenants", "台账": "programmes", "目标": "targets", "contracts": "contracts",
}  # fmt: skip


def main(data_raw: Path, quarter: str, out: Path) -> None:
    """Load all deliveries and write the quarter's values."""
    deliveries = [(path.parent.name, path) for path in data_raw.glob("[0-9]*Q[1-4]/*/*") if path.parent.parent.name <= quarter]
    in_force = {(path.parent.parent.name, kind): path for kind, path in sorted(deliveries, key=lambda each: received(each[1]))}
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    work = sorted([("tax", data_raw / "tax.sqlite"), *deliveries], key=lambda each: -each[1].stat().st_size)
    with ProcessPoolExecutor(2) as two, tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        kinds, paths = zip(*work, strict=True)
        for kind, path, files in zip(kinds, paths, two.map(decode, kinds, paths, [Path(folder)] * len(work)), strict=True):
            its_quarter = path.parent.parent.name
            if kind == "tax":
                for name, file in files.items():
                    connection.register("rows", feather.read_table(file, memory_map=True))
                    connection.execute(f"create table {name} as select * from rows")
            elif in_force[its_quarter, kind] == path:
                for name, file in files.items():
                    connection.register("rows", feather.read_table(file, memory_map=True))
                    of_quarter = f"select *, '{its_quarter}' as quarter, date '{last_day(its_quarter)}' as last_day from rows"
                    connection.execute(f"create table if not exists {TABLES[name]} as from ({of_quarter}) limit 0")
                    connection.execute(f"insert into {TABLES[name]} {of_quarter}")
    divisions = Path(__file__).parents[2] / "dbt_project" / "seeds" / "divisions.csv"
    year = int(quarter[:4])
    days = {"first": f"{year}-01-01", "last": last_day(quarter)}
    variables = {"divisions": str(divisions), "quarter": quarter, "base": f"{year - 1}{quarter[4:]}"} | days
    for name, value in variables.items():
        connection.execute(f"set variable {name} = '{value}'")
    connection.execute(INDICATORS)
    connection.execute("copy (select * from value where value is not null order by all) to $1 (format csv)", [str(out)])


def last_day(quarter: str) -> str:
    """The last day of a quarter in ISO form."""
    return quarter[:4] + {"1": "-03-31", "2": "-06-30", "3": "-09-30", "4": "-12-31"}[quarter[5]]


def received(path: Path) -> tuple[str, int]:
    """Day and number of a delivery's receipt."""
    match = re.match(r"(\d{8})(?:-(\d+))?_", path.name)
    return (match[1], int(match[2] or 1)) if match else ("", 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
