"""A LangChain chat model that reaches models over the mesh, as chat-completions messages."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk, tool_call
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict

from lictor.protocols.errors import DeadlineExceeded, TargetLost
from lictor.protocols.mesh import Mesh, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.failures import ModelFailed

_LONGEST_ERROR = 200
_PASSED = ("tools", "tool_choice", "response_format", "max_tokens", "temperature", "top_p", "seed", "stop", "grammar")


class MeshChatModel(BaseChatModel):
    """Asks the first of `models` that answers.

    A lost or failing model leads to the next one. `Refused` is raised as it is, never worked around by asking another
    model; other failures of the mesh are raised as `Mesh.request` raises them; raises ModelFailed when every model
    failed.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    mesh: Any
    models: tuple[str, ...]
    """Principals, in order of preference."""
    thread: Thread = Thread()
    deadline: float = 0.0
    """Unix time in seconds after which nobody waits for an answer; 0 means `timeout` from the call."""
    patience: Any = None
    """The `Patience` of the task, whose end moves while an approval is waited for; it goes before `deadline`."""
    timeout: float = 120.0
    max_tokens: int = 512
    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "lictor-mesh"

    def bind_tools(
        self,
        tools: Sequence[Any],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,  # noqa: ANN401 -- LangChain's own signature
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return the model with tools bound in OpenAI's form."""
        bound = {"tools": [convert_to_openai_tool(tool) for tool in tools], **kwargs}
        return self.bind(**bound, tool_choice=tool_choice) if tool_choice else self.bind(**bound)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401 -- LangChain's own signature
    ) -> ChatResult:
        raise NotImplementedError("the mesh is asynchronous: use ainvoke or astream")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401 -- LangChain's own signature
    ) -> ChatResult:
        body = self._body(messages, stop, kwargs, stream=False)
        failures = []
        for model in self.models:
            try:
                answer = await self._mesh().request(Kind.MODEL, model, body, timeout=self._left(), thread=self.thread)
                message = _message(_completion(answer.body))
            except (TargetLost, _ModelError) as error:
                failures.append(f"{model}: {error}")
            else:
                return ChatResult(generations=[ChatGeneration(message=message)])
        raise ModelFailed("no model answered: " + "; ".join(failures or ["the agent has none"]))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401 -- LangChain's own signature
    ) -> AsyncIterator[ChatGenerationChunk]:
        body = self._body(messages, stop, kwargs, stream=True)
        failures = []
        for model in self.models:
            begun = False
            try:
                async for part in self._mesh().stream(
                    Kind.MODEL, model, body, timeout=self._left(), thread=self.thread
                ):
                    chunk = ChatGenerationChunk(message=_chunk(_completion(part.body)))
                    begun = True
                    if run_manager is not None and chunk.text:
                        await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
            except (TargetLost, _ModelError) as error:
                if begun:
                    raise ModelFailed(f"{model} failed in the middle of its answer") from error
                failures.append(f"{model}: {error}")
            else:
                return
        raise ModelFailed("no model answered: " + "; ".join(failures or ["the agent has none"]))

    def _mesh(self) -> Mesh:
        mesh: Mesh = self.mesh
        return mesh

    def _left(self) -> float:
        end = self.patience.end if self.patience is not None else self.deadline
        left = end - time.time() if end else self.timeout
        if left <= 0:
            raise DeadlineExceeded("the task's time is over")
        return left

    def _body(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: Mapping[str, Any], *, stream: bool
    ) -> bytes:
        request: dict[str, Any] = {
            "messages": convert_to_openai_messages(messages),
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            **{name: kwargs[name] for name in _PASSED if kwargs.get(name) is not None},
        }
        if stop:
            request["stop"] = stop
        if stream:
            request["stream"] = True
        return msgspec.json.encode(request)


class _ModelError(Exception):
    """A model's own error, on its way to the next model of the list."""


def _completion(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _ModelError("its answer is not JSON") from error
    if not isinstance(document, dict):
        raise _ModelError("its answer is not a completion")
    told = document.get("error")
    if told is not None:
        message = told.get("message") if isinstance(told, dict) else told
        raise _ModelError(" ".join(str(message).split())[:_LONGEST_ERROR])
    return document


def _message(completion: Mapping[str, Any]) -> AIMessage:
    try:
        choice = completion["choices"][0]
        said = choice["message"]
        return AIMessage(
            content=said.get("content") or "",
            tool_calls=[_call(each) for each in said.get("tool_calls") or ()],
            usage_metadata=_usage(completion),
            response_metadata={
                "model_name": str(completion.get("model") or ""),
                "finish_reason": str(choice.get("finish_reason") or ""),
            },
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise _ModelError("its answer is not a completion") from error


def _call(call: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- LangChain's ToolCall is a TypedDict it builds itself
    function = call["function"]
    arguments = msgspec.json.decode(function.get("arguments") or "{}")
    return tool_call(name=function["name"], args=arguments if isinstance(arguments, dict) else {}, id=call.get("id"))


def _chunk(part: Mapping[str, Any]) -> AIMessageChunk:
    try:
        return _read_chunk(part)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise _ModelError("its answer is not a completion") from error


def _read_chunk(part: Mapping[str, Any]) -> AIMessageChunk:
    choices = part.get("choices") or [{}]
    choice = choices[0]
    delta = choice.get("delta") or {}
    calls = [
        ToolCallChunk(
            name=(call.get("function") or {}).get("name"),
            args=(call.get("function") or {}).get("arguments"),
            id=call.get("id"),
            index=call.get("index"),
            type="tool_call_chunk",
        )
        for call in delta.get("tool_calls") or ()
    ]
    finish = choice.get("finish_reason")
    return AIMessageChunk(
        content=delta.get("content") or "",
        tool_call_chunks=calls,
        usage_metadata=_usage(part),
        response_metadata={"model_name": str(part.get("model") or ""), "finish_reason": finish} if finish else {},
        chunk_position="last" if finish else None,
    )


def _usage(completion: Mapping[str, Any]) -> UsageMetadata | None:
    usage = completion.get("usage")
    if not isinstance(usage, Mapping):
        return None
    read, written = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
