from importlib import import_module
from random import Random
from typing import Any

import pytest

from lictor.guardrails.behaviour.drift import Adwin, Drift, PageHinkley


def feed(
    drift: Drift, rng: Random, begin: float, messages: int, *, length: float = 1.0, pace: float = 1.0
) -> list[float]:
    now, scores = begin, []
    for number in range(messages):
        now += rng.uniform(1, 3) / pace
        drift.note(int(rng.lognormvariate(6, 1) * length) + 20)
        if number % 8 == 0:
            drift.tick(now)
            scores.append(drift.score)
    return scores


def test_what_stays_as_it_is_does_not_drift() -> None:
    assert not any(feed(Drift(), Random(3), 0.0, 3000))


def test_longer_messages_are_seen_within_a_few_dozen() -> None:
    drift, rng = Drift(), Random(4)
    feed(drift, rng, 0.0, 800)
    assert max(feed(drift, rng, 2000.0, 80, length=10.0)) == 0.8


def test_a_drift_is_told_for_a_while() -> None:
    drift, rng = Drift(), Random(4)
    feed(drift, rng, 0.0, 800)
    feed(drift, rng, 2000.0, 60, length=10.0)
    drift.tick(10_000.0)
    assert drift.score == 0.0


def test_samples_between_two_ticks_are_bounded() -> None:
    drift = Drift()
    for _ in range(10_000):
        drift.note(100)
    assert len(drift._samples) <= 256
    drift.tick(1.0)
    assert drift._samples == []


def test_a_tick_with_nothing_does_nothing() -> None:
    drift = Drift()
    drift.tick(1.0)
    assert drift.score == 0.0
    assert drift._length is None


def test_adwin_moves_by_the_difference() -> None:
    detector, rng = Adwin(1e-5), Random(6)
    assert not any(detector.update(rng.gauss(5, 1)) for _ in range(500))
    moved = [detector.update(rng.gauss(9, 1)) for _ in range(100)]
    assert max(moved) > 0.2


def test_page_hinkley_sees_growth_and_no_shrinking() -> None:
    rng = Random(7)
    values = [rng.gauss(5, 1) for _ in range(300)]
    detector = PageHinkley()
    assert not any(detector.update(value) for value in values)
    assert any(detector.update(value + 4) for value in values)
    detector = PageHinkley()
    assert not any(detector.update(value) for value in [*values, *[value - 4 for value in values]])


@pytest.mark.slow
def test_both_say_what_rivers_own_classes_say() -> None:
    river: Any = import_module("river.drift")

    rng = Random(8)
    values = [rng.gauss(5 + 3 * (number // 400), 1) for number in range(2000)]
    own, rivers, page, theirs = (
        Adwin(1e-5),
        river.ADWIN(delta=1e-5),
        PageHinkley(),
        river.PageHinkley(100, 0.5, 200.0, 0.9999, "up"),
    )
    for value in values:
        rivers.update(value)
        theirs.update(value)
        assert rivers.drift_detected is bool(own.update(value))
        assert theirs.drift_detected is page.update(value)
