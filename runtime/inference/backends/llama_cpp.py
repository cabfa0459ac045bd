"""A GGUF in this process, on llama.cpp."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec

from lictor.protocols.identifiers import new_id
from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.backend import Completion, Delta, ToolCall, gather
from lictor.runtime.inference.errors import BackendFailed, BadRequest, ContextOverflow, InferenceError
from lictor.runtime.inference.grammar import call_grammar, schema_grammar
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.decoder import Decoder, Pace, Work
from lictor.runtime.inference.llama.fast_copy import cache_folder, load_fastest
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.llama.sampler import Sampler
from lictor.runtime.inference.model_file import find_model_file
from lictor.runtime.inference.output_text import OutputText
from lictor.runtime.inference.prompt import FALLBACK_TEMPLATE, PromptWriter
from lictor.runtime.inference.request import ChatRequest
from lictor.runtime.inference.schedule import Job, Schedule
from lictor.runtime.inference.shortest_json import shortest_json
from lictor.runtime.inference.threads import default_threads

P = ParamSpec("P")

_log = logging.getLogger(__name__)

SLOTS: Final = 4
"""Requests that are computed together."""

CPU_PACE: Final = Pace(batch=64, chunk=32)
"""On a processor longer steps are not faster, and a cancelled or a new request waits for the step that runs."""

GPU_PACE: Final = Pace(batch=512, chunk=256)

MOST_TOKENS: Final = 1024
"""Length of an answer when the caller names none."""

_SPARE: Final = 12
"""Tokens kept to end a JSON text, beside the shortest text that its schema allows."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: LlamaModel
    context: LlamaContext
    decoder: Decoder
    prompts: PromptWriter


