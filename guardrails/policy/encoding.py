"""The question as JSON, which every engine reads alike: what one of them would read otherwise is refused."""

from typing import Any, Final

import msgspec

from lictor.guardrails.policy.engine import PolicyError

MOST_VALUES: Final = 5_000
"""Values in one question: what rules do with so many is tried out before they decide (`trial`)."""
_SHORTEST_VALUE: Final = 2
_LARGEST: Final = b"e308"
"""The embedded engine reads numbers of this size, and breaks off when it writes one."""
_json: Final = msgspec.json.Encoder()
_packed: Final = msgspec.msgpack.Encoder()


def write_question(document: dict[str, Any]) -> bytes:
    """Return an input document as JSON.

    Raises PolicyError for what has no JSON, for text that is not Unicode, for more than `MOST_VALUES` values, for
    numbers from 1e308 on, and for whole numbers beyond 64 bits: the embedded engine would round them, and OPA not.
    """
    try:
        _packed.encode(document)  # knows whole numbers of 64 bits alone, and costs a tenth of a decision
        written = _json.encode(document)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise PolicyError(f"evaluation failed: the question cannot be written: {error}") from None
    if _LARGEST in written and _has_largest(document):
        raise PolicyError("evaluation failed: the question holds a number that is too large to be written again")
    if len(written) > MOST_VALUES * _SHORTEST_VALUE and _count(document) > MOST_VALUES:
        raise PolicyError(
            f"evaluation failed: the question holds more than {MOST_VALUES} values, which no rule looks at"
        )
    return written


def _has_largest(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return any(_has_largest(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_has_largest(each) for each in value)
    return isinstance(value, float) and abs(value) >= 1e308


def _count(document: Any) -> int:  # noqa: ANN401 -- any JSON value
    count, waiting = 0, [document]
    while waiting and count <= MOST_VALUES:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return count + len(waiting)
