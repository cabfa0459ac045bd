"""The A2A SDK's client over the mesh: a custom binding named `NATS`."""

from collections.abc import AsyncGenerator
from typing import Final, NoReturn, TypeVar

import msgspec
from a2a.client import Client, ClientCallContext, ClientConfig, ClientFactory
from a2a.client.transports.base import ClientTransport
from a2a.types import (
    CancelTaskRequest,
    GetTaskRequest,
    ListTasksRequest,
    ListTasksResponse,
    SendMessageRequest,
    SendMessageResponse,
    StreamResponse,
    SubscribeToTaskRequest,
    Task,
)
from a2a.utils.errors import JSON_RPC_ERROR_CODE_MAP, A2AError, UnsupportedOperationError
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from lictor.protocols.a2a.card import BINDING, build_card
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Mesh, Thread
from lictor.protocols.subjects import Kind

THREAD: Final = "lictor.thread"
"""Key of the call context's state that holds the `Thread` to pass on."""

_DEFAULT_TIMEOUT: Final = 120.0
_ERRORS: Final = {code: kind for kind, code in JSON_RPC_ERROR_CODE_MAP.items()}
_Result = TypeVar("_Result", bound=Message)


def connect(mesh: Mesh, target: str, *, streaming: bool = False) -> Client:
    """Return an SDK client for the agent `target`; a call's thread and timeout come with `calling`."""
    factory = ClientFactory(ClientConfig(supported_protocol_bindings=[BINDING], streaming=streaming))
    factory.register(BINDING, lambda _card, url, _config: MeshTransport(mesh, url))
    return factory.create(build_card(target, target))


def calling(thread: Thread, timeout: float) -> ClientCallContext:
    """Return the call context that carries `thread` and `timeout` (seconds) to the transport."""
    return ClientCallContext(state={THREAD: thread}, timeout=timeout)


class MeshTransport(ClientTransport):
    """JSON-RPC 2.0 in the body, one mesh request for each call.

    Raises A2AError for JSON-RPC errors, and what `Mesh.request` raises: Refused, TargetLost, DeadlineExceeded, ….
    """

    def __init__(self, mesh: Mesh, target: str) -> None:
        self._mesh = mesh
        self._target = target

    async def send_message(
        self, request: SendMessageRequest, *, context: ClientCallContext | None = None
    ) -> SendMessageResponse:
        """Send a message and return the task or message that answers it."""
        return _told(await self._call("SendMessage", request, SendMessageResponse(), context))

    async def send_message_streaming(
        self, request: SendMessageRequest, *, context: ClientCallContext | None = None
    ) -> AsyncGenerator[StreamResponse, None]:
        """Send a message and yield the events of its task."""
        async for event in self._stream("SendStreamingMessage", request, context):
            yield event

    async def get_task(self, request: GetTaskRequest, *, context: ClientCallContext | None = None) -> Task:
        """Return a task."""
        return await self._call("GetTask", request, Task(), context)

    async def list_tasks(
        self, request: ListTasksRequest, *, context: ClientCallContext | None = None
    ) -> ListTasksResponse:
        """Return the caller's tasks."""
        return await self._call("ListTasks", request, ListTasksResponse(), context)

    async def cancel_task(self, request: CancelTaskRequest, *, context: ClientCallContext | None = None) -> Task:
        """Cancel a task and return it."""
        return await self._call("CancelTask", request, Task(), context)

    async def subscribe(
        self, request: SubscribeToTaskRequest, *, context: ClientCallContext | None = None
    ) -> AsyncGenerator[StreamResponse, None]:
        """Yield the events of a running task."""
        async for event in self._stream("SubscribeToTask", request, context):
            yield event

    async def _unsupported(
        self, request: object, *, context: object = None, signature_verifier: object = None
    ) -> NoReturn:
        raise UnsupportedOperationError

    create_task_push_notification_config = _unsupported
    get_task_push_notification_config = _unsupported
    list_task_push_notification_configs = _unsupported
    delete_task_push_notification_config = _unsupported
    get_extended_agent_card = _unsupported

    async def close(self) -> None:
        """Do nothing: the mesh belongs to the process."""

    async def _call(self, method: str, request: Message, result: _Result, context: ClientCallContext | None) -> _Result:
        thread, timeout = _terms(context)
        answer = await self._mesh.request(
            Kind.A2A, self._target, _body(method, request), timeout=timeout, thread=thread
        )
        return _parse(answer.body, result)

    async def _stream(
        self, method: str, request: Message, context: ClientCallContext | None
    ) -> AsyncGenerator[StreamResponse, None]:
        thread, timeout = _terms(context)
        parts = self._mesh.stream(Kind.A2A, self._target, _body(method, request), timeout=timeout, thread=thread)
        async for part in parts:
            yield _told(_parse(part.body, StreamResponse()))


def _terms(context: ClientCallContext | None) -> tuple[Thread, float]:
    if context is None:
        return Thread(), _DEFAULT_TIMEOUT
    thread = context.state.get(THREAD)
    return (thread if isinstance(thread, Thread) else Thread()), context.timeout or _DEFAULT_TIMEOUT


def _body(method: str, request: Message) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": new_id(), "method": method, "params": MessageToDict(request)})


def _told(answer: _Result) -> _Result:
    if answer.WhichOneof("payload") is None:
        raise MalformedEnvelope("the answer holds neither a task nor a message")
    return answer


def _parse(body: bytes, result: _Result) -> _Result:
    try:
        document = msgspec.json.decode(body)
        if "error" in document:
            error = document["error"]
            raise _ERRORS.get(error.get("code"), A2AError)(error.get("message"))
        return ParseDict(document["result"], result, ignore_unknown_fields=True)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ParseError) as error:
        raise MalformedEnvelope("the answer is not an A2A response") from error
