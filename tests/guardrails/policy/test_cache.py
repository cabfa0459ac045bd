"""Keys tell apart whatever a rule could tell apart."""

import pytest

from lictor.guardrails.policy.cache import DecisionCache, make_key
from lictor.guardrails.policy.fields import WHOLE

VALUES: list[object] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    "1",
    "",
    "true",
    [],
    {},
    [1],
    ["1"],
    {"a": 1},
    {"a": "1"},
    {"a": None},
    [[]],
]


@pytest.mark.parametrize("fields", [[("x",)], [("x", "y")], [WHOLE], [("x",), ("z", "q")]])
def test_values_of_every_type_have_keys_of_their_own(fields: list[tuple[str, ...]]) -> None:
    key = make_key(fields)
    inner = [{"x": value} if ("x",) in fields else {"x": {"y": value}} for value in VALUES]
    documents = [{}, *inner]
    assert len({key(document) for document in documents}) == len(documents)


def test_order_of_fields_does_not_matter_and_of_items_does() -> None:
    key = make_key([("x",)])
    assert key({"x": {"a": 1, "b": 2}}) == key({"x": {"b": 2, "a": 1}})
    assert key({"x": [1, 2]}) != key({"x": [2, 1]})


def test_other_fields_do_not_matter() -> None:
    key = make_key([("x",), ("y", "z")])
    assert key({"x": "1", "y": {"z": 1, "q": 2}, "w": 1}) == key({"x": "1", "y": {"z": 1}})
    assert key({"x": "1", "y": "z"}) == key({"x": "1"})


def test_values_do_not_slip_from_one_field_into_the_next() -> None:
    key = make_key([("x",), ("y",)])
    assert key({"x": "ab", "y": "c"}) != key({"x": "a", "y": "bc"})
    assert key({"x": "a"}) != key({"y": "a"})


def test_what_has_no_key_raises() -> None:
    with pytest.raises(OverflowError):
        make_key([("x",)])({"x": 10**40})


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
