from lictor.guardrails.behaviour.bursts import PATIENCE
from lictor.guardrails.behaviour.trail import Gathering, Trail


def test_open_requests_are_counted_and_bounded() -> None:
    trail = Trail(0.0)
    assert [trail.open(str(number), None, "", 1.0) for number in range(3)] == [1, 2, 3]
    for number in range(5000):
        trail.open(f"more-{number}", None, "", 1.0)
    assert len(trail.opened) <= 1040


def test_requests_nobody_answers_are_forgotten() -> None:
    trail = Trail(0.0)
    for number in range(15):
        trail.open(str(number), None, "", 0.0)
    assert trail.open("late", None, "", PATIENCE + 1) == 1


def test_a_talk_has_two_sides() -> None:
    gathering = Gathering()
    talk, side = gathering.talk("a", "b")
    assert gathering.talk("b", "a") == (talk, 1 - side)
    assert gathering.talk("a", "c")[0] is not talk


def test_talks_are_bounded() -> None:
    gathering = Gathering()
    for number in range(200):
        gathering.talk("a", f"b-{number}")
    assert len(gathering._talks) <= 32
