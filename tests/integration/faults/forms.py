"""Forms in which a value may come: the same value written otherwise, a value that nobody can be sure of, and the marks of no value.

Here: from the value as the sample writes it to other texts and cells, by type of column. Not here: which columns there are, what must
come of a form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["same", "unsure", "none"]
FULL_WIDTH = str.maketrans(
    "0123456789.-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "０１２３４５６７８９．－ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
)
#: feeds.md, section 1: no value, never zero.
MARKS = ("-", "—", "——", "…", "……", "*", "－", "＊", "  ", "\u3000")


class Form(NamedTuple):
    """A text, and what it is: the `same` value, one to be `unsure` of, `none`. In a workbook `cell` (attributes, content) stands for it,

    formatted by `style`: a number format, or `struck`.
    """

    kind: Kind
    words: str
    text: str
    cell: tuple[str, str] | None = None
    style: str = ""


def runs(*texts: tuple[str, str]) -> tuple[str, str]:
    """A cell of rich text: each run with its properties."""
    made = "".join(f"<r><rPr>{properties}</rPr><t>{text}</t></r>" for properties, text in texts)
    return ' t="inlineStr"', f"<is>{made}</is>"


HARMLESS = ("0", "0.00", "#,##0", "#,##0.00_ ", "@", "General", "0_);(0)", "[Red]0", "0.00E+00", "# ?/?", "[$-804]0.0")
SCALING = (
    *("0!.0,", '0,"千元"', "0.0,,", "#,##0,", "0.00,", r"0\.0,", "0.000,,;-0.000,,", "[>=0.01]0!.0,;0", "0‰", '0"1"', "0!1", ";;;"),
    *('"已核实"', "yyyy-mm-dd", "mm:ss", "[h]:mm", "aaaa", '"1"0'),
)


def number_cells(value: str, *, is_percent: bool) -> Iterator[Form]:
    """Cells of a workbook that hold a number above zero."""
    number = ("", f"<v>{value}</v>")
    yield from (Form("same", f"shown by {style}", value, number, style) for style in HARMLESS)
    yield from (Form("unsure", f"shown by {style}", value, number, style) for style in SCALING)
    for style in ("0%", "0.00%", "#,##0.0%;-0.0%"):
        if is_percent:
            yield Form("same", f"a share shown by {style}", value, ("", f"<v>{float(value) / 100!r}</v>"), style)
        else:
            yield Form("unsure", f"shown by {style}", value, number, style)
    mark, raised, lowered, struck = "", '<vertAlign val="superscript"/>', '<vertAlign val="subscript"/>', "<strike/>"
    yield Form("same", "two runs", value, runs((mark, value[:1]), ("<b/>", value[1:])) if len(value) > 1 else runs((mark, value)))
    yield Form("same", "a footnote's number set high", value, runs((mark, value), (raised, "1")))
    yield Form("same", "a footnote's sign set high", value, runs((mark, value), (raised, "①")))
    yield Form("same", "a number set low", value, runs((mark, value), (lowered, "2")))
    yield Form("same", "an older number struck out before it", value, runs((struck, "15.4"), (mark, value)))
    yield Form("same", "an older number struck out behind it", value, runs((mark, value), (struck, " 15.4")))
    yield Form("none", "struck out as a run", value, runs((struck, value)))
    yield Form("none", "struck out as a cell", value, number, "struck")
    yield Form("same", "a formula's text", value, (' t="str"', f"<f>1*1</f><v>{value}</v>"))
    yield Form("same", "an exponent of a program", value, ("", f"<v>{float(value):.16E}</v>"))
    yield Form("unsure", "true", "TRUE", (' t="b"', "<v>1</v>"))
    yield Form("unsure", "an error", "#REF!", (' t="e"', "<v>#REF!</v>"))
    yield Form("unsure", "a day", "2023-01-01", (' t="d"', "<v>2023-01-01T00:00:00</v>"))


def numbers(value: str) -> Iterator[Form]:
    """Forms of a number above zero, written plainly."""
    whole, _, rest = value.partition(".")
    tail = f".{rest}" if rest else ""
    yield Form("same", "blanks around it", f"  {value}\u00a0")
    yield Form("same", "full-width digits", value.translate(FULL_WIDTH))
    yield Form("same", "a plus sign", value if value.startswith("-") else f"+{value}")
    yield Form("same", "zeros behind it", f"{value}{'0' if rest else '.00'}")
    yield Form("same", "a zero-width mark", f"\ufeff{value}")
    if len(whole) > 3 and whole.isdigit():
        for words, sign in (("commas", ","), ("full-width commas", "，"), ("thin blanks", "\u2009"), ("no-break blanks", "\u202f")):
            yield Form("same", f"{words} between thousands", f"{int(whole):,}".replace(",", sign) + tail)
        yield Form(
            "unsure",
            "a comma in the wrong place",
            f"{whole[:2]},{whole[2:]}{tail}" if len(whole) != 5 else f"{whole[:1]},{whole[1:]}{tail}",
        )
    yield Form("unsure", "two numbers", f"{value} 63")
    yield Form("unsure", "two numbers, a no-break blank", f"{value}\u00a063")
    yield Form("unsure", "two numbers, a wide blank", f"{value}\u300063")
    yield Form("unsure", "two numbers, a line end", f"{value}\n63")
    yield Form("unsure", "two numbers, a tab", f"{value}\t63")
    yield Form("unsure", "a blank between digits", f"{value[:-1]} {value[-1]}" if value[-2:].isdigit() and value[1:] else f"{value} 5")
    yield Form("unsure", "a range", f"{value}~{value}9")
    yield Form("unsure", "a slash", f"{value}/63")
    yield Form("unsure", "a list", f"{value}、63")
    yield Form("unsure", "about", f"约{value}")
    yield Form("unsure", "and more", f"{value}余")
    yield Form("unsure", "in ten thousands", f"{value}万")
    yield Form("unsure", "in hundred millions", f"{value}亿元")
    yield Form("unsure", "in thousands", f"{value}千元")
    yield Form("unsure", "per mille", f"{value}‰")
    yield Form("unsure", "a footnote's number", f"{value}①")
    yield Form("unsure", "a superscript", f"{value}²")
    yield Form("unsure", "a footnote's star", f"{value}*")
    yield Form("unsure", "a remark", f"{value}(估)")
    yield Form("unsure", "a sign behind it", f"{value}-")
    yield Form("unsure", "two signs", f"--{value}")
    yield Form("unsure", "two points", f"{whole}.1.2")
    yield Form("unsure", "a Chinese point", f"{whole}。5")
    yield Form("unsure", "a decimal comma", f"{whole},5")
    yield Form("unsure", "the letter O", f"{value}O")
    yield Form("unsure", "the letter l", f"l{value}")
    yield Form("unsure", "a rounded exponent", "1.06E+02")
    yield Form("unsure", "an exponent", f"{value}e2")
    yield Form("unsure", "a small exponent", f"{value}E-3")
    for text in (
        "NaN",
        "inf",
        "-Infinity",
        "1e400",
        "0x1F",
        "TRUE",
        "#N/A",
        "#REF!",
        "=1+1",
        "N/A",
        "无",
        "待定",
        "/",
        "\\",
        "一百",
        "none",
        "null",
        "٣٤",
    ):
        yield Form("unsure", text, text)
    yield from (Form("none", repr(mark), mark) for mark in MARKS)


def uscc(value: str) -> Iterator[Form]:
    """Forms of a credit code of 18 signs."""
    yield Form("same", "lower case", value.lower())
    yield Form("same", "full-width", value.translate(FULL_WIDTH))
    yield Form("same", "groups", f"{value[:8]} {value[8:]}")
    yield Form("same", "a zero-width mark", f"{value}\u200b")
    yield Form("unsure", "a sign gone", value[:-1])
    yield Form("unsure", "a sign more", f"{value}0")
    yield Form("unsure", "twice", f"{value} {value}")
    yield Form("unsure", "twice, a line end", f"{value}\n{value}")
    yield Form("unsure", "twice, a mark", f"{value}/{value}")
    yield Form("unsure", "rounded", "9.13301E+17")
    yield Form("unsure", "other check sign", value[:-1] + ("0" if value[-1] != "0" else "1"))
    yield Form("unsure", "two signs exchanged", value[:9] + value[10] + value[9] + value[11:] if value[9] != value[10] else value[:-1])
    yield Form("unsure", "a letter that none has", value[:10] + "I" + value[11:])
    yield Form("unsure", "a remark", f"{value}(旧)")
    yield Form("unsure", "a word", "无")


def division(value: str) -> Iterator[Form]:
    """Forms of a division's code of six digits."""
    yield Form("same", "blanks around it", f" {value}\u3000")
    yield Form("same", "full-width", value.translate(FULL_WIDTH))
    yield Form("same", "twelve digits", f"{value}000000")
    yield Form("same", "as a decimal number", f"{value}.0")
    yield Form("unsure", "five digits", value[:5])
    yield Form("unsure", "seven digits", f"{value}0")
    yield Form("unsure", "two codes", f"{value},330106")
    yield Form("unsure", "two codes, a blank", f"{value} 330106")
    yield Form("unsure", "the letter O", value.replace("0", "O", 1))
    yield Form("unsure", "of no list", f"{value[:2]}9999")
    yield Form("unsure", "abolished in 2021", "330104")
    yield Form("unsure", "a name", "杭州市滨江")
    yield Form("unsure", "rounded", "3.30E+05")
    yield Form("unsure", "nothing but zeros", "000000")


