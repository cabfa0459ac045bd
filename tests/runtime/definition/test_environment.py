from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.definition.environment import expand, is_secret_name, looks_like_key, read_dotenv
from lictor.runtime.definition.plan import Secret
from lictor.runtime.definition.reader import read_document

VARIABLES = {"HOST": "h", "EMPTY": "", "API_KEY": "k-1", "INJECT": "a: b\nc: [d]"}


def expanded(text: str, folder: Path = Path()) -> Any:
    expansion = expand(read_document(text, "f"), VARIABLES, folder)
    assert not expansion.problems
    return expansion.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${HOST}", "h"),
        ("http://${HOST}:1/${HOST}", "http://h:1/h"),
        ("${NONE:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${NONE:-}", ""),
        ("${EMPTY}", ""),
        ("${HOST:?say}", "h"),
        ("$$HOME and $HOME", "$HOME and $HOME"),
        ("$${HOST}", "${HOST}"),
    ],
)
def test_variables_are_filled_in(text: str, value: str) -> None:
    assert expanded(f"a: ['{text}']") == {"a": [value]}


def test_a_value_never_adds_structure() -> None:
    assert expanded("a: ${INJECT}") == {"a": "a: b\nc: [d]"}


def test_a_prompt_is_left_alone_and_only_a_prompt() -> None:
    data = expanded("agents:\n  a:\n    prompt: 'costs ${HOST}'\n    description: '${HOST}'\nprompt: '${HOST}'")
    assert data == {"agents": {"a": {"prompt": "costs ${HOST}", "description": "h"}}, "prompt": "h"}


def test_what_holds_a_secret_is_a_secret() -> None:
    value = expanded("a: Bearer ${API_KEY}")["a"]
    assert value == Secret("Bearer k-1")
    assert "k-1" not in f"{value} {value!r}"


def test_a_secret_file_is_a_secret_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    (tmp_path / "key").chmod(0o600)
    assert expanded("a: ${file:key}", tmp_path)["a"] == Secret("s3cret")
    assert expanded(f"a: ${{file:{tmp_path}/key}}")["a"] == Secret("s3cret")


@pytest.mark.parametrize(
    ("text", "code", "column", "said"),
    [
        ("a: x ${NONE}", "L502", 6, "variable 'NONE' is not set"),
        ("a: ${EMPTY:?set me}", "L502", 4, "variable 'EMPTY' is not set: set me"),
        ("a: ${HOST", "L505", 4, "no closing brace"),
        ("a: ${5}", "L505", 4, "not a variable"),
        ("a: ${HOST-x}", "L505", 4, "not a variable"),
        ("a: ${file:nothing}", "L504", 4, "No such file"),
        ("a: ${file:.}", "L504", 4, "not a file"),
    ],
)
def test_what_cannot_be_filled_in_is_told_with_its_place(
    text: str, code: str, column: int, said: str, tmp_path: Path
) -> None:
    (problem,) = expand(read_document(text, "f"), VARIABLES, tmp_path).problems
    assert (problem.code, problem.span.line, problem.span.column) == (code, 1, column)
    assert said in problem.message


def test_a_misspelt_variable_is_guessed() -> None:
    (problem,) = expand(read_document("a: ${HOTS}", "f"), VARIABLES, Path()).problems
    assert problem.hint == "did you mean 'HOST'?"


def test_a_secret_file_that_others_may_write_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    (tmp_path / "key").chmod(0o666)
    (problem,) = expand(read_document("a: ${file:key}", "f"), {}, tmp_path).problems
    assert (problem.code, problem.is_error) == ("L507", False)


def test_a_huge_secret_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 70_000)
    (tmp_path / "key").chmod(0o600)
    (problem,) = expand(read_document("a: ${file:key}", "f"), {}, tmp_path).problems
    assert problem.code == "L504"


def test_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# c\n\nA=1\nexport B='two words'\nC=x # note\nD=\"#\"\nwhat\n")
    values, problems = read_dotenv(tmp_path / ".env", ".env")
    assert values == {"A": "1", "B": "two words", "C": "x", "D": "#"}
    assert [(problem.code, problem.span.line, problem.is_error) for problem in problems] == [("L506", 7, False)]
    assert read_dotenv(tmp_path / "nothing", ".env") == ({}, ())


@pytest.mark.parametrize("name", ["API_KEY", "GITHUB_TOKEN", "MY_SECRET", "PASSWORD", "DB_PASSWORD_2", "KEY"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)
    assert not is_secret_name("KEYBOARD")


@pytest.mark.parametrize(
    "text", ["sk-abcdefghijklmnopqrst", "Bearer abcdef123456", "ghp_0123456789abcdefghij", "aB3" * 10]
)
def test_pasted_keys(text: str) -> None:
    assert looks_like_key(text)


@pytest.mark.parametrize("text", ["", "8080", "http://localhost:8000/v1", "application/json", "en_GB.UTF-8", "dummy"])
def test_plain_values_are_no_keys(text: str) -> None:
    assert not looks_like_key(text)


@given(st.text(alphabet="${}:-?AB$file/x\\ \n"))
def test_no_text_makes_it_raise(text: str) -> None:
    document = read_document("a: b", "f")
    document.data = {"a": text}
    expand(document, {"A": "1"}, Path("/nonexistent"))
