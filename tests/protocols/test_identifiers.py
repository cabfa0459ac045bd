import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.identifiers import is_id, minted_at, new_id


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time()
    identifier = new_id()
    assert is_id(identifier)
    assert before - 0.001 <= minted_at(identifier) <= time.time()
    assert minted_at(new_id(1234.567)) == 1234.567


def test_ids_differ_and_sort_by_time() -> None:
    assert len({new_id(5.0) for _ in range(1000)}) == 1000
    assert new_id(1.0) < new_id(2.0) < new_id(2e9)


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 31 + "\n", "٠" * 32])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)


@given(st.text())
def test_minted_at_reads_every_id(text: str) -> None:
    if is_id(text):
        assert minted_at(text) >= 0


def test_minted_at_refuses_other_forms() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        minted_at("x" * 32)
