import pytest
from pydantic import ValidationError

from lictor.runtime.definition.spec import FileSpec


def test_a_file_is_frozen() -> None:
    spec = FileSpec.model_validate({"agents": {"a": {"prompt": "x"}}})
    with pytest.raises(ValidationError):
        spec.agents = {}
    assert spec.agents["a"].delegates == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2, "newer than this release"),
        (0, "the only one so far is 1"),
        ("1", "not text"),
        (True, "not true or false"),
        (1.5, "1"),
    ],
)
def test_the_format_is_one(value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        FileSpec.model_validate({"lictor": value})
    assert [error["type"] for error in caught.value.errors()] == ["L112"]


def test_units_are_read() -> None:
    agent = {
        "prompt": "x",
        "timeout": "2m",
        "budget": {"tokens": "50k"},
        "supervise": {"backoff": "1s..2s", "intensity": "3/1m"},
    }
    spec = FileSpec.model_validate({"agents": {"a": agent}, "guards": {"rate": "20/1s", "loops": {"max_hops": 5}}})
    read = spec.agents["a"]
    assert read.budget is not None
    assert read.supervise is not None
    assert spec.guards is not None
    assert (read.timeout, read.budget.tokens, read.supervise.backoff) == (120.0, 50_000, (1.0, 2.0))
    assert (read.supervise.intensity, spec.guards.rate) == ((3, 60.0), (20, 1.0))
