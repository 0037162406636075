"""What all commands share: the app, the two streams, options, and how a failure ends a command.

Here: texts for people, exit codes. Not here: commands.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipelines.errors import Failure, InfrastructureError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From the offices' deliveries to editions that can be audited.",
)
WIDEST = 1000
if isinstance(sys.stdout, io.TextIOWrapper):
    # The name of a file may hold bytes that are no text; the error stream shows them so by itself.
    sys.stdout.reconfigure(errors="backslashreplace")
# A file or a pipe has no width; rich would take 80 columns and cut tables to them.
out = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDEST)
err = Console(file=sys.stderr, highlight=False, soft_wrap=True)

DataRaw = Annotated[Path | None, typer.Option("--data-raw", help="The drop folder.")]
WarehouseFolder = Annotated[Path | None, typer.Option("--warehouse", help="The warehouse folder.")]
TaxUrl = Annotated[str | None, typer.Option("--tax-url", help="SQLAlchemy URL of the tax office's database.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show where an error came from.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines instead of text.")]


def reported(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a `Failure` into its lines on the error stream and its exit code."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Failure as failure:
            _report(failure, failure, is_verbose=bool(kwargs.get("verbose")))
        except OSError as error:
            lost = InfrastructureError(
                f"file or folder not usable: found {error.strerror} at {error.filename or 'an open file'}; "
                "expected one that can be read and written; next: check the path, its rights and the disk"
            )
            _report(lost, error, is_verbose=bool(kwargs.get("verbose")))
        except _lost_databases() as error:
            found = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
            lost = InfrastructureError(
                f"database not usable: found {found}; expected those of the ledger and of the run history to be there, whole and writable; "
                "next: check the disk and the database, then run again"
            )
            _report(lost, error, is_verbose=bool(kwargs.get("verbose")))

    return wrapped


def _report(failure: Failure, error: BaseException, *, is_verbose: bool) -> None:
    """Print a failure with what was noted on the error behind it, and exit."""
    if is_verbose:
        traceback.print_exception(error)
    for line in (*failure.lines, *getattr(error, "__notes__", ())):
        err.print(f"error: {line}", style="red", markup=False)
    sys.exit(failure.exit_code)


def _lost_databases() -> tuple[type[Exception], ...]:
    """What the databases' libraries raise when a file or server is lost, full or damaged; none of a library that nobody has loaded."""
    named = {"sqlalchemy.exc": "DBAPIError", "sqlite3": "DatabaseError"}
    return tuple(getattr(sys.modules[module], name) for module, name in named.items() if module in sys.modules)


def day_of(text: str, option: str) -> dt.date:
    """The day written `2023-10-20`; anything else is a usage error of the option."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"not a day: found {text!r}; expected the form 2023-10-20; next: correct {option}") from error


def print_json(document: object) -> None:
    """One JSON document on the output stream and nothing else."""
    out.print(json.dumps(document, ensure_ascii=False, indent=2), markup=False)
