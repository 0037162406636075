"""Suites are data that people edit: loaded strictly, with the path of what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UsageError
from pipelines.gate import load_suites
from pipelines.gate.edited import check_keys
from pipelines.gate.suites import NEEDED, SUBJECT_COLUMNS, TYPES
from tests.unit.gate.conftest import Shelf, expectation, rule

BETWEEN = "expect_column_values_to_be_between"


FIRST = "expectations[1]"
TEXTS = ("reason_zh", "reason_en", "source", "next_step_zh", "bound")


@pytest.mark.parametrize(
    ("wrong", "place", "found", "expected"),
    [
        ("not a mapping", FIRST, "str", "a mapping with kwargs, next_step_zh, reason_en, reason_zh, rule, severity, source, type"),
        (
            rule(sevrity="error", zone=1),
            FIRST,
            "unknown key sevrity, zone",
            "bound, kwargs, next_step_zh, nulls, observed, quarters, reason_en, ",
        ),
        (
            {key: value for key, value in rule().items() if not key.startswith("reason")},
            FIRST,
            "no reason_en, reason_zh",
            "kwargs, next_step_zh, reason_en, reason_zh, rule, severity, source, type",
        ),
        (rule(severity="fatal"), "T-001: severity", "'fatal'", "error or warning"),
        (rule(severity=None), "T-001: severity", "None", "error or warning"),
        *((rule(**{key: " "}), f"T-001: {key}", "' '", "a text") for key in (*TEXTS, "type")),
        *((rule(**{key: 1}), f"T-001: {key}", "1", "a text") for key in (*TEXTS, "type")),
        (rule(""), ": rule", "''", "a text"),
        (rule(type="expect_something"), "T-001: type", "'expect_something'", f"one of {', '.join(sorted(TYPES))}"),
        (
            rule(kwargs={"column": "excess", "maxvalue": 1}),
            "T-001: kwargs",
            "unknown key maxvalue",
            "column, max_value, min_value, strict_max",
        ),
        (rule(kwargs={"max_value": 1}), "T-001: kwargs", "no column", "column"),
        (rule(kwargs={"column": "excess"}), "T-001: kwargs", "no bound", "min_value or max_value, else everything would pass"),
        (rule(kwargs=["column"]), "T-001: kwargs", "list", "a mapping with column"),
        (rule(waivable="no"), "T-001: waivable", "'no'", "true or false"),
        (rule(nulls=0), "T-001: nulls", "0", "true or false"),
        *(
            (rule(quarters=wrong), "T-001: quarters", repr(wrong), "a list out of 1, 2, 3, 4")
            for wrong in ([5], [0], [], 3, [1, "2"], [[1]])
        ),
        *(
            (rule(rows=wrong), "T-001: rows", repr(wrong), "column: value or column: [values]")
            for wrong in ("a = 1", {"a": {"b": 1}}, {"a": [None]})
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_path_and_what_is_expected(shelf: Shelf, wrong: Any, place: str, found: str, expected: str):
    shelf.suite(wrong)
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert f"{shelf.expectations / 'chk_sums.yml'}: {place}: found {found}; expected {expected}" in str(caught.value)


PAIR = "expect_column_pair_values_a_to_be_greater_than_b"
COMPOUND = "expect_compound_columns_to_be_unique"
ROWS = "expect_table_row_count_to_be_between"


def test_a_rule_is_loaded_as_it_is_written(shelf: Shelf):
    shelf.suite(
        rule(),
        rule("T-002", type=PAIR, kwargs={"column_A": "value", "column_B": "excess"}),
        rule("T-003", type=ROWS, kwargs={"min_value": 1}),
    )
    (suite,) = load_suites(shelf.expectations, models=None)
    assert (suite.table, suite.subject) == ("chk_sums", ("region_code", "indicator"))
    assert suite.expectations[0] == expectation()
    assert [each.observed for each in suite.expectations] == ["excess", "value", ""]


def test_what_may_be_said_of_a_rule_is_kept(shelf: Shelf):
    said = {"waivable": False, "nulls": True, "observed": "value", "quarters": [3, 4], "severity": "warning"}
    words = {"reason_zh": " 原因\n", "reason_en": " why ", "source": " here ", "next_step_zh": " 核对 ", "bound": " at most 3 "}
    shelf.suite(rule(rows={"check_name": "sums", "level": ["c", "m"]}, **said, **words))
    ((loaded,),) = (suite.expectations for suite in load_suites(shelf.expectations, models=None))
    assert loaded == expectation(
        **said | {"quarters": (3, 4), "rows": (("check_name", ("sums",)), ("level", ("c", "m")))},
        **{name: text.strip() for name, text in words.items()},
    )


def test_a_rule_is_asked_in_its_quarters():
    assert [expectation(quarters=(2, 3)).is_asked(f"2023Q{number}") for number in (1, 2, 3, 4)] == [False, True, True, False]


def test_a_rule_knows_its_columns_and_tells_where_it_comes_from():
    assert expectation().columns == ("excess",)
    assert expectation(type=PAIR, kwargs={"column_A": "a", "column_B": "b"}).columns == ("a", "b")
    assert expectation(type=COMPOUND, kwargs={"column_list": ["a", "b"]}).columns == ("a", "b")
    assert (expectation().by_row, expectation(type=ROWS).by_row) == (True, False)
    assert expectation().description == "残差超出舍入范围 · residual beyond rounding (feeds.md 2)"


def test_suites_come_in_order_of_their_tables(shelf: Shelf):
    shelf.suite(rule("T-002"), table="chk_a")
    assert [suite.table for suite in load_suites(shelf.expectations, models=None)] == ["chk_a", "chk_sums"]


def test_a_rule_given_twice_is_refused_across_files(shelf: Shelf):
    shelf.suite(rule(), table="chk_other")
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert str(caught.value).startswith(f"{shelf.expectations / 'chk_sums'}.yml: rule: found T-001 again; ")
    assert str(caught.value).endswith("(see chk_other.yml)")


def test_a_rule_named_as_one_of_the_gate_itself_is_refused(shelf: Shelf):
    shelf.suite(rule("T-002"), rule("GATE-001"))
    with pytest.raises(UsageError, match=r"found GATE-001 again; .* \(see the gate itself\)"):
        load_suites(shelf.expectations, models=None)


@pytest.mark.parametrize("wrong", ["[]", "null", "T-001"])
def test_a_suite_without_expectations_is_refused(shelf: Shelf, wrong: str):
    path = shelf.expectations / "chk_sums.yml"
    path.write_text(f"table: chk_sums\nsubject: [region_code]\nexpectations: {wrong}\n")
    with pytest.raises(UsageError, match=r"chk_sums\.yml: expectations: found none; expected at least one"):
        load_suites(shelf.expectations, models=None)


def test_a_folder_without_suites_is_refused(shelf: Shelf):
    (shelf.expectations / "chk_sums.yml").unlink()
    with pytest.raises(UsageError, match=r"expectations: found no suite; expected <table>\.yml files"):
        load_suites(shelf.expectations, models=None)


@pytest.mark.parametrize("key", ["table", "subject", "expectations"])
def test_a_suite_needs_each_of_its_keys_and_no_other(shelf: Shelf, key: str):
    path = shelf.expectations / "chk_sums.yml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace(f"{key}:", f"{key}s:"), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert str(caught.value) == f"{path}: found unknown key {key}s; expected expectations, subject, table"


def test_a_file_that_is_no_suite_is_refused_and_hidden_files_are_let_be(shelf: Shelf):
    (shelf.expectations / "waivers").mkdir()
    (shelf.expectations / ".chk_sums.yml.swp").write_text("")
    assert len(load_suites(shelf.expectations, models=None)) == 1
    for name in ("notes.txt", "chk_sum.yaml"):
        (shelf.expectations / name).write_text("")
    with pytest.raises(UsageError, match=r"expectations: found chk_sum\.yaml, notes\.txt; expected <table>\.yml files and waivers/ only"):
        load_suites(shelf.expectations, models=None)


def test_a_renamed_suite_is_refused(shelf: Shelf):
    (shelf.expectations / "chk_sums.yml").rename(shelf.expectations / "chk_renamed.yml")
    with pytest.raises(UsageError, match="the file's name"):
        load_suites(shelf.expectations, models=None)


def models_of(shelf: Shelf, *names: str) -> Path:
    models = shelf.root / "models"
    (models / "checks").mkdir(parents=True, exist_ok=True)
    for name in names:
        (models / ("checks" if name.startswith("chk") else "") / f"{name}.sql").write_text("select 1")
    return models


def test_a_suite_of_an_unknown_table_is_refused(shelf: Shelf):
    models = models_of(shelf, "chk_other")
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models)
    assert str(caught.value) == f"{shelf.expectations / 'chk_sums'}.yml: table: found 'chk_sums'; expected a model below models/"


def test_check_models_and_published_tables_need_a_suite(shelf: Shelf):
    models = models_of(shelf, "chk_sums", "chk_forgotten", *NEEDED)
    (models / "checks" / "readme.sql").write_text("")
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models)
    assert str(caught.value) == (
        f"{shelf.expectations}: found no suite for chk_forgotten, ed_indicators, ed_ranking, ed_scores, rob_intervals; "
        "expected one file per check model and published table"
    )
    for table in ("chk_forgotten", *NEEDED):
        shelf.suite(rule(f"T-{table}"), table=table)
    assert len(load_suites(shelf.expectations, models)) == 6


@pytest.mark.parametrize("subject", [["firm_name"], ["region_code", "firm_name"], "region_code", [["region_code"]], [1], None])
def test_a_subject_that_could_name_a_firm_is_refused(shelf: Shelf, subject: Any):
    path = shelf.expectations / "chk_sums.yml"
    shelf.suite(rule(), subject=())
    path.write_text(
        path.read_text(encoding="utf-8").replace("subject: []", f"subject: {subject!r}".replace("None", "null")), encoding="utf-8"
    )
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert str(caught.value) == f"{path}: subject: found {subject!r}; expected a list out of {', '.join(sorted(SUBJECT_COLUMNS))}"


def test_a_key_given_twice_is_refused(shelf: Shelf):
    path = shelf.expectations / "chk_sums.yml"
    path.write_text(path.read_text(encoding="utf-8") + "table: chk_sums\n", encoding="utf-8")
    with pytest.raises(UsageError, match="a key twice"):
        load_suites(shelf.expectations, models=None)


@pytest.mark.parametrize(
    "content", [b"table: [", "table: 检查".encode("gb18030"), b"? [table]\n: chk_sums", b"table: chk_sums\nx: 1\nx: 2"]
)
def test_a_file_that_is_no_yaml_in_utf8_is_refused(shelf: Shelf, content: bytes):
    path = shelf.expectations / "chk_sums.yml"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert str(caught.value).startswith(f"{path}: found ")
    assert str(caught.value).endswith("; expected YAML in UTF-8")
    assert "\n" not in str(caught.value)


def test_keys_are_required_admitted_or_unknown():
    assert check_keys({"a": 1, "b": 2}, ("a",), ("b",), "here") == {"a": 1, "b": 2}
    assert check_keys({"a": 1}, ("a",), ("b",), "here") == {"a": 1}
    for wrong, message in (
        ([], "here: found list; expected a mapping with a, c"),
        ({"a": 1, "c": 1, "z": 1, 2: 1}, "here: found unknown key 2, z; expected a, b, c"),
        ({"b": 1}, "here: found no a, c; expected a, c"),
    ):
        with pytest.raises(UsageError) as caught:
            check_keys(wrong, ("c", "a"), ("b",), "here")
        assert str(caught.value) == message
