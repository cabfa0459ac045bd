"""The contract of a backend: whatever answers a chat-completions request."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Protocol

from lictor.runtime.inference.request import ChatRequest


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, counted by whatever ran the model."""

    prompt: int
    completion: int
    cached: int = 0
    """Tokens of the prompt that were not computed again."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that the model asks for; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A part of an answer. The last one has `finish`; nothing follows it.

    A call may come in parts, as OpenAI's servers send it: they share `index`, and the first has id and name.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    """`stop`, `length` or `tool_calls`, in the last part."""
    usage: Usage | None = None
    """In the last part."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer."""

    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    usage: Usage | None


class Backend(Protocol):
    """Answers requests, several at once. What it raises is an InferenceError."""

    @property
    def model(self) -> str:
        """Name of the model that really runs: a file's name, a remote model, `scripted/…`."""
        ...

    async def open(self) -> None:
        """Load the model or check what is needed; a second call does nothing. Raises ModelUnreadable."""
        ...

    async def close(self) -> None:
        """Give everything back; requests that still run fail. A second call does nothing."""
        ...

    async def wait(self) -> None:
        """Return when the backend was closed; raise when it can answer no more."""
        ...

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer in one piece; cancelling the call stops the work."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Answer in parts; closing the generator stops the work."""
        ...


async def gather(parts: AsyncGenerator[Delta, None]) -> Completion:
    """Return the whole answer of a stream."""
    text: list[str] = []
    calls: dict[int, ToolCall] = {}
    finish, usage = "stop", None
    async for part in parts:
        text.append(part.text)
        for call in part.calls:
            begun = calls.get(call.index)
            calls[call.index] = call if begun is None else replace(begun, arguments=begun.arguments + call.arguments)
        finish = part.finish or finish
        usage = part.usage or usage
    return Completion("".join(text), tuple(calls[index] for index in sorted(calls)), finish, usage)
