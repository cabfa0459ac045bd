"""Keys tell apart whatever a rule could tell apart."""

import pytest

from lictor.guardrails.policy.cache import DecisionCache, as_key

VALUES: list[object] = [None, True, False, 0, 1, 1.0, "1", "", "true", [], {}, [1], ["1"], {"a": 1}, {"a": None}, [[]]]


def test_values_of_every_type_have_keys_of_their_own() -> None:
    assert len({as_key(value) for value in VALUES}) == len(VALUES)


def test_order_of_fields_does_not_matter_and_of_items_does() -> None:
    assert as_key({"a": 1, "b": 2}) == as_key({"b": 2, "a": 1})
    assert as_key([1, 2]) != as_key([2, 1])


def test_what_has_no_key_raises() -> None:
    with pytest.raises(OverflowError):
        as_key({"x": 10**40})


def test_a_full_cache_starts_anew() -> None:
    cache: DecisionCache[str] = DecisionCache(most=2)
    for name in ("a", "b", "c"):
        assert cache.find((name,)) is None
        cache.keep((name,), name)
    assert (cache.find(("a",)), cache.find(("c",)), len(cache), cache.misses) == (None, "c", 1, 3)


def test_long_keys_are_not_kept() -> None:
    cache: DecisionCache[str] = DecisionCache()
    cache.keep(("x" * 5000,), "a")
    cache.keep(b"x" * 5000, "a")
    assert len(cache) == 0
