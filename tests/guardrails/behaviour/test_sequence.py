from random import Random

from lictor.guardrails.behaviour.sequence import WARM_UP, Sequence


def walk(sequence: Sequence, steps: list[int]) -> float:
    novelty, early, before = 0.0, 0, 0
    for step in steps:
        novelty = sequence.add(early, before, step)
        early, before = before, step
    return novelty


def test_nothing_is_new_while_it_warms_up() -> None:
    sequence, rng = Sequence(), Random(1)
    for _ in range(WARM_UP // 10):
        assert walk(sequence, [rng.getrandbits(60) for _ in range(10)]) == 0.0


def test_steps_never_taken_are_new() -> None:
    sequence = Sequence()
    walk(sequence, [1, 2, 3, 4] * 100)
    assert walk(sequence, [1, 2, 3, 4] * 5) < 0.05
    assert walk(sequence, [9, 8, 7, 6, 5, 19, 18, 17, 16, 15]) > 0.8
    assert walk(sequence, [1, 2, 3, 4] * 10) < 0.05


def test_one_new_step_is_little() -> None:
    sequence = Sequence()
    walk(sequence, [1, 2, 3, 4] * 100)
    assert walk(sequence, [1, 2, 3, 4, 1, 9]) < 0.3


def test_what_was_learnt_is_no_longer_new() -> None:
    sequence = Sequence()
    walk(sequence, [1, 2, 3, 4] * 100)
    walk(sequence, [9, 8, 7, 6, 5])
    assert walk(sequence, [9, 8, 7, 6, 5]) < 0.5


def test_memory_is_bounded_and_then_it_says_nothing() -> None:
    sequence = Sequence()
    assert walk(sequence, list(range(20_000))) == 0.0
    assert len(sequence._seen) <= 2049
