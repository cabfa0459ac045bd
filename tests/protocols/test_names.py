import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.errors import InvalidName
from lictor.protocols.names import Role, is_name, require_name, role_of, slug


@pytest.mark.parametrize("name", ["a", "triage", "tool-crm", "a1", "a" * 63, "a-"])
def test_legal_names(name: str) -> None:
    assert is_name(name)
    assert require_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "1a", "-a", "a.b", "a*", ">", "a b", "a\n", "ä", "a_b", "a" * 64, "a\x00"])
def test_illegal_names(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(InvalidName, match="is not a name: use a-z"):
        require_name(name)


@given(st.text())
def test_a_name_is_one_token_of_a_subject(text: str) -> None:
    if is_name(text):
        assert not set(text) & set(".*> \t\r\n")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("tool-crm", Role.TOOL),
        ("model-m", Role.MODEL),
        ("ext-acme", Role.EXTERNAL),
        ("op-cli", Role.OPERATOR),
        ("tools", Role.AGENT),
        ("opera", Role.AGENT),
    ],
)
def test_a_prefix_tells_the_role(name: str, role: Role) -> None:
    assert role_of(name) is role


@pytest.mark.parametrize(
    ("text", "name"),
    [("Hand Book.md", "hand-book-md"), ("7 seas", "x7-seas"), ("--A--", "a"), ("ÄB", "b"), ("a" * 99, "a" * 63)],
)
def test_a_slug_is_a_name(text: str, name: str) -> None:
    assert slug(text) == name


@given(st.text(), st.integers(1, 63))
def test_every_slug_is_a_name_or_an_error(text: str, limit: int) -> None:
    try:
        made = slug(text, limit)
    except InvalidName:
        return
    assert is_name(made)
    assert len(made) <= limit
