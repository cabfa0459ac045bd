import pytest

from lictor.runtime.cli.criteria import read_criteria
from lictor.runtime.cli.quit import Quit
from lictor.runtime.store.results import MessageFilter

NOW = 1_790_000_000.0


def read(*words: str) -> MessageFilter:
    return read_criteria(words, NOW, lambda task: f"{task}-whole")


def test_words_become_a_filter() -> None:
    assert read() == MessageFilter()
    assert read("task=t", "from=a", "to=b", "kind=mcp", "verdict=deny") == MessageFilter(
        task="t-whole", sender="a", target="b", kind="mcp", outcome="deny"
    )


@pytest.mark.parametrize(
    ("word", "since"),
    [
        ("since=30m", NOW - 1800),
        ("since=2026-09-21T14:13:20Z", 1_790_000_000.0),
        ("since=2026-09-21T16:13:20+02:00", 1_790_000_000.0),
    ],
)
def test_since_is_a_duration_or_a_time(word: str, since: float) -> None:
    assert read(word).since == since


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("nonsense", "is no filter"),
        ("from=", "is no filter"),
        ("sender=x", "is no filter"),
        ("kind=smtp", "one of a2a, mcp"),
        ("verdict=DENY", "one of allow"),
        ("since=yesterday", "a duration is a number"),
    ],
)
def test_a_word_that_is_none_is_a_usage_error(word: str, told: str) -> None:
    with pytest.raises(Quit, match=told) as caught:
        read(word)
    assert caught.value.exit_code == 2
