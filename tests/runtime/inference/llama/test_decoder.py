"""The decoder's thread: works run together, are dropped at once, and all end when it ends."""

import threading
from collections.abc import Iterator

import pytest
from model_requests import chat

from lictor.runtime.inference.backend import Delta
from lictor.runtime.inference.errors import BackendFailed, InferenceError
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.decoder import Decoder, Pace, Work
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.llama.sampler import Sampler
from lictor.runtime.inference.output_text import OutputText
from lictor.runtime.inference.schedule import Job, Schedule

pytestmark = pytest.mark.slow


class Collected:
    """One work and what it delivered."""

    def __init__(self, model: LlamaModel, text: str = "Count: 1 2 3", most: int = 8) -> None:
        self.parts: list[Delta | InferenceError] = []
        self.begun = threading.Event()
        self.done = threading.Event()
        sampler = Sampler(model, chat(temperature=0), "")
        self.work = Work(Job(model.tokenize(text), most), sampler, OutputText(()), self.take)

    def take(self, part: Delta | InferenceError) -> None:
        self.parts.append(part)
        self.begun.set()
        if isinstance(part, InferenceError) or part.finish:
            self.done.set()


def fail(part: Delta | InferenceError) -> None:
    raise RuntimeError("broken")


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


@pytest.fixture
def decoder(smollm2: LlamaModel, context: LlamaContext, ended: threading.Event) -> Iterator[Decoder]:
    decoder = Decoder(smollm2, context, Schedule(3, 512), Pace(64, 16))
    decoder.start(ended.set)
    yield decoder
    decoder.stop()


def test_works_run_together(smollm2: LlamaModel, decoder: Decoder) -> None:
    works = [Collected(smollm2, f"Count: {n} 2 3") for n in range(5)]
    for each in works:
        decoder.submit(each.work)
    for each in works:
        assert each.done.wait(30)
        last = each.parts[-1]
        assert isinstance(last, Delta)
        assert (last.finish, last.usage and last.usage.completion) == ("length", 8)


def test_a_cancelled_work_says_nothing_more_and_frees_its_sequence(smollm2: LlamaModel, decoder: Decoder) -> None:
    endless = [Collected(smollm2, f"Count: {n}", most=150) for n in range(3)]
    for each in endless:
        decoder.submit(each.work)
    assert all(each.begun.wait(30) for each in endless)
    for each in endless:
        decoder.cancel(each.work)
    after = Collected(smollm2, "Count: 5")
    decoder.submit(after.work)
    assert after.done.wait(30)
    assert not any(each.done.is_set() for each in endless)
    assert all(len(each.work.job.generated) < 150 for each in endless)


def test_stopping_fails_what_runs(smollm2: LlamaModel, decoder: Decoder, ended: threading.Event) -> None:
    running = Collected(smollm2, most=300)
    decoder.submit(running.work)
    assert running.begun.wait(30)
    decoder.stop()
    assert ended.wait(5)
    assert isinstance(running.parts[-1], BackendFailed)
    assert decoder.failure is None
    with pytest.raises(BackendFailed, match="stopping"):
        decoder.submit(Collected(smollm2).work)


def test_a_failed_batch_fails_its_works_and_the_next_go_on(smollm2: LlamaModel, decoder: Decoder) -> None:
    bad = Collected(smollm2)
    bad.work.job.prompt = [10**7]
    decoder.submit(bad.work)
    assert bad.done.wait(30)
    assert isinstance(bad.parts[-1], BackendFailed)
    good = Collected(smollm2)
    decoder.submit(good.work)
    assert good.done.wait(30)
    assert isinstance(good.parts[-1], Delta)


def test_a_thread_that_fails_says_why(smollm2: LlamaModel, decoder: Decoder, ended: threading.Event) -> None:
    broken = Collected(smollm2)
    broken.work.deliver = fail
    decoder.submit(broken.work)
    assert ended.wait(30)
    assert isinstance(decoder.failure, RuntimeError)
