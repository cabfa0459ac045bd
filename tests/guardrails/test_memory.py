"""Ids are remembered for a window, and no sender can fill the memory of another."""

from lictor.guardrails.memory import SeenIds


def test_ids_are_remembered_for_the_whole_window() -> None:
    seen = SeenIds(10.0, 100)
    for second in range(100):
        assert seen.add(f"id-{second}", "a", float(second))
        for past in range(max(0, second - 10), second + 1):
            assert f"id-{past}" in seen
    assert "id-70" not in seen


def test_a_quiet_time_forgets() -> None:
    seen = SeenIds(10.0, 100)
    seen.add("x", "a", 0.0)
    seen.add("y", "a", 25.0)
    assert "x" not in seen
    assert "y" in seen


def test_each_sender_has_a_share() -> None:
    seen = SeenIds(10.0, 2)
    assert seen.add("1", "a", 0.0)
    assert seen.add("2", "a", 1.0)
    assert not seen.add("3", "a", 2.0)
    assert "3" not in seen
    assert seen.add("4", "b", 2.0)
    assert seen.add("5", "a", 11.0)
