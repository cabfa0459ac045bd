"""Data with places."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.places import ContractError, read_placed


def test_every_value_has_its_place() -> None:
    placed = read_placed("a:\n  b: [x, 1]\n", "c.yaml", line=10)

    assert placed.data == {"a": {"b": ["x", 1]}}
    assert placed.place(("a", "b")) == (11, 3)
    assert placed.place(("a", "b", 1)) == (11, 10)
    assert placed.place(("a", "none")) == (10, 1)


def test_scalars_are_those_of_yaml_1_2() -> None:
    text = "[1, -2, 1.5, true, null, ~, yes, 2022-01-01, 010, 1_000, 12:30, '1', 1e3, .5, 0x10]"

    assert read_placed(text, "c").data == [
        1,
        -2,
        1.5,
        True,
        None,
        None,
        "yes",
        "2022-01-01",
        "010",
        "1_000",
        "12:30",
        "1",
        "1e3",
        ".5",
        "0x10",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "c.yaml:2:1: not YAML: did not find expected node content"),
        ("a: 1\nb: {\n", "not YAML"),
        ("x" * 200_001, "c.yaml:1:1: a contract may have 200000 characters; this has 200001"),
        ("[" * 30 + "]" * 30, "too much"),
        ("a: &a [*a]", ""),
        ("\x00", "not YAML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_placed(text, "c.yaml")

    assert said in str(caught.value)


def test_anchors_do_not_multiply() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
    )
    with pytest.raises(ContractError, match="too much"):
        read_placed(bomb, "c")


def test_a_key_that_is_given_twice_is_a_mistake_at_the_second() -> None:
    placed = read_placed("a: 1\nb: 2\na: 3\n", "c")

    assert [str(mistake) for mistake in placed.mistakes] == ["c:3:1: 'a' is given twice"]


@given(st.text())
def test_never_fails_otherwise(text: str) -> None:
    with suppress(ContractError):
        read_placed(text, "c")
