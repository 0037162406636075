"""Every rejection can be read in Chinese by the office that delivered."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from pipelines import landing
from pipelines.errors import Code, Problem
from pipelines.landing.words import WORDS, in_chinese

RAISERS = {"Problem", "refused", "rejected", "_rejected"}


def raised_codes() -> set[str]:
    """First arguments of all calls in landing that build a problem."""
    codes = set()
    for source in Path(landing.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                codes |= {node.args[0].value} if name in RAISERS else set()
    return codes


def test_every_code_that_is_raised_has_its_words_and_no_words_are_left_over() -> None:
    assert raised_codes() == set(get_args(Code)) == set(WORDS)


@pytest.mark.parametrize("code", WORDS)
def test_the_words_of_a_code_are_chinese_and_tell_what_to_do(code: Code) -> None:
    problem = Problem(code, "a.xlsx", "found", "expected", "next", sheet="投资", place="row 7", value="甲")
    words = in_chinese(problem)
    for text in (words.what, words.found, words.expected, words.next_step):
        assert re.search("[\u4e00-\u9fff]", text), text
        plain = re.sub(r"CSV|RFC 4180|Excel|GB18030|UTF-8|\.xlsx", "", text)
        assert not re.search("[A-Za-z]{2,}", plain), text
    assert words.where == "工作表“投资” 第7行"


def test_a_problem_recorded_before_values_were_kept_can_still_be_told() -> None:
    old: dict[str, Any] = {
        "code": "unit_unknown",
        "file": "a.xlsx",
        "found": "unit 担",
        "expected": "e",
        "next_step": "n",
        "sheet": "投资",
        "place": "",
    }
    assert in_chinese(Problem(**old)).found == "计量单位:未填写"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("line 6 byte 812", "第6行(第812字节)"),
        ("rows 5 to 7", "第5至7行"),
        ("cell C12", "单元格C12"),
        ("column 期间", "列“期间”"),
        ("sbxh 11 column xse", "sbxh 11 的字段 xse"),
    ],
)
def test_a_place_is_told_in_chinese(place: str, where: str) -> None:
    assert in_chinese(Problem("unreadable", "a", "f", "e", "n", place=place)).where == where