def day(value: str) -> Iterator[Form]:
    """Forms of a day, written as 2023-03-15."""
    year, month, number = value.split("-")
    same = {
        "slashes": f"{year}/{int(month)}/{int(number)}",
        "points": f"{year}.{month}.{number}",
        "Chinese": f"{year}年{int(month)}月{int(number)}日",
        "eight digits": f"{year}{month}{number}",
        "blanks around it": f" {value} ",
        "full-width": value.translate(FULL_WIDTH),
        "midnight": f"{value} 00:00:00",
        "no zeros": f"{year}-{int(month)}-{int(number)}",
    }
    unsure = {
        "a thirteenth month": f"{year}-13-{number}",
        "30 February": f"{year}-02-30",
        "a month": f"{year}-{month}",
        "a month in Chinese": f"{year}年{int(month)}月",
        "a year": year,
        "American": f"{month}/{number}/{year[2:]}",
        "European": f"{number}/{month}/{year}",
        "twice": f"{value} {value}",
        "a range": f"{value}至{value}",
        "about": f"{value}左右",
        "a digit more": f"{value}-1",
        "an hour that is none": f"{value}T25:00:00",
        "nothing but zeros": "0000-00-00",
        "Excel's day 0": "1900-01-00",
        "the end of time": "9999-99-99",
        "a word": "上旬",
        "endless": "infinity",
        "before Christ": "44 BC",
        "a serial number with an hour": "43210.7",
        "below zero": "-5",
    }
    yield from (Form("same", words, text) for words, text in same.items())
    yield from (Form("unsure", words, text) for words, text in unsure.items())


def moment(value: str) -> Iterator[Form]:
    """Forms of a moment, written as 2023-04-10 09:30:00."""
    on, at = value.split(" ")
    for form in day(on):
        if form.kind == "unsure" and form.words not in ("a month", "a year"):
            yield form._replace(text=f"{form.text} {at}")
    yield Form("same", "a T between day and time", f"{on}T{at}")
    yield Form("unsure", "an hour that is none", f"{on} 25:61:00")
    yield Form("unsure", "endless", "infinity")
    yield Form("unsure", "a word", "昨天")


def listed(value: str) -> Iterator[Form]:
    """Forms of a word of a closed list; one that is certain may be read as the word, and nothing else may pass."""
    yield Form("same", "blanks around it", f" {value}\u3000")
    yield Form("same", "the last sign gone", value[:-1] or "?")
    yield Form("same", "a sign more", f"{value}类")
    yield Form("unsure", "twice", f"{value}/{value}x")
    yield Form("unsure", "a question mark", f"{value}?")
    yield Form("unsure", "another word", "其它情况")
    yield Form("unsure", "a number", "9999")
    yield Form("unsure", "letters", "QQ")
    yield Form("unsure", "a word that means nothing", "待核实")
