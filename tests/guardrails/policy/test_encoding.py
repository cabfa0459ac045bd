import json

import pytest

from lictor.guardrails.policy.encoding import MOST_VALUES, write_question
from lictor.guardrails.policy.engine import PolicyError


@pytest.mark.parametrize("value", ["a\0b", "\u2603\U0001f600", -(2**63), 2**64 - 1, 0.1, None, [], {"": {}}])
def test_it_is_json(value: object) -> None:
    assert json.loads(write_question({"a": value})) == {"a": value}


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", object(), {1, object()}])
def test_what_is_read_differently_is_refused(value: object) -> None:
    with pytest.raises(PolicyError, match="cannot be written"):
        write_question({"a": value})


def test_numbers_that_cannot_be_written_again() -> None:
    write_question({"a": "1e308", "b": 1e307})
    for value in (1.7976931348623157e308, [{"k": -1e308}]):
        with pytest.raises(PolicyError, match="too large"):
            write_question({"a": value})


def test_too_many_values() -> None:
    write_question({"a": list(range(MOST_VALUES - 2))})
    write_question({"a": "x" * 1_000_000})
    for many in ([0] * MOST_VALUES, {str(number): 0 for number in range(MOST_VALUES)}, [[[0]]] * (MOST_VALUES // 2)):
        with pytest.raises(PolicyError, match=f"more than {MOST_VALUES} values"):
            write_question({"a": many})
