import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.ping_pong import Talk


def say(talk: Talk, side: int, text: str) -> bool:
    return talk.say(side, hash(text), text.encode())


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("please check", "it is checked"),
        ("please check ({n})", "it is checked ({n})"),
        ("please check at 12:{n:02}", "it is checked at 12:{n:02}"),
        ("please check, attempt {n}", "it is checked, take {n}"),
    ],
)
def test_a_talk_without_anything_new_is_told_within_ten_messages(one: str, two: str) -> None:
    talk = Talk()
    for number in range(6):
        say(talk, 0, one.format(n=number))
        if talk.account(0) > 6:
            break
        say(talk, 1, two.format(n=number))
    assert talk.account(0) > 6
    assert 2 * number <= 10


def test_other_words_of_the_same_few_are_nothing_new() -> None:
    talk = Talk()
    say(talk, 0, "thank you very much dear friend")
    say(talk, 1, "you are most welcome dear friend")
    for words in ["thank you friend", "welcome dear", "thank you dear friend", "most welcome", "very much thank you"]:
        for side in (0, 1):
            assert not say(talk, side, words + " friend" * side)
    assert talk.account(0) >= 5


def test_news_are_new() -> None:
    talk = Talk()
    for number in range(30):
        assert say(talk, number % 2, f"{'xyz'[number % 3]}{chr(103 + number % 20)} {'m' * number}")
        assert talk.account(0) == talk.account(1) == 0


def test_numbers_that_are_looked_up_are_no_ping_pong() -> None:
    talk = Talk()
    for number in range(30):
        say(talk, 0, f"what is the price of item {number}?")
        say(talk, 1, f"the price is {(number * 7919) % 100}")
        assert talk.account(0) <= 6


def test_who_says_something_new_has_nothing_on_its_account() -> None:
    talk = Talk()
    for number in range(40):
        say(talk, 0, "go on")
        say(talk, 1, f"news {'gh'[number % 2]} {'k' * number}")
        assert talk.account(1) == 0
        assert talk.account(0) <= 2


def test_a_flood_leaves_the_flooded_alone() -> None:
    talk = Talk()
    say(talk, 1, "stop it")
    for _ in range(100):
        say(talk, 0, "hello")
    assert talk.account(1) == 0
    assert talk.account(0) > 6


def test_work_that_is_handed_out_is_no_ping_pong() -> None:
    talk = Talk()
    for number in range(30):
        say(talk, 0, f"summarise file {number}")
    assert talk.account(0) <= 6


@given(st.lists(st.tuples(st.integers(0, 1), st.text(max_size=30)), max_size=150))
def test_deterministic_and_bounded(sayings: list[tuple[int, str]]) -> None:
    one, other = Talk(), Talk()
    for side, text in sayings:
        assert talk_bytes(one, side, text) == talk_bytes(other, side, text)
        assert 0 <= one.account(0) <= 128
    assert len(one._sayings) <= 64
    assert len(one._numbers) <= 64


def talk_bytes(talk: Talk, side: int, text: str) -> bool:
    content = text.encode(errors="replace")
    return talk.say(side, hash(content), content)


def test_words_are_bounded() -> None:
    talk = Talk()
    for number in range(2000):
        say(
            talk,
            number % 2,
            " ".join(f"{'ghijklmnop'[number % 10]}{'qrstuvwxyz'[number // 10 % 10]}{chr(103 + k)}" for k in range(19)),
        )
    assert len(talk._words) < 600
