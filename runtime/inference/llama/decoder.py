"""The one thread that decodes: it takes requests in, computes step by step, and hands text out."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from lictor.runtime.inference.backend import Delta, Usage
from lictor.runtime.inference.errors import BackendFailed, InferenceError
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.llama.sampler import Sampler
from lictor.runtime.inference.output_text import OutputText
from lictor.runtime.inference.schedule import Job, Schedule

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a step may be, in tokens."""

    batch: int
    """Tokens of one step at the most."""
    chunk: int
    """Tokens of prompts in one step while others generate."""


@dataclass(slots=True, eq=False)
class Work:
    """One request as the decoder sees it."""

    job: Job
    sampler: Sampler
    text: OutputText
    deliver: Callable[[Delta | InferenceError], None]
    """Takes every part, from the decoder's thread; the last has `finish` or is an error."""
    reserve: int = 0
    """Tokens that ending a JSON text takes; 0 when the answer may be cut off anywhere."""
    per_level: int = 2
    """Tokens that each open object or list adds to that."""
    closes: Callable[[], bool] = field(default=lambda: True)
    """Whether the answer is a JSON text after all."""


class Decoder:
    """Runs works over one context. `submit` and `cancel` may be called from any thread."""

    def __init__(self, model: LlamaModel, context: LlamaContext, schedule: Schedule, pace: Pace) -> None:
        self._model = model
        self._context = context
        self._schedule = schedule
        self._pace = pace
        self._wake = threading.Condition()
        self._arrived: list[Work] = []
        self._cancelled: list[Work] = []
        self._stopping = False
        self._works: dict[Job, Work] = {}
        self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)
        self.failure: BaseException | None = None

    def start(self, ended: Callable[[], None]) -> None:
        """Start the thread; `ended` is called from it when it ends, `failure` then says why."""
        self._ended = ended
        self._thread.start()

    def stop(self) -> None:
        """Fail what runs, end the thread and wait for it."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, work: Work) -> None:
        """Let a work take its turn; raises BackendFailed when the thread is gone."""
        with self._wake:
            if self._stopping:
                raise BackendFailed("the model is stopping")
            self._arrived.append(work)
            self._wake.notify()

    def cancel(self, work: Work) -> None:
        """Drop a work, wherever it is: it delivers nothing more, and its sequence is free after the step that runs."""
        with self._wake:
            self._cancelled.append(work)
            self._wake.notify()

    def _run(self) -> None:
        try:
            while self._take():
                self._step()
        except BaseException as error:
            _log.exception("the decoder failed")
            self.failure = error
        finally:
            with self._wake:
                self._stopping = True
                self._works.update({work.job: work for work in self._arrived})
            for work in list(self._works.values()):
                with suppress(Exception):  # one work that cannot be told must not keep the others waiting
                    self._end(work, BackendFailed("the model stopped before the answer was complete"))
            self._ended()

    def _take(self) -> bool:
        """Wait until there is something to do and take it in; False when it is time to stop."""
        with self._wake:
            while not (self._arrived or self._cancelled or self._works or self._stopping):
                self._wake.wait()
            arrived, self._arrived = self._arrived, []
            cancelled, self._cancelled = self._cancelled, []
            stopping = self._stopping
        for work in arrived:
            self._works[work.job] = work
            self._schedule.add(work.job)
        for work in cancelled:
            self._end(work, None)
        return not stopping

    def _step(self) -> None:
        while (start := self._schedule.start()) is not None:
            for slot in start.cleared:
                self._context.clear(slot)
            kept = self._context.take_over(start.slot, start.source, start.keep)
            if kept < start.keep:
                self._schedule.forget(start.slot, kept)
                start.job.reused = kept
        rows = self._schedule.rows(self._pace.batch, self._pace.chunk)
        if not rows:
            return
        by_slot = {job.slot: self._works[job] for job in self._schedule.running}
        try:
            self._context.decode(rows)
        except BackendFailed as error:
            self._drop_all(by_slot, error)
            return
        self._schedule.computed(rows)
        for place, row in enumerate(rows):
            if row.sampled:
                self._sample(by_slot[row.slot], place)

    def _sample(self, work: Work, place: int) -> None:
        job = work.job
        left = job.most - len(job.generated)
        needed = work.reserve + work.per_level * work.sampler.depth
        closing = work.reserve > 0 and left <= needed and work.closes()
        try:
            token = work.sampler.sample(self._context, place, closing=closing)
        except InferenceError as error:
            self._end(work, error)
            return
        if self._model.ends(token):
            self._finish(work, work.text.finish(), "stop")
            return
        job.generated.append(token)
        text = work.text.push(self._model.piece(token))
        if work.text.stopped:
            self._finish(work, text, "stop")
        elif len(job.generated) >= job.most:
            self._finish(work, text + work.text.finish(), "length")
        elif text:
            work.deliver(Delta(text))

    def _finish(self, work: Work, text: str, finish: str) -> None:
        job = work.job
        self._end(work, Delta(text, (), finish, Usage(len(job.prompt), len(job.generated), job.reused)))

    def _end(self, work: Work, last: Delta | InferenceError | None) -> None:
        if self._works.pop(work.job, None) is None:
            return
        self._schedule.finish(work.job)
        work.sampler.close()
        if last is not None:
            work.deliver(last)

    def _drop_all(self, by_slot: "dict[int, Work]", error: BackendFailed) -> None:
        """Fail everything that runs and empty its sequences: what they hold is unknown after a failed batch."""
        works: Sequence[tuple[int, Work]] = list(by_slot.items())
        for slot, work in works:
            self._end(work, error)
            self._context.clear(slot)
            self._schedule.forget(slot)
