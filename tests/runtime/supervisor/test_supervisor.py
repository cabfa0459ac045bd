import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sample_parts
from sample_parts import Ear, SampleAccess

from lictor.runtime.supervisor.child import ChildFailed, ChildSpec, Handle, Restart, Starter
from lictor.runtime.supervisor.decide import State
from lictor.runtime.supervisor.part import Part
from lictor.runtime.supervisor.process import ForkServer
from lictor.runtime.supervisor.supervisor import Report, Supervisor

Child = tuple[ChildSpec, Starter]


class Watch:
    """Hears of every change and every announcement; a test waits for what it expects."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self._changed = asyncio.Event()
        self.supervisor: Supervisor | None = None

    def over(self, *children: Child) -> Supervisor:
        self.supervisor = Supervisor(children, announce=self.gone.append, on_change=self._changed.set)
        return self.supervisor

    async def until(self, condition: Callable[[dict[str, Report]], bool]) -> None:
        """Return when the report fulfils the condition."""
        assert self.supervisor is not None
        async with asyncio.timeout(20):
            while not condition({report.name: report for report in self.supervisor.report()}):
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def ear() -> Iterator[Ear]:
    with sample_parts.listen() as heard:
        yield heard


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    watching = Watch()
    yield watching
    if watching.supervisor is not None:
        await watching.supervisor.stop()


@pytest.fixture
def child(tmp_path: Path, ear: Ear) -> Callable[..., Child]:
    forks = ForkServer(["sample_parts"], tmp_path / "logs")

    def make(name: str, part: Part[SampleAccess], **words: object) -> Child:
        spec = ChildSpec(name, **{"kind": "agent", **words})  # type: ignore[arg-type]
        return spec, partial(forks.start, name, part, SampleAccess(ear.path, name))

    return make


async def test_children_start_get_ready_and_stop(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.serve), child("two", sample_parts.serve))
    assert [report.state for report in supervisor.report()] == [State.STOPPED, State.STOPPED]
    supervisor.begin()
    await supervisor.ready()
    assert [(report.name, report.state) for report in supervisor.report()] == [
        ("one", State.READY),
        ("two", State.READY),
    ]
    pids = {report.pid for report in supervisor.report()}
    assert 0 not in pids
    assert len(pids) == 2
    await supervisor.stop()
    assert [(report.state, report.pid) for report in supervisor.report()] == [(State.STOPPED, 0)] * 2
    assert sorted(watch.gone) == ["one", "two"]


async def test_chosen_children_start_alone(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.serve), child("two", sample_parts.serve))
    supervisor.begin(["two"])
    await supervisor.ready(["two"])
    assert [report.state for report in supervisor.report()] == [State.STOPPED, State.READY]


async def test_a_killed_child_is_announced_and_started_again(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.serve), child("two", sample_parts.serve))
    supervisor.begin()
    await supervisor.ready()
    first, other = (report.pid for report in supervisor.report())
    os.kill(first, signal.SIGKILL)
    await watch.until(lambda told: told["one"].restarts == 1 and told["one"].state is State.READY)
    one, two = supervisor.report()
    assert watch.gone == ["one"]
    assert one.pid not in {0, first}
    assert one.reason == "one was killed by SIGKILL"
    assert (two.pid, two.restarts) == (other, 0)


async def test_a_child_that_keeps_dying_is_given_up(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.fail, intensity=2))
    supervisor.begin()
    await watch.until(lambda told: told["one"].state is State.FAILED)
    with pytest.raises(ChildFailed, match=r"one: the disk is full \(more than 2 restarts in 60 s\)"):
        await supervisor.ready()
    (report,) = supervisor.report()
    assert (report.state, report.restarts, report.pid) == (State.FAILED, 2, 0)
    assert watch.gone == ["one"] * 3
    assert not supervisor.given_up.is_set()


async def test_a_child_that_cannot_be_started_is_told_at_once(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.fail, intensity=100, backoff_first=60.0, backoff_most=60.0))
    supervisor.begin()
    with pytest.raises(ChildFailed, match=r"^one: the disk is full$"):
        await supervisor.ready()
    await supervisor.stop()
    assert supervisor.report()[0].state is State.STOPPED


async def test_a_start_that_failed_is_forgotten_with_the_next(watch: Watch, child: Callable[..., Child]) -> None:
    spec, starter = child("one", sample_parts.serve, intensity=100, backoff_first=60.0, backoff_most=60.0)
    able = False

    async def start() -> Handle:
        if not able:
            raise ChildFailed("the disk is full")
        return await starter()

    supervisor = watch.over((spec, start))
    supervisor.begin()
    with pytest.raises(ChildFailed, match=r"^one: the disk is full$"):
        await supervisor.ready()
    able = True
    supervisor.begin()
    await supervisor.ready()
    assert supervisor.report()[0].state is State.READY


async def test_giving_up_a_significant_child_is_the_end_of_the_team(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("bus", sample_parts.fail_later, intensity=0, significant=True))
    supervisor.begin()
    await supervisor.given_up.wait()


async def test_a_temporary_child_is_not_started_again(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.serve, restart=Restart.TEMPORARY))
    supervisor.begin()
    await supervisor.ready()
    os.kill(supervisor.report()[0].pid, signal.SIGKILL)
    await watch.until(lambda told: told["one"].state is State.FAILED)


async def test_a_transient_child_that_ended_well_stays_down(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.finish, restart=Restart.TRANSIENT))
    supervisor.begin()
    await watch.until(lambda told: told["one"].state is State.STOPPED)
    assert supervisor.report()[0].restarts == 0


async def test_a_child_that_is_not_ready_in_time_is_killed_and_counted(
    watch: Watch, child: Callable[..., Child], ear: Ear
) -> None:
    supervisor = watch.over(child("one", sample_parts.dawdle, start=0.5, intensity=0))
    supervisor.begin()
    pid = int(await ear.hear())
    with pytest.raises(ChildFailed, match=r"one was not ready within 0\.5 s"):
        await supervisor.ready()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_stopping_during_a_start_leaves_nothing(watch: Watch, child: Callable[..., Child], ear: Ear) -> None:
    supervisor = watch.over(child("one", sample_parts.dawdle, shutdown=0.1))
    supervisor.begin()
    pid = int(await ear.hear())
    await supervisor.stop()
    assert supervisor.report()[0].state is State.STOPPED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_stopping_before_there_is_a_process_ends_the_start(watch: Watch) -> None:
    called = asyncio.Event()

    async def start() -> Handle:
        called.set()
        await asyncio.Event().wait()
        raise AssertionError

    supervisor = watch.over((ChildSpec("one", "agent"), start))
    supervisor.begin()
    await called.wait()
    await supervisor.stop()
    assert supervisor.report()[0].state is State.STOPPED
    assert watch.gone == ["one"]


async def test_stopping_during_a_backoff_starts_nothing(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.fail, backoff_first=3600.0, backoff_most=3600.0))
    supervisor.begin()
    await watch.until(lambda told: told["one"].state is State.WAITING)
    await supervisor.stop()
    assert (supervisor.report()[0].state, supervisor.report()[0].pid) == (State.STOPPED, 0)


async def test_beginning_a_child_that_waits_starts_it_once(watch: Watch, child: Callable[..., Child], ear: Ear) -> None:
    spec, start = child("one", sample_parts.introduce, backoff_first=3600.0, backoff_most=3600.0)
    supervisor = watch.over((spec, start))
    supervisor.begin()
    await supervisor.ready()
    first = int(await ear.hear())
    os.kill(first, signal.SIGKILL)
    await watch.until(lambda told: told["one"].state is State.WAITING)
    supervisor.begin()
    await supervisor.ready()
    assert int(await ear.hear()) == supervisor.report()[0].pid != first
    await supervisor.stop()
    assert watch.gone == ["one", "one"]
    assert asyncio.all_tasks() <= {asyncio.current_task()}


async def test_a_stopped_team_can_be_begun_again(watch: Watch, child: Callable[..., Child]) -> None:
    supervisor = watch.over(child("one", sample_parts.serve))
    for _ in range(2):
        supervisor.begin()
        await supervisor.ready()
        await supervisor.stop()
    assert supervisor.report()[0].restarts == 0


async def test_a_starter_that_breaks_counts_as_an_end(watch: Watch) -> None:
    async def start() -> Handle:
        raise KeyError("no such key")

    supervisor = watch.over((ChildSpec("one", "agent", intensity=1), start))
    supervisor.begin()
    with pytest.raises(ChildFailed, match="no such key"):
        await supervisor.ready()


async def test_a_listener_that_fails_does_no_harm(child: Callable[..., Child]) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on the device")

    supervisor = Supervisor([child("one", sample_parts.serve)], announce=fail, on_change=fail)
    supervisor.begin()
    await supervisor.ready()
    await supervisor.stop()
    assert supervisor.report()[0].restarts == 0


async def test_kinds_stop_in_reverse_order(watch: Watch, child: Callable[..., Child], ear: Ear) -> None:
    supervisor = watch.over(
        child("record", sample_parts.serve, kind="recorder"),
        child("one", sample_parts.serve),
        child("two", sample_parts.serve),
    )
    supervisor.begin()
    await supervisor.ready()
    await supervisor.stop()
    told = [await ear.hear() for _ in range(3)]
    assert sorted(told[:2]) == ["stopped one", "stopped two"]
    assert told[2] == "stopped record"
