"""Who sends too much is turned away alone, and comes back when it slows down."""

from playbook import START

from lictor.runtime.enforcer.gate import Gate


def test_each_sender_has_an_allowance_of_its_own() -> None:
    gate = Gate(10, 1.0)
    assert [gate.takes("a", 0, START) for _ in range(12)] == [True] * 10 + [False] * 2
    assert gate.takes("b", 0, START)
    assert [gate.takes("a", 0, START + 0.2) for _ in range(3)] == [True, True, False]
    assert gate.turned_away() == {"a": 3}
    assert gate.turned_away() == {}


def test_a_clock_that_goes_back_gives_nothing() -> None:
    gate = Gate(1, 1.0)
    assert gate.takes("a", 0, START)
    assert not gate.takes("a", 0, START - 60)
    assert gate.takes("a", 0, START - 58)


def test_large_bodies_count_more_and_one_always_passes() -> None:
    gate = Gate(34, 1.0)
    assert [gate.takes("a", 1_048_576, START) for _ in range(3)] == [True, True, False]
    assert Gate(1, 1.0).takes("a", 1_048_576, START)


def test_parts_of_answers_are_counted_apart() -> None:
    gate = Gate(1, 1.0)
    assert sum(gate.takes_part("a", 200, START) for _ in range(30_000)) == 20_000
    assert gate.takes_part("b", 200, START)
    assert gate.takes("a", 0, START)
    assert sum(gate.takes_part("a", 200, START + 1) for _ in range(30_000)) == 5_000
    assert not gate.takes_part("b", 30_000_000, START)


def test_only_a_flood_is_called_one() -> None:
    gate = Gate(1, 1.0)
    for _ in range(1000):
        gate.takes("busy", 100, START)
    for _ in range(30_000):
        gate.takes("hostile", 0, START)
    for _ in range(30):
        gate.takes("heavy", 1_048_576, START)
    assert gate.floods() == ["hostile", "heavy"]
    assert gate.floods() == []