class LlamaCppBackend:
    """Runs one GGUF: several requests together, prompts that begin alike computed once."""

    def __init__(self, plan: ModelPlan, *, cache: Path | None = None) -> None:
        """Take a plan; `cache` is the folder for faster copies of small models, the user's own when left out."""
        self._plan = plan
        self._cache = cache or cache_folder()
        self._loaded: _Loaded | None = None
        self._ended = asyncio.Event()
        self._name = plan.gguf.name if plan.gguf is not None else plan.name

    @property
    def model(self) -> str:
        """Name of the file that runs."""
        return self._name

    async def open(self) -> None:
        """Load the model in a thread; raises ModelUnreadable."""
        if self._loaded is None:
            loop = asyncio.get_running_loop()
            self._ended.clear()
            self._loaded = await asyncio.to_thread(self._load)
            self._loaded.decoder.start(_threadsafe(loop, self._ended.set))

    async def close(self) -> None:
        """Fail what runs and free the model."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            await asyncio.to_thread(_free, loaded)

    async def wait(self) -> None:
        """Return when closed; raise BackendFailed when the decoder failed."""
        loaded = self._loaded
        await self._ended.wait()
        if loaded is not None and loaded.decoder.failure is not None:
            raise BackendFailed(f"the decoder of {self._name} failed") from loaded.decoder.failure

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer in one piece."""
        return await gather(self.stream(request))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Answer in parts: what was sampled since the last one. Raises BadRequest, ContextOverflow, BackendFailed."""
        loaded = self._loaded
        if loaded is None:
            raise BackendFailed(f"{self._name} is not loaded")
        loop = asyncio.get_running_loop()
        parts: asyncio.Queue[Delta | InferenceError] = asyncio.Queue()
        work = await asyncio.to_thread(_prepare, loaded, request, self._plan.context_tokens)
        work.deliver = _threadsafe(loop, parts.put_nowait)
        loaded.decoder.submit(work)
        calls = _CallReader(loaded.prompts, request)
        try:
            finish = ""
            while not finish:
                delta = _joined(parts, await parts.get())
                finish = delta.finish
                shown = calls.read(delta)
                if shown is not None:
                    yield shown
        finally:
            loaded.decoder.cancel(work)

    def _load(self) -> _Loaded:
        path = find_model_file(self._plan)
        model = load_fastest(path, self._plan.gpu_layers, self._cache)
        self._name = model.path.name
        threads = self._plan.threads or default_threads()
        if self._plan.context_tokens > model.trained_context:
            _log.warning(
                "%s was trained on %d tokens of context, not %d",
                path.name,
                model.trained_context,
                self._plan.context_tokens,
            )
        if not model.template:
            _log.warning("%s carries no chat template: ChatML is used", path.name)
        pace = GPU_PACE if model.gpu_layers else CPU_PACE
        cells = 2 * self._plan.context_tokens
        try:
            context = LlamaContext(model, slots=SLOTS, cells=cells, batch=pace.batch, threads=threads)
        except InferenceError:
            model.close()
            raise
        prompts = PromptWriter(
            model.template or FALLBACK_TEMPLATE,
            bos=model.named_token("bos"),
            eos=model.named_token("eos"),
            special=model.special_texts(),
        )
        return _Loaded(model, context, Decoder(model, context, Schedule(SLOTS, cells), pace), prompts)


def _threadsafe(loop: asyncio.AbstractEventLoop, call: Callable[P, None]) -> Callable[P, None]:
    """Return a function that any thread may call; what comes after the loop has ended is of no use to anyone."""

    def hand_over(*arguments: P.args, **_: P.kwargs) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(call, *arguments)

    return hand_over


def _free(loaded: _Loaded) -> None:
    loaded.decoder.stop()
    loaded.context.close()
    loaded.model.close()


def _prepare(loaded: _Loaded, request: ChatRequest, context_tokens: int) -> Work:
    """Turn a request into work: its prompt as tokens, its grammar, its sampler."""
    prompt = loaded.model.tokenize(loaded.prompts.write(request))
    room = context_tokens - len(prompt)
    most = request.max_tokens or max(1, min(MOST_TOKENS, room))
    if most > room:
        raise ContextOverflow(len(prompt), most, context_tokens)
    grammar, smallest = _constrain(loaded.prompts, request)
    text = OutputText(request.stop)
    job = Job(prompt, most, request.sender)
    least = len(loaded.model.tokenize(smallest, special=False)) if smallest else 0
    if least > most:
        raise BadRequest(f"max_tokens is {most}, but the shortest answer that is well formed takes about {least}")
    reserve = least + _SPARE if least else 0
    work = Work(job, Sampler(loaded.model, request, grammar), text, lambda part: None, reserve)
    if least and _refers(request):
        work.per_level = least  # every level of a schema that refers to itself may have as much to finish
    if request.tool_choice == "auto" and request.schema is None:
        opening = (loaded.prompts.call_opening or "{").encode()[:1]
        work.closes = lambda: loaded.model.piece(job.generated[0])[:1] == opening if job.generated else False
    return work


def _refers(request: ChatRequest) -> bool:
    return '"$ref"' in json.dumps([request.schema, [tool.parameters for tool in request.tools]])


def _constrain(prompts: PromptWriter, request: ChatRequest) -> tuple[str, str]:
    """Return the grammar that holds an answer, and about the shortest answer that it allows when that is JSON."""
    if request.tool_choice != "none":
        name = request.tool_choice.removeprefix("tool:")
        named = request.tool_choice.startswith("tool:")
        tools = {tool.name: tool.parameters for tool in request.tools if not named or tool.name == name}
        around = prompts.call_opening, prompts.call_closing
        grammar = call_grammar(tools, text_too=request.tool_choice == "auto", opening=around[0], closing=around[1])
        longest = max((shortest_json(schema) for schema in tools.values()), key=len)
        longest_name = max(tools, key=len)
        return grammar, f'{around[0]}{{"name": "{longest_name}", "arguments": {longest}}}{around[1]}'
    if request.schema is not None:
        return schema_grammar(request.schema), shortest_json(request.schema)
    return request.grammar, ""


class _CallReader:
    """Turns an answer that is a call into one; an answer that is a text passes part by part."""

    def __init__(self, prompts: PromptWriter, request: ChatRequest) -> None:
        self._prompts = prompts
        self._may_call = request.tool_choice != "none"
        self._held = ""

    def read(self, delta: Delta) -> Delta | None:
        """Return what may be shown of a part; raises BackendFailed when a call was cut off."""
        if not self._may_call:
            return delta
        self._held += delta.text
        if not self._held and not delta.finish:
            return None
        if not self._held.startswith(self._prompts.call_opening[:1] or "{"):
            self._may_call = False
            return Delta(self._held, (), delta.finish, delta.usage)
        if not delta.finish:
            return None
        inner = self._held.removeprefix(self._prompts.call_opening).removesuffix(self._prompts.call_closing)
        try:
            call = json.loads(inner)
            arguments = json.dumps(call["arguments"], ensure_ascii=False)
            made = ToolCall(f"call_{new_id()}", call["name"], arguments)
        except (ValueError, KeyError, TypeError):
            raise BackendFailed("the model's tool call was cut off: raise max_tokens") from None
        return Delta("", (made,), "tool_calls", delta.usage)


def _joined(parts: "asyncio.Queue[Delta | InferenceError]", first: Delta | InferenceError) -> Delta:
    """Return what has arrived as one part, so that a slow reader gets fewer and longer ones."""
    text: list[str] = []
    part = first
    while True:
        if isinstance(part, InferenceError):
            raise part
        text.append(part.text)
        if part.finish or parts.empty():
            return Delta("".join(text), part.calls, part.finish, part.usage)
        part = parts.get_nowait()
