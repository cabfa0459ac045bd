from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from lictor.runtime.definition.plan import Secret
from lictor.runtime.definition.values import Anything, Duration, SecretText, Text, kind_of


def refusal(kind: Any, value: object) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


def test_text_is_text_and_never_a_secret() -> None:
    assert TypeAdapter(Text).validate_python("x") == "x"
    assert refusal(Text, True) == ("L104", "text is expected here, not true or false: put it in quotes")
    assert refusal(Text, None)[1] == "a value is missing here"
    assert refusal(Text, " ")[1] == "text is expected here, and it is empty"
    assert refusal(Text, Secret("hidden"))[0] == "L503"


def test_text_that_may_be_secret_takes_what_people_write_there() -> None:
    adapter = TypeAdapter(SecretText)
    assert [adapter.validate_python(value) for value in ("x", 8080, True, Secret("s"))] == [
        "x",
        "8080",
        "true",
        Secret("s"),
    ]
    assert refusal(SecretText, [])[0] == "L104"


def test_our_codes_and_sentences_come_through() -> None:
    assert refusal(Duration, "soon")[0] == "L103"
    assert refusal(Duration, Secret("5s"))[0] == "L503"


def test_a_free_map_holds_no_secret_anywhere() -> None:
    assert refusal(Anything, {"a": [{"b": Secret("hidden")}]})[0] == "L503"


def test_kinds_in_words() -> None:
    values: list[object] = [None, True, 3, 1.5, "x", [], {}, Secret("x")]
    words = [kind_of(value) for value in values]
    assert words == ["empty", "true or false", "a number", "a number", "text", "a list", "a map", "a secret"]
