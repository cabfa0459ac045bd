import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.definition.call_rules import glob_pattern, has_arguments, parse_call


def fits(glob: str, text: str) -> bool:
    """Match as Go and Rust would; Python writes `\\z` otherwise."""
    return re.compile(glob_pattern(glob).replace("\\z", "\\Z")).match(text) is not None


def test_a_call_is_a_name_with_conditions() -> None:
    call = parse_call("allow", " pay(recipient=DE*, amount<=100.5, memo.text='a, b', kind={x,y}) ", "f", 3)
    assert (call.verdict, call.tool, call.file, call.line) == ("allow", "pay", "f", 3)
    assert [(rule.path, rule.sign, rule.glob, rule.value) for rule in call.arguments] == [
        (("recipient",), "=", "DE*", None),
        (("amount",), "<=", "", 100.5),
        (("memo", "text"), "=", "a, b", None),
        (("kind",), "=", "{x,y}", None),
    ]
    assert call.text == "pay(recipient=DE*, amount<=100.5, memo.text='a, b', kind={x,y})"
    assert has_arguments(call.text)
    assert not has_arguments("pay*")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-0.5", -0.5),
        ("true", True),
        ("false", False),
        ("007", None),
        ("'5'", None),
        ("5*", None),
        ("1e3", None),
    ],
)
def test_plain_values_are_compared_as_what_they_are(text: str, value: object) -> None:
    assert parse_call("deny", f"x(a={text})").arguments[0].value == value


@pytest.mark.parametrize(
    "text",
    [
        "x()",
        "x(",
        "x",
        "x(a)",
        "x(a<b)",
        "x(a=)",
        "x(.a=1)",
        "x(a=[z-a])",
        "x(a={b)",
        "x(a=[)",
        "(a=1)",
        "x(a=1,)",
        "x(a=b\\)",
    ],
)
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse_call("allow", text)


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        (
            "*@example.com",
            ["a@example.com", "\n@example.com"],
            ["a@exampleXcom", "a@example.com\n", "a@example.com.evil"],
        ),
        ("20??", ["2024", "20ü\n"], ["204", "20245"]),
        ("{one,two}x", ["onex", "twox"], ["one", "threex"]),
        ("[a-c!_]x", ["bx", "_x"], ["dx"]),
        ("[!a-c]x", ["dx", "\nx"], ["bx"]),
        ("a\\*[*]", [], []),
        ("a,b", ["a,b"], ["a", "b"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("(a)+$", ["(a)+$"], ["aa"]),
    ],
)
def test_globs_match_whole_texts(glob: str, yes: list[str], no: list[str]) -> None:
    if glob == "a\\*[*]" or "!_" in glob:
        with pytest.raises(ValueError, match="holds letters"):
            glob_pattern(glob)
        return
    assert all(fits(glob, text) for text in yes)
    assert not any(fits(glob, text) for text in no)


@given(
    st.text(st.characters(exclude_characters="*?[]{}\\,", exclude_categories=["Cs"]), max_size=20), st.text(max_size=20)
)
def test_a_glob_without_signs_is_the_text_itself(glob: str, text: str) -> None:
    assert fits(glob, glob)
    assert fits(glob, text) == (glob == text)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        call = parse_call("allow", text)
    except ValueError:
        return
    assert call.arguments
