"""Every call out of one task: tools and other agents, with the task's thread and its time passed on."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from a2a.types import Message, Part, Role, SendMessageRequest
from a2a.utils.errors import A2AError
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Value

from lictor.protocols.a2a.reading import Citation, Outcome, read_result
from lictor.protocols.a2a.transport import calling, connect
from lictor.protocols.a2a.writing import attachment
from lictor.protocols.errors import DeadlineExceeded, MalformedEnvelope, NoEnforcer, Refused, TargetLost
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import ToolDescription, ToolServerError, call_tool
from lictor.protocols.mcp.reading import Result
from lictor.protocols.mesh import Mesh
from lictor.runtime.agent.answer import merged, passages_of
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.failures import CallFailed

_PAUSE: Final = 0.5
"""Seconds before a delegation is sent again; doubles: an enforcer is back within less than one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with what it rests on."""

    text: str
    citations: tuple[Citation, ...] = ()
    model: str = ""
    """The model that wrote it, as its worker says."""


class Calls:
    """Calls tools and agents in one task, and remembers the passages that came back.

    Every method raises Refused when a layer refused the message or its answer, CallFailed when the other side is
    not there, is late, or did not do it, and MeshUnavailable when nothing passes at all.
    """

    def __init__(
        self,
        mesh: Mesh,
        catalogue: ToolCatalogue,
        assignment: Assignment,
        patience: Mapping[str, float] | None = None,
        retries: int = 0,
    ) -> None:
        """`patience` is how many seconds a call of each tool server may take, within the task's time.

        `retries` is how often a delegation is sent again when no enforcer took it: nothing has left the outbox then.
        """
        self._retries = retries
        self._patience = patience or {}
        self._mesh = mesh
        self._catalogue = catalogue
        self._assignment = assignment
        self._met: tuple[Citation, ...] = merged(assignment.citations)

    @property
    def met(self) -> tuple[Citation, ...]:
        """The passages that came with the task and from its calls so far, in the order in which they were met."""
        return self._met

    @property
    def servers(self) -> tuple[str, ...]:
        """Principals of the agent's tool servers."""
        return self._catalogue.servers

    def relist(self, server: str) -> None:
        """List a server's tools again when they are next needed."""
        self._catalogue.forget(server)

    async def tools(self, server: str) -> tuple[ToolDescription, ...]:
        """Return the tools of one server."""
        try:
            return await self._catalogue.tools(server, seconds=self._left(server))
        except ToolServerError as error:
            raise CallFailed(server, "lists no tools") from error
        except (TargetLost, DeadlineExceeded, MalformedEnvelope) as error:
            raise _call_failed(server, error) from error

    async def call_tool(self, server: str, tool: str, arguments: Mapping[str, Any]) -> Result:
        """Call one tool; a failure of the tool itself is a result with `is_error`."""
        try:
            result = await call_tool(
                self._mesh,
                server,
                tool,
                arguments,
                seconds=self._left(server),
                thread=self._assignment.thread,
            )
        except Refused:
            # An enforcer that has just started knows a server's tools only once it has seen them listed.
            self.relist(server)
            raise
        except (TargetLost, DeadlineExceeded, MalformedEnvelope) as error:
            raise _call_failed(server, error) from error
        if not result.is_error:
            self._met = merged((*self._met, *passages_of(result.structured)))
        return result

    async def delegate(self, agent: str, text: str, citations: Sequence[Citation] | None = None) -> Reply:
        """Ask another agent and return its answer; `citations` left out means all that were met so far."""
        request = SendMessageRequest(message=self._message(text, self._met if citations is None else citations))
        outcome = None
        try:
            outcome = await self._send(agent, request)
        except A2AError as error:
            raise CallFailed(agent, f"answered with an error: {error.message[:200]}") from error
        except (TargetLost, DeadlineExceeded, MalformedEnvelope) as error:
            raise _call_failed(agent, error) from error
        if outcome is None or outcome.state != "completed":
            said = outcome.text if outcome is not None else ""
            raise CallFailed(agent, f"could not do it: {said}" if said else "did not finish its task")
        self._met = merged((*self._met, *outcome.citations))
        return Reply(outcome.text, outcome.citations, outcome.model)

    async def _send(self, agent: str, request: SendMessageRequest) -> Outcome | None:
        for attempt in range(self._retries + 1):
            context = calling(self._assignment.thread, self._left(agent))
            outcome = None
            try:
                async for event in connect(self._mesh, agent).send_message(request, context=context):
                    outcome = read_result(MessageToDict(event))
            except NoEnforcer:
                if attempt == self._retries:
                    raise
                await asyncio.sleep(_PAUSE * 2**attempt)
            else:
                return outcome
        return None

    def _message(self, text: str, citations: Sequence[Citation]) -> Message:
        parts = [Part(text=text)]
        if citations:
            parts.append(data_part(attachment(citations)))
        return Message(
            message_id=new_id(), role=Role.ROLE_USER, context_id=self._assignment.thread.context, parts=parts
        )

    def _left(self, target: str) -> float:
        left = self._assignment.left(time.time())
        if left <= 0:
            raise CallFailed(target, "was not asked: the task's time was over")
        return min(left, self._patience.get(target, left))


def data_part(document: Mapping[str, Any]) -> Part:
    """Return a document as an A2A data part."""
    return Part(data=ParseDict(dict(document), Value()), media_type="application/json")


def _call_failed(target: str, error: Exception) -> CallFailed:
    match error:
        case TargetLost():
            return CallFailed(target, "is not there")
        case DeadlineExceeded():
            return CallFailed(target, "did not answer in time")
    return CallFailed(target, "answered with garbage")
