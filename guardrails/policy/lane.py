"""A lane: one thread that makes blocking calls for another, so that a call ends on time whatever its far end does."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Generic, NoReturn, TypeVar

Answer = TypeVar("Answer")

_MOST_STUCK: Final = 4
"""A server that never ends its answers costs so many threads, and no more."""


class LaneTimeout(Exception):
    """Raised when a call did not end in time, or cannot begin because too many have not ended."""


class _Task(Generic[Answer]):
    def __init__(self, work: Callable[[], Answer]) -> None:
        self.work = work
        self.result: SimpleQueue[Callable[[], Answer]] = SimpleQueue()


class Lane(Generic[Answer]):
    """Runs calls one at a time on a thread of its own; a call that is late is left behind with its thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[_Task[Answer] | None] | None = None
        self._stuck: list[threading.Thread] = []
        self._thread: threading.Thread | None = None

    def call(self, work: Callable[[], Answer], timeout: float) -> Answer:
        """Return what `work` returns or raise what it raises; raises LaneTimeout after `timeout` seconds."""
        task = _Task(work)
        self._open().put(task)
        try:
            tell = task.result.get(timeout=timeout)
        except Empty:
            self._leave()
            raise LaneTimeout(f"no answer within {timeout:g} s") from None
        return tell()

    def close(self) -> None:
        """End the thread, if it is idle."""
        if self._queue is not None:
            self._queue.put(None)
        self._queue = self._thread = None

    def _open(self) -> "SimpleQueue[_Task[Answer] | None]":
        if self._queue is None:
            self._stuck = [thread for thread in self._stuck if thread.is_alive()]
            if len(self._stuck) >= _MOST_STUCK:
                raise LaneTimeout(f"{len(self._stuck)} earlier calls have not ended yet")
            self._queue = SimpleQueue()
            self._thread = threading.Thread(target=_serve, args=(self._queue,), name=self._name, daemon=True)
            self._thread.start()
        return self._queue

    def _leave(self) -> None:
        if self._thread is not None:
            self._stuck.append(self._thread)
        self.close()


def _serve(queue: "SimpleQueue[_Task[Answer] | None]") -> None:
    while (task := queue.get()) is not None:
        try:
            answer = task.work()
        except Exception as error:  # whatever it is, the caller gets it
            task.result.put(_raising(error))
        else:
            task.result.put(_giving(answer))


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def tell() -> NoReturn:
        raise error

    return tell


def _giving(answer: Answer) -> Callable[[], Answer]:
    return lambda: answer
