"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama-server, OpenAI."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import msgspec

from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.backend import Completion, Delta, ToolCall, Usage
from lictor.runtime.inference.errors import BackendFailed, BackendUnreachable, BadRequest
from lictor.runtime.inference.request import ChatRequest

TRIES: Final = 4
"""How often a request is made before the server counts as unreachable."""

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 8.0
_TIMEOUT: Final = httpx.Timeout(120.0, connect=10.0)


class OpenAICompatibleBackend:
    """Passes requests on to one server and its answers back, counted by that server."""

    def __init__(self, plan: ModelPlan, *, tries: int = TRIES, first_pause: float = _FIRST_PAUSE) -> None:
        self._base = plan.base_url.rstrip("/")
        self._remote = plan.remote_model or plan.name
        self._key = plan.api_key
        self._tries = tries
        self._first_pause = first_pause
        self._client: httpx.AsyncClient | None = None
        self._closed = asyncio.Event()

    @property
    def model(self) -> str:
        """Name of the model as the server knows it."""
        return self._remote

    async def open(self) -> None:
        """Make ready; the server is first asked when a request comes, for it may start later than this worker."""
        if self._client is None:
            self._closed.clear()
            headers = {"Authorization": f"Bearer {self._key.value}"} if self._key is not None else {}
            self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT)

    async def close(self) -> None:
        """Drop all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        self._closed.set()

    async def wait(self) -> None:
        """Return when closed: nothing here dies by itself."""
        await self._closed.wait()

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer in one piece; raises BadRequest for what the server refuses, BackendUnreachable, BackendFailed."""
        async with self._post(request, stream=False) as response:
            document = _decode(await response.aread())
        try:
            choice = document["choices"][0]
            message = choice["message"]
            calls = tuple(_call(index, each) for index, each in enumerate(message.get("tool_calls") or ()))
            return Completion(
                message.get("content") or "", calls, choice.get("finish_reason") or "stop", _usage(document)
            )
        except (KeyError, IndexError, TypeError, AttributeError):
            raise BackendFailed(f"{self._base} answered something else than a completion") from None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Answer in parts; raises as `complete` does."""
        finish, usage = "", None
        async with self._post(request, stream=True) as response:
            async for document in _events(response):
                usage = _usage(document) or usage
                for choice in document.get("choices") or ():
                    delta = choice.get("delta") or {}
                    finish = choice.get("finish_reason") or finish
                    calls = tuple(_call(index, each) for index, each in enumerate(delta.get("tool_calls") or ()))
                    if delta.get("content") or calls:
                        yield Delta(delta.get("content") or "", calls)
        if not finish:
            raise BackendFailed(f"{self._base} broke its answer off")
        yield Delta(finish=finish, usage=usage)

    @asynccontextmanager
    async def _post(self, request: ChatRequest, *, stream: bool) -> AsyncIterator[httpx.Response]:
        """Yield a response with status 200; tries again after an overload or a failed connection."""
        if self._client is None:
            raise BackendFailed(f"the connection to {self._base} is closed")
        content = msgspec.json.encode(_passed_on(request, self._remote, stream=stream))
        reason = ""
        for attempt in range(self._tries):
            pause = random.uniform(0.5, 1) * min(self._first_pause * 2**attempt, _LONGEST_PAUSE)  # noqa: S311 — jitter
            try:
                async with self._client.stream(
                    "POST",
                    f"{self._base}/chat/completions",
                    content=content,
                    headers={"Content-Type": "application/json"},
                ) as response:
                    if response.status_code not in _RETRIED:
                        await _require_ok(response, self._base)
                        yield response
                        return
                    reason = f"it answers {response.status_code}"
                    pause = max(pause, _told(response))
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                reason = str(error) or type(error).__name__
            except httpx.TimeoutException:
                raise BackendFailed(f"{self._base} did not answer in time") from None
            except httpx.HTTPError as error:
                raise BackendFailed(f"{self._base} broke the connection: {error or type(error).__name__}") from None
            except httpx.InvalidURL as error:
                raise BackendFailed(f"{self._base} is not a URL: {error}") from None
            if attempt + 1 < self._tries:
                await asyncio.sleep(pause)
        raise BackendUnreachable(f"{self._base} cannot be reached after {self._tries} tries: {reason}")


def _passed_on(request: ChatRequest, model: str, *, stream: bool) -> dict[str, Any]:
    document = {
        name: value for name, value in request.document.items() if name not in ("model", "stream", "stream_options")
    }
    if stream:
        return {**document, "model": model, "stream": True, "stream_options": {"include_usage": True}}
    return {**document, "model": model}


async def _require_ok(response: httpx.Response, base: str) -> None:
    if response.status_code == 200:
        return
    body = await response.aread()
    try:
        told = msgspec.json.decode(body)["error"]
        reason = str(told["message"] if isinstance(told, dict) else told)
    except (msgspec.DecodeError, KeyError, TypeError):
        reason = body[:200].decode("utf-8", "replace")
    sentence = f"{base} answers {response.status_code}: {reason[:300]}"
    raise BadRequest(sentence) if response.status_code in (400, 413, 422) else BackendFailed(sentence)


async def _events(response: httpx.Response) -> AsyncGenerator[dict[str, Any], None]:
    async for line in response.aiter_lines():
        field, _, value = line.partition(":")
        if field != "data":
            continue
        if value.strip() == "[DONE]":
            return
        yield _decode(value.encode())


def _decode(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise BackendFailed("the server answered something else than JSON") from None
    if not isinstance(document, dict):
        raise BackendFailed("the server answered something else than a completion")
    if document.get("error"):
        told = document["error"]
        raise BackendFailed(f"the server failed: {str(told.get('message') if isinstance(told, dict) else told)[:300]}")
    return document


def _call(index: int, call: Mapping[str, Any]) -> ToolCall:
    function = call.get("function") or {}
    return ToolCall(
        call.get("id") or "", function.get("name") or "", function.get("arguments") or "", call.get("index", index)
    )


def _usage(document: Mapping[str, Any]) -> Usage | None:
    usage = document.get("usage")
    if not isinstance(usage, Mapping):
        return None
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        int(usage.get("prompt_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
        int(details.get("cached_tokens") or 0),
    )


def _told(response: httpx.Response) -> float:
    """Return the seconds that the server asks to wait, as far as they are reasonable."""
    try:
        return min(max(float(response.headers.get("Retry-After", "0")), 0.0), _LONGEST_PAUSE)
    except ValueError:
        return 0.0
