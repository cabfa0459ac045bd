import pytest

from lictor.runtime.supervisor.child import ChildSpec, Restart


def test_a_child_is_restarted_three_times_a_minute_unless_told_otherwise() -> None:
    spec = ChildSpec("writer", "agent")
    assert spec.restart is Restart.PERMANENT
    assert (spec.intensity, spec.period) == (3, 60.0)
    assert not spec.significant


def test_restart_types_are_otps_words() -> None:
    assert [restart.value for restart in Restart] == ["permanent", "transient", "temporary"]


def test_a_spec_cannot_change() -> None:
    spec = ChildSpec("writer", "agent")
    with pytest.raises(AttributeError):
        spec.intensity = 9  # type: ignore[misc]
