"""Commands of those who ask: what would another rule or value give, why did a place change, what are margins.

Here: options and what is printed. Not here: work. They only read files and import neither Dagster nor Great Expectations.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.common import Json, Verbose, WarehouseFolder, app, out, print_json, reported
from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pipelines.whatif.answer import Answer
    from pipelines.whatif.explanation import Explanation


@app.command()
@reported
def whatif(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q3.")],
    ruleset: Annotated[Path | None, typer.Option(help="Other rules: a ruleset file, drafts too.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="REGION.INDICATOR=VALUE in the catalogue's unit; repeatable.")] = None,
    include: Annotated[str, typer.Option(help="Firms to count as high-tech: codes (统一社会信用代码), separated by commas.")] = "",
    without: Annotated[str, typer.Option(help="Indicators to leave out, separated by commas.")] = "",
    target: Annotated[str | None, typer.Option(help="HT_SHARE=88: what it still takes; the ledger's target if left out.")] = None,
    edition: Annotated[str | None, typer.Option(help="An edition, such as 001; the one in force if left out.")] = None,
    family: Annotated[str | None, typer.Option(help="Which of the edition's rules; those that rank the most counties if left out.")] = None,
    region: Annotated[str | None, typer.Option(help="One county, by code or name; those that move if left out.")] = None,
    with_margins: Annotated[
        bool, typer.Option("--margins", help="How near --region is to a star, by points, indicators and path.")
    ] = False,
    with_why: Annotated[bool, typer.Option("--why", help="Effects of data and rules on totals and places, adding up.")] = False,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Stars, places and points beside the official ones, under other rules, values or firms."""
    if with_margins and region is None:
        raise UsageError("--margins: found no county; expected --region CODE, whose margins are looked for")
    from pipelines.warehouse import Warehouse
    from pipelines.whatif.answer import Question, answer
    from pipelines.whatif.quick_start import spare_pandas
    from pipelines.whatif.rendering import document, show

    gc.disable()  # A short life: looking for garbage would take a twentieth of it.
    spare_pandas()
    asked = Question(quarter, ruleset, settings or [], _listed(include), _listed(without), target, edition, region, family)
    found = answer(asked, Warehouse(load_settings(warehouse=warehouse).warehouse))
    documents = document(found) if as_json else {}
    if not as_json:
        show(found, out)
    if with_why:
        from pipelines.whatif.reasons import why_amended

        documents |= {"why": _tell_why(why_amended(found), found.names, region, as_json)}
    if with_margins:
        documents |= {"margins": _tell_margins(found, as_json)}
    if as_json:
        print_json(documents)


def _tell_why(found: Explanation, names: dict[str, str], region: str | None, as_json: bool) -> dict[str, Any] | None:
    """Print an explanation of all counties or of one, or give it for machines."""
    from pipelines.whatif.telling import explanation_document, show_explanation

    units = [unit for unit in found.units if region in (None, unit.unit, names.get(unit.unit))]
    if as_json:
        return explanation_document(found, names, units)
    show_explanation(found, names, units, out)
    return None


def _tell_margins(found: Answer, as_json: bool) -> dict[str, Any] | None:
    """Print the margins of the county asked for in both scenarios, or give them for machines."""
    from pipelines.whatif.near_stars import near_stars
    from pipelines.whatif.telling import near_stars_document, show_near_stars

    (county,) = found.shown
    sides = {"official": found.official, "whatif": found.whatif}
    if found.is_unamended:
        sides.pop("whatif")
    margins = {name: near_stars(side, found.quarter, county) for name, side in sides.items() if county in side.standings}
    if as_json:
        return {name: near_stars_document(each) for name, each in margins.items()}
    for name, each in margins.items():
        show_near_stars(each, f"{county} {found.names.get(county, '')}, {name}", out)
    return None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@app.command()
@reported
def score(
    values: Annotated[Path, typer.Argument(help="VALUES.csv: unit, period, indicator, value and optionally state.")],
    ruleset: Annotated[Path, typer.Option("--ruleset", help="The ruleset, a YAML file.")],
    out_folder: Annotated[Path, typer.Option("--out", help="The folder of the results: new, or earlier results, which are replaced.")],
    units: Annotated[Path | None, typer.Option("--units", help="UNITS.csv: unit and a column for each peer group or attribute.")] = None,
    events: Annotated[Path | None, typer.Option("--events", help="EVENTS.csv: unit, period, event, count.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Only this period.")] = None,
    draws: Annotated[int | None, typer.Option("--draws", min=1, max=1_000_000, help="Also robustness.csv, over so many draws.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, max=2**31 - 1, help="The seed of the draws.")] = None,
    allow_unused: Annotated[
        bool, typer.Option("--allow-unused", help="Go on where rows match no unit, indicator, event or period; unused.csv lists them.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Score any table of values under any ruleset, through the very models of the editions."""
    from pipelines.rulesets.outside import score_files

    if seed is not None and draws is None:
        raise UsageError("--seed: found it without --draws; expected both")
    periods = score_files(
        values,
        ruleset,
        out_folder,
        units,
        events,
        period,
        draws,
        seed,
        allow_unused=allow_unused,
        tell=lambda line: out.print(line, markup=False),
    )
    out.print(f"{', '.join(periods)} scored in {out_folder}; weights and cut-offs are those of the ruleset given", markup=False)


@app.command("explain")
@reported
def explain_places(
    quarter: Annotated[str, typer.Argument(help="A published quarter, such as 2023Q4.")],
    against: Annotated[str | None, typer.Option(help="The quarter to compare with; the one before if left out.")] = None,
    family: Annotated[str | None, typer.Option(help="Which of the edition's rules; those that rank the most counties if left out.")] = None,
    region: Annotated[str | None, typer.Option(help="One county, by code or name, with the part of each indicator.")] = None,
    as_json: Json = False,
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Why totals, places and stars changed between two quarters: data, rules and membership apart, adding up exactly."""
    from pipelines.warehouse import Warehouse
    from pipelines.whatif.edition import open_edition
    from pipelines.whatif.reasons import why

    place = Warehouse(load_settings(warehouse=warehouse).warehouse)
    after = Quarter.parse(quarter)
    before = Quarter.parse(against) if against else after.plus(-1)
    editions = open_edition(place, before, None), open_edition(place, after, None)
    county = editions[1].county(region, "--region") if region else None
    names = {code: row["region_name"] for code, row in editions[1].regions.items()}
    document = _tell_why(why(*editions, family), names, county, as_json)
    if as_json:
        print_json(document)
    else:
        out.print("illustrative weights and star cut-offs, not those of the authorities", markup=False)


@app.command()
@reported
def vintages(
    out_file: Annotated[Path, typer.Option("--out", help="Where the table is written; checked in, it is dbt_project/seeds/revisions.csv.")],
    warehouse: WarehouseFolder = None,
    verbose: Verbose = False,
) -> None:
    """Measure how published values were revised, first edition against newest, for the draws that rulesets ask for."""
    from pipelines.durable import write_bytes
    from pipelines.editions.vintages import measure, seed_file
    from pipelines.warehouse import Warehouse

    changes = measure(Warehouse(load_settings(warehouse=warehouse).warehouse))
    write_bytes(out_file, seed_file(changes))
    revised = sum(cells for (_, kind, change), cells in changes.items() if change != (1 if kind == "ratio" else 0))
    out.print(f"{revised} of {changes.total()} cells were revised; written to {out_file}", markup=False)
