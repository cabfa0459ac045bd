"""A model worker: the principal that answers chat-completions messages from several agents at once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Final

from lictor.protocols.errors import ProtocolError
from lictor.protocols.mesh import Delivery, Mesh
from lictor.protocols.subjects import Kind
from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.answer import AnswerHead, write_chunk, write_completion, write_error
from lictor.runtime.inference.backend import Backend
from lictor.runtime.inference.errors import BackendFailed, BadRequest, Busy, InferenceError, LateRequest, UnknownModel
from lictor.runtime.inference.request import ChatRequest, read_request

MOST_REQUESTS: Final = 64
"""Requests that one worker runs and lets wait; the next is told at once that the model is busy."""

_log = logging.getLogger(__name__)


class ModelWorker:
    """Serves one model on the mesh."""

    def __init__(
        self,
        plan: ModelPlan,
        mesh: Mesh,
        *,
        backend: Backend | None = None,
        most: int = MOST_REQUESTS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._plan = plan
        self._mesh = mesh
        self._backend = backend or choose_backend(plan)
        self._most = most
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        self._serving = False

    @property
    def model(self) -> str:
        """Name of the model that really runs."""
        return self._backend.model

    async def open(self) -> None:
        """Load the model, then serve; a second call does nothing. Raises ModelUnreadable and MeshUnavailable."""
        await self._backend.open()
        await self._mesh.open()
        if not self._serving:
            self._serving = True
            await self._mesh.serve(self._handle)

    async def close(self) -> None:
        """Drop what runs, leave the mesh, free the model; a second call does nothing."""
        await self._mesh.close()  # cancels the handlers that run
        await self._backend.close()

    async def wait(self) -> None:
        """Return when the model was closed; raise BackendFailed when it can answer no more."""
        await self._backend.wait()

    async def _handle(self, delivery: Delivery) -> None:
        task = asyncio.current_task()
        if delivery.kind is not Kind.MODEL or task is None:
            return
        waiting = len(self._running)
        self._running.add(task)
        try:
            request = self._admit(delivery, waiting)
            async with self._until(delivery.deadline):
                await self._answer(delivery, request)
        except InferenceError as error:
            await _tell(delivery, error)
        except ProtocolError as error:
            # nobody can be told: the bus is gone, or the answer is no longer waited for
            _log.info("the answer to %s was dropped: %s", delivery.id, error)
        except Exception:
            _log.exception("a request to %s failed", self._backend.model)
            await _tell(delivery, BackendFailed("the model worker failed on this request"))
        finally:
            self._running.discard(task)

    def _admit(self, delivery: Delivery, waiting: int) -> ChatRequest:
        if waiting >= self._most:
            raise Busy(waiting)
        request = replace(read_request(delivery.body), sender=delivery.sender)
        known = {"", self._plan.name, self._plan.principal, self._backend.model}
        if request.model not in known:
            raise UnknownModel(f"{self._plan.principal} runs {self._plan.name}, not {request.model[:80]!r}")
        return request

    async def _answer(self, delivery: Delivery, request: ChatRequest) -> None:
        head = AnswerHead(self._backend.model)
        if not request.stream:
            await delivery.answer(write_completion(head, await self._backend.complete(request)))
            return
        first = True
        async with aclosing(self._backend.stream(request)) as parts:
            async for part in parts:
                await delivery.answer(write_chunk(head, part, first=first), end=bool(part.finish))
                first = False

    @asynccontextmanager
    async def _until(self, deadline: float) -> AsyncIterator[None]:
        """Drop the work at a deadline in Unix time, 0 for none; raises LateRequest."""
        left = deadline - self._clock() if deadline else None
        if left is not None and left <= 0:
            raise LateRequest
        scope = asyncio.timeout(left)
        try:
            async with scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            raise LateRequest from None


def choose_backend(plan: ModelPlan) -> Backend:
    """Return the backend that a plan names; raises BadRequest for one that does not exist."""
    match plan.backend:
        case "llama-cpp":
            from lictor.runtime.inference.backends.llama_cpp import LlamaCppBackend  # noqa: PLC0415 — loads numpy

            return LlamaCppBackend(plan)
        case "openai":
            from lictor.runtime.inference.backends.openai_compatible import OpenAICompatibleBackend  # noqa: PLC0415

            return OpenAICompatibleBackend(plan)
        case "scripted" if plan.gguf is not None:
            from lictor.runtime.inference.backends.scripted import ScriptedBackend  # noqa: PLC0415

            return ScriptedBackend(plan.gguf)
    raise BadRequest(
        f"the model {plan.name} names the backend {plan.backend!r}, which does not exist or lacks its file"
    )


async def _tell(delivery: Delivery, error: InferenceError) -> None:
    try:
        await delivery.answer(write_error(error))
    except ProtocolError as lost:
        _log.info("the error %s for %s was dropped: %s", error.code, delivery.id, lost)
