from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.recent import Recent


def test_what_is_used_stays() -> None:
    kept: Recent[int, str] = Recent(8)
    kept.keep(0, "zero")
    for number in range(1, 100):
        kept.keep(number, "")
        assert kept.find(0) == "zero"


def test_what_is_not_used_goes() -> None:
    kept: Recent[int, str] = Recent(8)
    for number in range(9):
        kept.keep(number, "")
    assert kept.find(0) is None
    assert kept.find(8) == ""


def test_drop_forgets() -> None:
    kept: Recent[int, str] = Recent(4)
    for number in range(3):
        kept.keep(number, "")
    kept.drop(0)
    kept.drop(2)
    kept.drop(9)
    assert list(kept) == [1]
    assert list(kept.values()) == [""]


@given(st.integers(1, 20), st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=200))
def test_it_is_bounded(most: int, steps: list[tuple[bool, int]]) -> None:
    kept: Recent[int, int] = Recent(most)
    for keeps, key in steps:
        if keeps and kept.find(key) is None:
            kept.keep(key, key)
        assert kept.find(key) in {None, key}
        assert len(kept) <= max(2, most) + 1
