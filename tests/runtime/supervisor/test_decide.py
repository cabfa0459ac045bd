from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervision_playbook import Playbook

from lictor.runtime.supervisor.child import ChildSpec, Restart
from lictor.runtime.supervisor.decide import (
    Announce,
    Begun,
    Child,
    Dismissed,
    Ended,
    Event,
    GiveUp,
    Gone,
    Readied,
    Start,
    State,
    Stop,
    decide,
)

SPEC = ChildSpec("writer", "agent", intensity=2, period=60, backoff_first=1.0, backoff_most=3.0)
RUNNING = {State.STARTING, State.READY, State.STOPPING}
"""States in which there is, or may be, an instance."""


def started(**changes: Any) -> Playbook:
    play = Playbook(replace(SPEC, **changes))
    return play >> Begun() << Start() >> Readied()


def test_a_child_starts_gets_ready_and_stops() -> None:
    assert started().state is State.READY
    assert (started() >> Dismissed() << Stop()).state is State.STOPPING
    assert (started() >> Dismissed() << Stop() >> Gone() << Announce()).state is State.STOPPED


def test_a_child_that_ended_is_announced_and_started_again_after_its_backoff() -> None:
    play = started() >> Ended("killed") << Announce() << Start(1.0)
    assert play.state is State.WAITING
    assert (play.child.total, play.child.reason) == (1, "killed")
    assert (play >> Begun() << Start()).state is State.STARTING


def test_a_child_that_ends_before_it_is_ready_counts_as_one_that_ended() -> None:
    play = Playbook(SPEC) >> Begun() << Start() >> Ended("no model") << Announce() << Start(1.0)
    assert play.state is State.WAITING


def test_too_many_restarts_give_the_child_up_and_say_why() -> None:
    play = started()
    for wait in (1.0, 2.0):
        play = play >> Ended("killed") << Announce() << Start(wait) >> Begun() << Start() >> Readied()
    assert (play >> Ended("killed") << Announce() << GiveUp()).state is State.FAILED
    assert play.child.reason == "killed (more than 2 restarts in 60 s)"
    assert play.child.total == 2


def test_restarts_far_apart_are_forgiven() -> None:
    play = started()
    for minute in range(20):
        play.at(minute * 61.0)
        play = play >> Ended("killed") << Announce() << Start(1.0) >> Begun() << Start() >> Readied()
    assert play.state is State.READY
    assert play.child.total == 20


@pytest.mark.parametrize(
    ("restart", "reason", "state"),
    [
        (Restart.PERMANENT, "", State.WAITING),
        (Restart.PERMANENT, "killed", State.WAITING),
        (Restart.TRANSIENT, "", State.STOPPED),
        (Restart.TRANSIENT, "killed", State.WAITING),
        (Restart.TEMPORARY, "", State.STOPPED),
        (Restart.TEMPORARY, "killed", State.FAILED),
    ],
)
def test_restart_types(restart: Restart, reason: str, state: State) -> None:
    child, actions = decide(replace(SPEC, restart=restart), Child(State.READY), Ended(reason), 0.0)
    assert child.state is state
    assert actions[0] == Announce()
    assert (GiveUp() in actions) is (state is State.FAILED)


def test_a_dismissed_child_that_waits_for_its_backoff_is_not_started() -> None:
    play = started() >> Ended("killed") << Announce() << Start(1.0) >> Dismissed() << Stop()
    assert play.state is State.STOPPED


def test_a_child_that_dies_while_it_is_stopped_is_stopped() -> None:
    assert (started() >> Dismissed() << Stop() >> Ended("killed") << Announce()).state is State.STOPPED


def test_a_child_that_was_given_up_can_be_begun_again() -> None:
    play = started(restart=Restart.TEMPORARY) >> Ended("killed") << Announce() << GiveUp()
    assert (play >> Begun() << Start()).state is State.STARTING


def test_jitter_shortens_the_backoff() -> None:
    _, actions = decide(SPEC, Child(State.READY), Ended("killed"), 0.0, jitter=0.5)
    assert actions == (Announce(), Start(0.75))


EVENTS = st.sampled_from([Begun(), Readied(), Ended(), Ended("killed"), Dismissed(), Gone()])
LIVES = st.lists(st.tuples(st.floats(0, 40), EVENTS), max_size=60)
SPECS = st.builds(
    ChildSpec,
    name=st.just("writer"),
    kind=st.just("agent"),
    restart=st.sampled_from(Restart),
    intensity=st.integers(0, 4),
    period=st.floats(1, 100),
    backoff_first=st.floats(0, 2),
)


def live(spec: ChildSpec, life: list[tuple[float, Event]]) -> list[tuple[float, Child, Event, Child, tuple[Any, ...]]]:
    """Return every step: when, the child before, the event, the child after, the actions."""
    steps = []
    child, now = Child(), 0.0
    for pause, event in life:
        now += pause
        after, actions = decide(spec, child, event, now)
        steps.append((now, child, event, after, actions))
        child = after
    return steps


@given(SPECS, LIVES)
def test_a_start_never_meets_a_running_instance(spec: ChildSpec, life: list[tuple[float, Event]]) -> None:
    for _, before, event, after, actions in live(spec, life):
        if any(isinstance(action, Start) for action in actions):
            assert before.state not in RUNNING or isinstance(event, Ended)
            assert after.state in {State.STARTING, State.WAITING}


@given(SPECS, LIVES)
def test_every_end_of_an_instance_is_announced_and_nothing_else_is(
    spec: ChildSpec, life: list[tuple[float, Event]]
) -> None:
    for _, before, _, after, actions in live(spec, life):
        gone = before.state in RUNNING and after.state not in RUNNING
        assert (Announce() in actions) is gone


@given(SPECS, LIVES)
def test_a_child_is_given_up_exactly_when_it_has_failed(spec: ChildSpec, life: list[tuple[float, Event]]) -> None:
    for _, before, _, after, actions in live(spec, life):
        assert (GiveUp() in actions) is (before.state is not State.FAILED and after.state is State.FAILED)


@given(SPECS, LIVES)
def test_after_dismissal_nothing_starts_until_it_is_begun(spec: ChildSpec, life: list[tuple[float, Event]]) -> None:
    dismissed = False
    for _, _, event, _, actions in live(spec, life):
        dismissed = (dismissed or isinstance(event, Dismissed)) and not isinstance(event, Begun)
        assert not (dismissed and any(isinstance(action, Start) for action in actions))


@given(SPECS, LIVES)
def test_restarts_stay_within_the_intensity(spec: ChildSpec, life: list[tuple[float, Event]]) -> None:
    restarts = [now for now, before, _, after, _ in live(spec, life) if after.total > before.total]
    for index, end in enumerate(restarts):
        assert sum(end - start <= spec.period for start in restarts[: index + 1]) <= spec.intensity


@given(SPECS, LIVES)
def test_what_changes_nothing_asks_for_nothing(spec: ChildSpec, life: list[tuple[float, Event]]) -> None:
    for _, before, _, after, actions in live(spec, life):
        assert before != after or actions == ()
