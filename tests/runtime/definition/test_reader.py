from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.runtime.definition.problem import Span
from lictor.runtime.definition.reader import MOST_CHARACTERS, read_document, show_path, split_lines


def read(text: str) -> Any:
    document = read_document(text, "x")
    assert not document.problems
    return document.data


def code(text: str) -> list[str]:
    return [problem.code for problem in read_document(text, "x").problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("3", 3),
        ("-4.5", -4.5),
        ("1e3", 1000.0),
        ("no", "no"),
        ("on", "on"),
        ("0777", "0777"),
        ("0x1f", "0x1f"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("'true'", "true"),
        ('"3"', "3"),
        ("|\n  3\n", "3\n"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, value: object) -> None:
    result = read(f"key: {text}")["key"]
    assert result == value
    assert type(result) is type(value)


def test_keys_and_values_keep_their_places() -> None:
    document = read_document("a:\n  b: [x, yy]\n  c: |\n    text\n\nd: 1\n", "f")
    assert document.span(("a", "b", 1)) == Span("f", 2, 10, 2)
    assert document.span(("a", "b"), key=True) == Span("f", 2, 3, 1)
    assert document.span(("a",)) == Span("f", 1, 1, 1), "a block is shown at its key"
    assert document.span(("a", "nothing")) == Span("f", 1, 1, 1), "what is not there is shown at what would hold it"
    assert document.last_line(("a", "b")) == 2
    assert document.last_line(("a",)) in (4, 5)
    assert document.line(4) == "    text"


def test_places_count_characters_not_bytes() -> None:
    document = read_document("é😀: {ключ: d}", "f")
    assert document.span(("é😀", "ключ")) == Span("f", 1, 12, 1)
    assert document.span(("é😀", "ключ"), key=True) == Span("f", 1, 6, 4)


def test_duplicate_keys_show_both_places() -> None:
    document = read_document("a: 1\nb: 2\na: 3\n", "f")
    (problem,) = document.problems
    assert (problem.code, problem.span.line) == ("L108", 3)
    assert problem.related == ((Span("f", 1, 1, 1), "first here"),)
    assert document.data == {"a": 1, "b": 2}


@pytest.mark.parametrize("text", ["a: !include x", "a: !!str 3", "a: &b !x 3", "- !foo {a: b}"])
def test_tags_are_refused(text: str) -> None:
    assert code(text) == ["L109"]


def test_merge_keys_are_refused_and_anchors_are_not() -> None:
    assert code("a: &x {b: 1}\nc: {<<: *x}") == ["L109"]
    assert read("a: &x {b: 1}\nc: *x")["c"] == {"b": 1}
    assert read("'<<': 1") == {"<<": 1}


def test_expansion_of_anchors_is_capped() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    assert code(bomb) == ["L111"]
    assert code("a: &x [*x]") == ["L111"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 100_000, "L100"),
        ("- " * 100_000, "L100"),
        ("[" * 100 + "]" * 100, "L111"),
        ("x" * (MOST_CHARACTERS + 1), "L111"),
        ("a: [1,\nb: 2", "L100"),
        ("a: \x01", "L100"),
        ("a: *nothing", "L100"),
        ("a: 1\n---\nb: 2", "L100"),
        ("\ud800", "L100"),
        ("? [a]\n: 1", "L113"),
    ],
)
def test_what_cannot_be_read_is_one_problem(text: str, expected: str) -> None:
    assert code(text) == [expected]


def test_a_byte_order_mark_does_not_count() -> None:
    document = read_document("\ufeffa: b", "f")
    assert document.data == {"a": "b"}
    assert document.span(("a",)) == Span("f", 1, 4, 1)


def test_renaming_a_key_takes_what_is_below_along() -> None:
    document = read_document("promt: {a: b}", "f")
    document.rename(("promt",), "prompt")
    assert document.span(("prompt", "a")) == Span("f", 1, 12, 1)


def test_paths_read_as_people_write_them() -> None:
    assert show_path(("agents", "a", "tools", 0, "rag")) == "agents.a.tools[0].rag"


@settings(max_examples=300)
@given(st.one_of(st.text(), st.text(alphabet="ab:-[]{}&*!|>'\"#?,\n\t <%@`~\\0\u2028\x85")))
def test_no_text_makes_it_raise_and_every_place_exists(text: str) -> None:
    document = read_document(text, "f")
    lines = split_lines(document.text)
    for marks in document.marks.values():
        assert 1 <= marks.value.line <= len(lines)
        assert marks.value.column >= 1
        assert marks.value.width >= 1
