"""Number formats of cells (ECMA-376 part 1, 18.8.31): what a person sees where it is another number than the one that is stored.

Here: formats that scale, hide, or write digits, units and days of their own. Not here: percentages, which are read as shown (cells.py),
and formats that round or group: they show the stored number.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<sign>.)', re.DOTALL)
_CONDITION = re.compile(r"(?P<compared><=|>=|<>|<|>|=)(?P<bound>-?\d+(?:\.\d+)?)")
_COMPARED = {
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
    "=": Decimal.__eq__,
    "<>": Decimal.__ne__,
}
#: Signs of a pattern that shows a number as it is; any other letter is one of a day, an hour or a weekday.
_PLACES, _OF_NUMBERS = "0#?", set("0#?.,+-/()$¥￥€£ \u00a0E:")
#: Words that make a number another one: Chinese powers of ten, and per mille.
_SCALES = re.compile("[十百千万亿兆‰]")

Token = tuple[str, str]


def shown_otherwise(number_format: str, value: float) -> str | None:
    """The text that a format shows for a number, if that is another number, a part of it, or none; None where it shows the stored one."""
    if number_format in ("", "General", "@"):
        return None
    section = _section(number_format, Decimal(repr(value)))
    tokens = _tokens(section)
    literals = "".join(text for kind, text in tokens if kind == "literal")
    signs = [text for kind, text in tokens if kind == "sign"]
    places = [text for text in signs if text in _PLACES]
    is_general = any(kind == "general" for kind, _ in tokens)
    if not places and not is_general:
        # Nothing at all, words alone, or days.
        return literals.strip() or "".join(signs).strip() or "空白"
    is_of_numbers = all(text in _OF_NUMBERS for text in signs if text != "%")
    is_split = any(text == "." for kind, text in _between_places(tokens) if kind == "literal")
    if (
        is_of_numbers
        and not _scale(signs)
        and not is_split
        and signs.count("%") < 2
        and not re.search(r"[0-9０-９]", literals)
        and not _SCALES.search(literals)
    ):
        return None
    return _shown(tokens, Decimal(repr(value))) if is_of_numbers and not is_general else f"{value!r}{literals}"


def _section(number_format: str, value: Decimal) -> str:
    """The part of a format that a value is shown by: by its condition, else by its sign."""
    parts = [""]
    for match in _TOKEN.finditer(number_format):
        if match["sign"] == ";":
            parts.append("")
        else:
            parts[-1] += match[0]
    conditions = [_CONDITION.search(part.split("]")[0]) if part.startswith("[") else None for part in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _COMPARED[condition["compared"]](value, Decimal(condition["bound"])):
                return part
        return parts[-1]
    if value < 0 and len(parts) > 1:
        return parts[1]
    return parts[2] if value == 0 and len(parts) > 2 else parts[0]


def _tokens(section: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(section):
        bracket = match["bracket"]
        if match["quoted"] is not None or match["escaped"] is not None:
            found.append(("literal", match["quoted"] if match["quoted"] is not None else match["escaped"]))
        elif match["general"]:
            found.append(("general", ""))
        elif bracket is not None:
            # A currency's sign, or an hour, minute or second without end; colours, conditions and languages show nothing.
            found += [("literal", bracket[1:].split("-")[0])] if bracket.startswith("$") else []
            found += [("sign", "h")] if bracket.lower().strip("hms") == "" else []
        elif match["sign"]:
            found.append(("literal" if ord(match["sign"]) > 0x2E80 or match["sign"] == "‰" else "sign", match["sign"]))
    return found


def _between_places(tokens: list[Token]) -> list[Token]:
    places = [index for index, (kind, text) in enumerate(tokens) if kind == "sign" and text in _PLACES]
    return tokens[places[0] : places[-1]] if places else []


def _scale(signs: list[str]) -> int:
    """How many times a format divides by a thousand: commas behind the last place before the point."""
    pattern = "".join(signs).split(".")
    return sum(len(found) for part in pattern for found in re.findall(r"(?<=[0#?])(,+)(?![0#?,])", part))


def _shown(tokens: list[Token], value: Decimal) -> str:
    """The text, its digits put into the places from the right as spreadsheets do."""
    signs = [text for kind, text in tokens if kind == "sign"]
    decimals = sum(text in _PLACES for text in signs[signs.index(".") :]) if "." in signs else 0
    scaled = abs(value) / Decimal(1000) ** _scale(signs) * Decimal(100) ** signs.count("%")
    digits = str(scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)).replace(".", "")
    places = [index for index, (kind, text) in enumerate(tokens) if kind == "sign" and text in _PLACES]
    digits = digits.rjust(len(places), "0")
    taken = dict(zip(reversed(places), reversed(digits), strict=False))
    taken[places[0]] = digits[: len(digits) - len(places) + 1]
    shown = "".join(
        taken.get(index, "" if kind == "sign" and text in (*_PLACES, ",") else text) for index, (kind, text) in enumerate(tokens)
    )
    return f"-{shown}" if value < 0 and "-" not in shown else shown
