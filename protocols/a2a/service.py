"""Serving A2A deliveries with the SDK's request handler."""

import logging
from contextlib import aclosing
from typing import Final, TypeVar

import msgspec
from a2a.auth.user import User
from a2a.server.context import ServerCallContext
from a2a.server.request_handlers.request_handler import RequestHandler
from a2a.server.request_handlers.response_helpers import build_error_response
from a2a.types import (
    CancelTaskRequest,
    GetTaskRequest,
    ListTasksRequest,
    SendMessageRequest,
    SendMessageResponse,
    StreamResponse,
    SubscribeToTaskRequest,
    Task,
    TaskState,
)
from a2a.utils.errors import (
    A2AError,
    InternalError,
    InvalidParamsError,
    InvalidRequestError,
    MethodNotFoundError,
)
from a2a.utils.proto_utils import to_stream_response
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from lictor.protocols.a2a.reading import Request, read_request
from lictor.protocols.errors import MalformedEnvelope, MeshUnavailable
from lictor.protocols.mesh import Delivery

THREAD: Final = "lictor.thread"
"""Key of the call context's state that holds the delivery's `Thread`."""
DEADLINE: Final = "lictor.deadline"
"""Key of the call context's state that holds the delivery's deadline."""
STREAMS: Final = "lictor.streams"
"""Key of the call context's state that tells whether the caller reads events as they come."""

_UNARY: Final = frozenset({"SendMessage", "GetTask", "ListTasks", "CancelTask"})
_STREAMED: Final = frozenset({"SendStreamingMessage", "SubscribeToTask"})
_RESTING: Final = frozenset(
    {
        TaskState.TASK_STATE_COMPLETED,
        TaskState.TASK_STATE_FAILED,
        TaskState.TASK_STATE_CANCELED,
        TaskState.TASK_STATE_REJECTED,
        TaskState.TASK_STATE_INPUT_REQUIRED,
        TaskState.TASK_STATE_AUTH_REQUIRED,
    }
)

_Params = TypeVar("_Params", bound=Message)

_log = logging.getLogger(__name__)


class Caller(User):
    """The sender of a delivery, as the broker vouches for it; tasks are scoped to it."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def is_authenticated(self) -> bool:
        """Always true: the name is the subject's."""
        return True

    @property
    def user_name(self) -> str:
        """Return the principal's name."""
        return self._name


class TaskService:
    """Answers A2A deliveries: one JSON-RPC response, or one per event of a stream."""

    def __init__(self, handler: RequestHandler) -> None:
        self._handler = handler

    async def handle(self, delivery: Delivery) -> None:
        """Answer one delivery; errors become JSON-RPC errors, and no exception's text leaves the process."""
        try:
            request = read_request(delivery.body)
        except MalformedEnvelope as error:
            await delivery.answer(_error(None, InvalidRequestError(message=str(error))))
            return
        try:
            await self._answer(request, delivery)
        except A2AError as error:
            await delivery.answer(_error(request.id, error))
        except MalformedEnvelope as error:
            await delivery.answer(_error(request.id, InternalError(message=f"the answer cannot be sent: {error}")))
        except MeshUnavailable:
            raise
        except Exception:
            _log.exception("an A2A request failed")
            await delivery.answer(_error(request.id, InternalError(message="the agent failed on this request")))

    async def _answer(self, request: Request, delivery: Delivery) -> None:
        if request.method in _UNARY:
            await delivery.answer(_response(request.id, await self._call(request.method, delivery)))
        elif request.method in _STREAMED:
            await self._stream(request.method, delivery, request.id)
        else:
            raise MethodNotFoundError

    async def _call(self, method: str, delivery: Delivery) -> Message:
        context = _context(delivery)
        match method:
            case "SendMessage":
                sent = await self._handler.on_message_send(_params(delivery.body, SendMessageRequest()), context)
                return SendMessageResponse(task=sent) if isinstance(sent, Task) else SendMessageResponse(message=sent)
            case "GetTask":
                found = await self._handler.on_get_task(_params(delivery.body, GetTaskRequest()), context)
            case "CancelTask":
                found = await self._handler.on_cancel_task(_params(delivery.body, CancelTaskRequest()), context)
            case _:
                return await self._handler.on_list_tasks(_params(delivery.body, ListTasksRequest()), context)
        if found is None:
            raise InternalError(message="the agent returned no task")
        return found

    async def _stream(self, method: str, delivery: Delivery, identifier: str | int | None) -> None:
        context = _context(delivery, streams=True)
        opened = (
            self._handler.on_message_send_stream(_params(delivery.body, SendMessageRequest()), context)
            if method == "SendStreamingMessage"
            else self._handler.on_subscribe_to_task(_params(delivery.body, SubscribeToTaskRequest()), context)
        )
        async with aclosing(opened) as events:
            async for each in events:
                event = to_stream_response(each)
                last = _rests(event)
                await delivery.answer(_response(identifier, event), end=last)
                if last:
                    return
        await delivery.answer(_error(identifier, InternalError(message="the stream ended before the task did")))


def _rests(event: StreamResponse) -> bool:
    match event.WhichOneof("payload"):
        case "task":
            return event.task.status.state in _RESTING
        case "status_update":
            return event.status_update.status.state in _RESTING
        case "message":
            return True
    return False


def _context(delivery: Delivery, *, streams: bool = False) -> ServerCallContext:
    state = {THREAD: delivery.thread, DEADLINE: delivery.deadline, STREAMS: streams, "headers": {}}
    return ServerCallContext(user=Caller(delivery.sender), state=state)


def _params(body: bytes, into: _Params) -> _Params:
    document = msgspec.json.decode(body)
    try:
        return ParseDict(document.get("params") or {}, into, ignore_unknown_fields=True)
    except (ParseError, AttributeError, TypeError) as error:
        name = into.DESCRIPTOR.name
        raise InvalidParamsError(message=f"the params are not those of a {name}") from error


def _response(identifier: str | int | None, result: Message) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": identifier, "result": MessageToDict(result)})


def _error(identifier: str | int | None, error: A2AError) -> bytes:
    return msgspec.json.encode(build_error_response(identifier, error))
