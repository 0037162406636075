"""Whether an event is one of the OpenLineage specification, as openlineage-python's classes (generated from it) state it.

Stricter than the specification in one point: what it does not name is not admitted, so that a typo is found.
"""

from __future__ import annotations

import datetime as dt
import enum
import importlib
import pkgutil
import types
import typing
import uuid
from typing import Any
from urllib.parse import urlparse

import attr
from openlineage.client import event_v2, generated

_MODULES = [importlib.import_module(f"{generated.__name__}.{module.name}") for module in pkgutil.iter_modules(generated.__path__)]
_FORMATS: dict[str, typing.Callable[[str], object]] = {
    "runId": uuid.UUID,
    "eventTime": dt.datetime.fromisoformat,
    "nominalStartTime": dt.datetime.fromisoformat,
    "nominalEndTime": dt.datetime.fromisoformat,
}


def offences(event: Any) -> list[str]:
    """What is wrong with a run event, each with its path; empty if nothing is."""
    return list(_offences(event, event_v2.RunEvent, "event"))


def _offences(value: Any, kind: Any, path: str) -> typing.Iterator[str]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        # The classes admit None for what is left out; in JSON the specification knows no null.
        yield from min((list(_offences(value, each, path)) for each in arguments if each is not type(None)), key=len)
    elif origin is list:
        for position, each in enumerate(value if isinstance(value, list) else [None]):
            yield from _offences(each, arguments[0], f"{path}[{position}]")
    elif origin is dict:
        for name, each in value.items() if isinstance(value, dict) else [("", None)]:
            yield from _offences(each, _facet_class(each) or arguments[1], f"{path}.{name}")
    elif attr.has(kind):
        yield from _offences_of_object(value, kind, path)
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        if value not in {member.value for member in kind}:
            yield f"{path}: {value!r} is none of {kind.__name__}"
    elif kind is not Any and not isinstance(value, kind):
        yield f"{path}: {value!r} is no {kind.__name__}"


def _offences_of_object(value: Any, kind: type, path: str) -> typing.Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    hints = typing.get_type_hints(kind)
    fields = {each.name: each for each in attr.fields(typing.cast("type[attr.AttrsInstance]", kind))}
    yield from (f"{path}.{name}: not in {kind.__name__}" for name in value.keys() - fields.keys())
    for name, field in fields.items():
        is_needed = field.default is attr.NOTHING or name in ("_producer", "_schemaURL", "producer", "schemaURL")
        if name not in value:
            if is_needed:
                yield f"{path}: without {name}"
            continue
        yield from _offences(value[name], hints[name], f"{path}.{name}")
        if name in _FORMATS:
            _FORMATS[name](value[name])
        if name.lower().endswith("schemaurl") and urlparse(value[name]).fragment != f"/$defs/{kind.__name__}":
            yield f"{path}.{name}: {value[name]} is not of {kind.__name__}"


def _facet_class(facet: Any) -> type | None:
    """The class that a facet's `_schemaURL` names; None if it has none, which its base class then tells."""
    name = str(facet.get("_schemaURL", "")).rpartition("/")[2] if isinstance(facet, dict) else ""
    return next((vars(module)[name] for module in _MODULES if name and name in vars(module)), None)
