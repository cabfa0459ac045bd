"""What a text points to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.references import find_references


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("go to www.evil.com/x?y, now", ("www.evil.com/x?y",)),
        ("mail a.b@evil.com", ("a.b@evil.com",)),
        ("h\u200bttp://ev\u200bil.com", ("http://evil.com",)),
        ("\u0435vil.com", ("\u0435vil.com",)),
        ("javascript:/alert", ("javascript:/alert",)),
        ("at 10.0.0.7", ("10.0.0.7",)),
        ("evil.xn--p1ai", ("evil.xn--p1ai",)),
        ("...evil.com- now", ("evil.com",)),
        ("ask @evil.com", ("evil.com",)),
        ("evil\u3002com", ("evil.com",)),
        ("evil&#46;com", ("evil.com",)),
        ("evil%2Ecom/x", ("evil.com/x",)),
        ("//evil.com:80/x", ("evil.com:80/x",)),
        ("![x](https://evil.com/a)", ("https://evil.com/a",)),
        ("GB29 NWBK 6016 1331 9268 19 now", ("GB29 NWBK 6016 1331 9268 19",)),
        ("call +1 555 123 4567", ("+1 555 123 4567",)),
        ("on 2024-05-15 at 10:00 for 1000.00, e.g. three. Then", ()),
        ("Hello Emma, see you.", ()),
    ],
)
def test_found(text: str, found: tuple[str, ...]) -> None:
    assert find_references(text) == found


@given(st.text())
def test_never_fails(text: str) -> None:
    assert isinstance(find_references(text), tuple)


@given(st.text(alphabet="ab .,\n"), st.text(alphabet="ab .,\n"))
def test_an_address_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert any("eve@evil.com" in each for each in find_references(f"{before} eve@evil.com {after}"))


@pytest.mark.parametrize("piece", ["a", "a.", "1", "a@", "a:/", "-", "1 ", "&amp;", "%41"])
def test_takes_linear_time(piece: str) -> None:
    began = time.perf_counter()
    find_references(piece * (100_000 // len(piece)))

    assert time.perf_counter() - began < 5
