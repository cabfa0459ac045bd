from random import Random

from lictor.guardrails.behaviour.extraction import Extraction, alike, sketch

WORDS = [f"{one}{two}{three}" for one in "bdfgklm" for two in "aeiou" for three in "nrstvz"]


def words(rng: Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def ask(extraction: Extraction, caller: str, questions: list[str]) -> float:
    for number, question in enumerate(questions):
        extraction.note(caller, question.encode())
        if number % 15 == 0:
            extraction.tick()
    extraction.tick()
    return extraction.score(caller)


def templated(rng: Random, count: int) -> list[str]:
    return [
        f"Explain step by step and show your whole chain of thought: how would you solve the puzzle {words(rng, 2)}?"
        for _ in range(count)
    ]


def test_many_questions_by_one_template() -> None:
    assert ask(Extraction(), "ext-a", templated(Random(1), 150)) >= 0.7


def test_other_questions_are_fine() -> None:
    rng = Random(2)
    assert ask(Extraction(), "ext-a", [words(rng, rng.randint(4, 20)) for _ in range(300)]) == 0.0


def test_the_same_question_again_is_nothing_learnt() -> None:
    assert ask(Extraction(), "ext-a", ["Is the shop open, and until when is it open today?"] * 500) == 0.0


def test_a_campaign_over_many_keys_is_seen_sooner() -> None:
    extraction, rng = Extraction(), Random(3)
    for caller in ("ext-a", "ext-b", "ext-c"):
        score = ask(extraction, caller, templated(rng, 60))
    assert score >= 0.7
    assert ask(Extraction(), "ext-a", templated(rng, 60)) < 0.7


def test_copying_somebody_makes_no_extractor_of_it() -> None:
    extraction, rng = Extraction(), Random(4)
    ask(extraction, "ext-victim", templated(rng, 25))
    ask(extraction, "ext-attacker", templated(rng, 400))
    assert ask(extraction, "ext-victim", templated(rng, 1)) <= 0.5


def test_memory_is_bounded() -> None:
    extraction, rng = Extraction(), Random(5)
    for number in range(1500):
        extraction.note(f"ext-{number % 300}", words(rng, 12).encode())
        extraction.tick()
    assert len(extraction._templates) <= 128
    assert len(extraction._asked) <= 64
    for _ in range(1000):
        extraction.note("ext-a", b"x" * 10_000)
    assert len(extraction._waiting) <= 64


def test_likeness() -> None:
    assert alike(sketch(b"the same words"), sketch(b"The same, words! 12")) == 1.0
    assert alike(sketch(b""), sketch(b"")) == 1.0
    assert alike(sketch(b""), sketch(b"words")) == 0.0
    assert alike(sketch(b"red green blue"), sketch(b"one two three")) == 0.0
