from lictor.guardrails.behaviour.prompts import Prompts


def test_the_same_prompt_is_counted() -> None:
    prompts = Prompts()
    assert [prompts.send(b"hm", float(number)) for number in range(20)] == list(range(1, 21))


def test_prompts_that_take_turns_are_counted() -> None:
    prompts = Prompts()
    for number in range(20):
        last = prompts.send(b"one" if number % 2 else b"two", float(number))
    assert last == 10


def test_a_prompt_that_grows_is_another() -> None:
    prompts = Prompts()
    assert {prompts.send(b"x" * (20_000 + number), 0.0) for number in range(50)} == {1}


def test_a_prompt_every_few_minutes_is_fine() -> None:
    prompts = Prompts()
    assert {prompts.send(b"any alerts?", 301.0 * number) for number in range(50)} == {1}


def test_memory_is_bounded() -> None:
    prompts = Prompts()
    for number in range(1000):
        prompts.send(str(number).encode(), 0.0)
    assert len(prompts._sent) <= 16
