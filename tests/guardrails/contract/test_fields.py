"""Leaves of JSON."""

from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.fields import matches, read_fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_leaves_with_their_paths() -> None:
    assert read_fields('{"a": [{"b": "x"}, {"b": 1.5}], "c": null, "d": true}') == (
        (("a", "0", "b"), "x"),
        (("a", "1", "b"), "1.5"),
        (("d",), "true"),
    )


def test_a_wrapped_result_is_what_it_holds() -> None:
    assert read_fields(b'{"result": ["x"]}') == ((("0",), "x"),)


def test_other_text_has_no_fields() -> None:
    assert read_fields("name: x") == ()
    assert read_fields("") == ()
    assert read_fields('"text"') == ()
    assert read_fields("[" * 5_000 + "]" * 5_000) == ()
    assert read_fields("[" + "1," * 6_000 + "1]") == ()


def test_patterns() -> None:
    assert matches(("*", "b"), ("0", "b"))
    assert not matches(("*",), ("0", "b"))


@given(st.text() | st.binary())
def test_never_fails(text: str | bytes) -> None:
    assert isinstance(read_fields(text), tuple)
