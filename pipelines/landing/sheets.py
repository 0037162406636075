"""A sheet's rows as a table of the contract.

Here: finding title, unit, header, body and footnotes, and rejecting a sheet that is not what the contract says.
Not here: reading workbooks, or writing Parquet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import Code, DeliveryRejected, Problem
from pipelines.feeds import Field, Table
from pipelines.feeds.contract import plain
from pipelines.feeds.statistics import UNITS
from pipelines.landing import periods
from pipelines.landing.body import blank_rows, first_footnote, repeated_rows
from pipelines.landing.headers import HeaderPath, known_and_others, match_columns, named
from pipelines.landing.workbook.reader import Grid, Row, Workbook
from pipelines.quarters import Quarter

#: How the reader marks a number that its format shows as another one.
SHOWN_OTHERWISE = "〔格式 "
_BOTH = re.compile(r"(?P<stored>\S+) 〔格式 .* 显示为 (?P<shown>.*)〕", re.DOTALL)
_STATED = re.compile(r"[(](.*?)[)]")
_UNIT = re.compile(r"[(\[]?(?:计量|金额)?单位:(.*?)[)\]]?")


@dataclass(frozen=True)
class SheetTable:
    """The body of a sheet: per row its sheet row number (int32), and a text column per field of the contract, in its order.

    `constants` are what the sheet says about all of them (title, unit, period), in the order of `Table.extra_fields`;
    `positions` are the sheet's columns by field, counted from 0.
    """

    table: Table
    numbers: pa.Array
    columns: list[pa.Array]
    constants: dict[str, str]
    notes: list[str]
    positions: dict[str, int]


def read_sheet(workbook: Workbook, table: Table, quarter: Quarter, file_name: str) -> SheetTable:
    """The table of one sheet; `DeliveryRejected` names what breaks the contract."""
    grid = workbook.grids.get(table.sheet)
    if grid is None:
        raise _missing_sheet(workbook, table, file_name)
    check = _SheetCheck(table, grid, quarter, file_name, is_from_1904=workbook.is_from_1904)
    return check.statistics() if table.layout == "statistics" else check.plain_table()


def _missing_sheet(workbook: Workbook, table: Table, file_name: str) -> DeliveryRejected:
    hidden = [name for name, state in workbook.present if state != "visible" and plain(name) == plain(table.sheet)]
    sheets = ", ".join(name if state == "visible" else f"{name} (hidden)" for name, state in workbook.present)
    found = f"a hidden sheet of that name; sheets {sheets}" if hidden else f"sheets {sheets or 'none'}"
    step = "ask the office for the whole workbook with that sheet visible and named so"
    expected = f"a visible sheet {table.sheet}"
    return DeliveryRejected(Problem("sheet_missing", file_name, found, expected, step, sheet=table.sheet, value=_names(workbook)))


def _names(workbook: Workbook) -> str:
    return "、".join(name if state == "visible" else f"{name}(隐藏)" for name, state in workbook.present)


class _SheetCheck:
    """One sheet against its contract."""

    def __init__(self, table: Table, grid: Grid, quarter: Quarter, file_name: str, *, is_from_1904: bool) -> None:
        self.table, self.grid, self.quarter, self.file_name, self.is_from_1904 = table, grid, quarter, file_name, is_from_1904

    def plain_table(self) -> SheetTable:
        """Header in row 1, body below."""
        header = next(self.grid.rows(), [])
        paths: list[HeaderPath] = [(plain(cell),) if cell and plain(cell) else () for cell in header]
        return self._table(paths, header_row=1, body_from=1, constants={}, ends_at_footnote=False)

    def statistics(self) -> SheetTable:
        """Title, unit, one or two header rows, body, footnotes."""
        top = self._header_index()
        title = next((cell for row in self.grid.rows(0, top) for cell in row if cell and cell.strip()), "")
        constants = {"title": title, "unit": self._unit(top), "period": self._period(title)}
        has_groups = self._is_second_header(top + 1)
        paths = self._paths(top, has_groups=has_groups)
        return self._table(paths, header_row=top + 1, body_from=top + 1 + has_groups, constants=constants, ends_at_footnote=True)

    def _rejected(self, code: Code, found: str, expected: str, next_step: str, place: str = "", value: str = "") -> DeliveryRejected:
        return DeliveryRejected(Problem(code, self.file_name, found, expected, next_step, self.table.sheet, place, value))

    def _anchors(self) -> set[str]:
        field = next(field for field in self.table.fields if field.name == self.table.anchor)
        return {path[0] for path in field.paths()}

    def _header_index(self) -> int:
        anchors = self._anchors()
        groups = {path[0] for field in self.table.fields for path in field.paths() if len(path) > 1}
        above: Row = []
        for index, row in enumerate(self.grid.rows()):
            if any(cell and plain(cell) in anchors for cell in row):
                # A heading that stands beside the groups' columns instead of beside the groups has them in the row above.
                return index - any(cell and plain(cell) in groups for cell in above)
            above = row
        head = [cell for row in self.grid.rows(0, 5) for cell in row if cell]
        raise self._rejected(
            "column_missing",
            f"no header row; the first rows hold {known_and_others(head)}",
            f"a header row with {self.table.fields[0].header}",
            "ask the office for a delivery with every column of the contract under its name",
            value=self.table.fields[0].label,
        )

    def _unit(self, top: int) -> str:
        cells = [plain(cell) for row in self.grid.rows(0, top) for cell in row if cell]
        units = {match[1] for cell in cells if (match := _UNIT.fullmatch(cell))}
        if len(units) != 1 or not units <= set(UNITS):
            raise self._rejected(
                "unit_unknown",
                "unit " + (", ".join(sorted(units)) if units else "not stated"),
                "单位: with one of " + ", ".join(UNITS),
                "ask the office to state the unit above the header",
                place=f"rows 1 to {top}" if top else "",
                value="、".join(sorted(units)),
            )
        return units.pop()

    def _period(self, title: str) -> str:
        if self.table.period == "year_before":
            found, expected = periods.year_in_title(title), str(self.quarter.year - 1)
        else:
            found, expected = periods.quarter_in_title(title), str(self.quarter)
        if found != expected:
            raise self._rejected(
                "period_mismatch",
                f"{found or 'no period'} in the title {title!r}",
                f"{expected}, as the folder {self.quarter} says",
                "move the file to the folder of its quarter, or ask the office for the right one",
                place="row 1",
                value=title,
            )
        return expected

    def _is_second_header(self, index: int) -> bool:
        leaves = {path[-1] for field in self.table.fields for path in field.paths() if len(path) > 1}
        return any(cell and plain(cell) in leaves for row in self.grid.rows(index, index + 1) for cell in row)

    def _paths(self, top: int, *, has_groups: bool) -> list[HeaderPath]:
        upper, *lowers = self.grid.rows(top, top + 2)
        if not has_groups:
            return [(plain(cell),) if cell and plain(cell) else () for cell in upper]
        (lower,) = lowers
        paths: list[HeaderPath] = []
        group = ""
        for column in range(max(len(upper), len(lower))):
            own = plain(_cell(upper, column) or "")
            leaf = plain(_cell(lower, column) or "")
            # A group's text stands in its first column only, merged or merely centred over the others.
            group = own or self._group_over(top, column, group)
            paths.append(tuple(part for part in (group, leaf if leaf != group else "") if part) if leaf or own else ())
        return paths

    def _group_over(self, top: int, column: int, group_before: str) -> str:
        """The group of a column without a text of its own: that of the merged range it lies in, else the one to its left.

        A merged range to the left ends where it ends, so what follows it without a text has no group.
        """
        for first_row, left, last_row, right in self.grid.merges:
            if first_row <= top + 1 <= last_row:
                if left <= column + 1 <= right:
                    return plain(self.grid.cell(first_row - 1, left - 1) or "")
                if right == column:
                    return ""
        return group_before

    def _table(
        self, paths: list[HeaderPath], *, header_row: int, body_from: int, constants: dict[str, str], ends_at_footnote: bool
    ) -> SheetTable:
        positions, notes = match_columns(self.table, paths, self.file_name, f"row {header_row}")
        anchor = positions[self.table.anchor] if self.table.anchor else 0
        grid, filled = self._with_spans_filled(positions, body_from)
        end = first_footnote(grid, body_from, anchor, list(positions.values())) if ends_at_footnote else grid.height
        if end < grid.height:
            notes.append(f"sheet {self.table.sheet}: footnotes from row {end + 1}")
        body = [column[body_from:end] for column in grid.columns]
        picked = [positions[field.name] for field in self.table.fields]
        headers = [[_cell(row, position) for position in picked] for row in grid.rows(header_row - 1, body_from)]
        is_blank = blank_rows(body)
        is_repeat = pc.and_not(repeated_rows([body[position] for position in picked], headers), is_blank)
        numbers = pa.array(range(body_from + 1, end + 1), pa.int32())
        is_draft = self._drafts(numbers, body, positions)
        is_kept = pc.invert(pc.or_(pc.or_(is_blank, is_repeat), is_draft))
        drafts = numbers.filter(is_draft).to_pylist()
        notes += [f"sheet {self.table.sheet}: hidden rows left out, as shown ones have their keys: {named(drafts)}"] if drafts else []
        numbers = numbers.filter(is_kept)
        self._refuse_other_spans(positions, numbers)
        for count, what in (
            (is_blank.true_count, "blank rows skipped"),
            (is_repeat.true_count, "repetitions of the header among the rows left out"),
            (filled, "cells taken from the merged range that they lie in"),
        ):
            notes += [f"sheet {self.table.sheet}: {count} {what}"] if count else []
        if not len(numbers):
            step = "ask the office for the delivery with its rows"
            raise self._rejected("body_empty", "no row below the header", "at least one", step, place=f"row {body_from + 1}")
        columns = [self._read(field, body[positions[field.name]].filter(is_kept), constants) for field in self.table.fields]
        return SheetTable(self.table, numbers, columns, constants, [*notes, *self.grid.notes], positions)

    def _drafts(self, numbers: pa.Array, body: list[pa.Array], positions: dict[str, int]) -> pa.Array:
        """Which rows nobody sees, and have the key of a row that is seen: drafts and older figures, which that row replaces."""
        is_hidden = [number in self.grid.hidden for number in numbers.to_pylist()]
        if not any(is_hidden) or not self.table.key:
            return pa.repeat(pa.scalar(False), len(numbers))
        texts = zip(*(body[positions[name]].to_pylist() for name in self.table.key), strict=True)
        keys = [tuple(plain(text or "") for text in key) for key in texts]
        seen = {key for key, hidden in zip(keys, is_hidden, strict=True) if not hidden and any(key)}
        return pa.array([hidden and key in seen for key, hidden in zip(keys, is_hidden, strict=True)], pa.bool_())

    def _read(self, field: Field, column: pa.Array, constants: dict[str, str]) -> pa.Array:
        """A column as staging may read it: numbers shown otherwise where the unit agrees, bare day numbers from 1904 marked."""
        if self.is_from_1904 and field.is_day:
            is_bare = pc.fill_null(pc.match_substring_regex(column, r"^[0-9]+([.][0-9]+)?$"), False)
            column = pc.if_else(is_bare, pc.binary_join_element_wise(column, "〔从1904年起计的日数〕", " "), column)
        if not pc.any(pc.match_substring(column, SHOWN_OTHERWISE)).as_py():
            return column
        stated = _STATED.search(plain(field.header))
        unit = constants.get("unit") or (stated[1] if stated else "")
        return pa.array([_agreed(text, unit) for text in column.to_pylist()], pa.string())

    def _with_spans_filled(self, positions: dict[str, int], body_from: int) -> tuple[Grid, int]:
        """The grid with a merged range's text in its other rows where the contract lets a column span rows; the number of cells."""
        may_span = {positions[field.name] for field in self.table.fields if field.may_span}
        columns, filled = list(self.grid.columns), 0
        for position in may_span:
            merges = [merge for merge in self.grid.merges if merge[0] > body_from and merge[1] == merge[3] == position + 1]
            cells = columns[position].to_pylist() if merges else []
            for top, _, bottom, _ in merges:
                rows = range(top, min(bottom, len(cells)))
                for row in rows:
                    cells[row] = cells[top - 1]
                filled += len(rows)
            columns[position] = pa.array(cells, pa.string()) if merges else columns[position]
        return replace(self.grid, columns=columns), filled

    def _refuse_other_spans(self, positions: dict[str, int], kept: pa.Array) -> None:
        """A merged amount or key of several rows belongs to none of them alone."""
        numbers = set(kept.to_pylist()) if any(bottom > top for top, _, bottom, _ in self.grid.merges) else set()
        for field in self.table.fields:
            column = positions[field.name] + 1
            for top, left, bottom, right in self.grid.merges:
                if bottom > top and left <= column <= right and top in numbers and not (field.may_span and left == right):
                    raise self._rejected(
                        "body_merged",
                        f"cells of rows {top} to {bottom} merged in column {field.label}",
                        "every row with cells of its own",
                        "ask the office to unmerge the cells and to fill in every row",
                        place=f"rows {top} to {bottom}",
                        value=field.label,
                    )


def _agreed(text: str | None, unit: str) -> str | None:
    """The stored number where what its format shows is that number in the column's unit; else the text with both."""
    found = _BOTH.fullmatch(text or "")
    return found["stored"] if found and unit and found["shown"] == f"{found['stored']}{unit}" else text


def _cell(row: Row, column: int) -> str | None:
    return row[column] if column < len(row) else None
