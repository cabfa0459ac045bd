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
        "budget": {"tokens": "50k", "ask_at": "80%"},
        "supervise": {"backoff": "1s..2s", "intensity": "3/1m"},
    }
    spec = FileSpec.model_validate({"agents": {"a": agent}})
    read = spec.agents["a"]
    assert read.budget is not None
    assert read.supervise is not None
    assert (read.timeout, read.budget.tokens, read.supervise.backoff) == (120.0, 50_000, (1.0, 2.0))
    assert (read.supervise.intensity, read.budget.ask_at) == ((3, 60.0), 0.8)


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (["mon-fri 08:00-18:00"], None),
        ("22:00-06:00", None),
        ({"allow": ["sat 10:00-12:00"], "zone": "+02:00"}, None),
        (["noon"], "L103"),
        ([3], "L104"),
        ({"allow": ["08:00-09:00"], "zone": "Europe/Rome"}, "L103"),
        ({"allow": []}, "L104"),
        ([], "L104"),
        ({"zone": "UTC"}, "missing"),
    ],
)
def test_hours_are_a_text_a_list_or_a_map(hours: object, code: str | None) -> None:
    data = {"agents": {"a": {"prompt": "x", "hours": hours}}}
    if code is None:
        assert FileSpec.model_validate(data).agents["a"].hours is not None
        return
    with pytest.raises(ValidationError) as caught:
        FileSpec.model_validate(data)
    assert [error["type"] for error in caught.value.errors()] == [code]


def test_words_and_levels_are_checked() -> None:
    for agent, code in (
        ({"emits": ["Not a word"]}, "L119"),
        ({"clearance": "top"}, "L105"),
        ({"guards": []}, "dict_type"),
        ({"budget": {"ask_at": 2}}, "L103"),
    ):
        with pytest.raises(ValidationError) as caught:
            FileSpec.model_validate({"agents": {"a": {"prompt": "x", **agent}}})
        assert [error["type"] for error in caught.value.errors()] == [code]
