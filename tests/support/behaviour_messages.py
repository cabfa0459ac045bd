"""Messages as the behaviour layer sees them, one after the other, on a clock of their own."""

import json
from typing import Any

from lictor.guardrails.action import read_action
from lictor.guardrails.behaviour.signals import Signals
from lictor.guardrails.behaviour.watch import Watch
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind


class Traffic:
    """A watch, and messages for it; `now` is the time of the next one."""

    def __init__(self, watch: Watch | None = None, *, task: str = "task") -> None:
        self.catalog = ToolCatalog()
        self.watch = watch or Watch(TaskLedger(), self.catalog)
        self.task = task
        self.now = 1000.0
        self.number = 0

    def envelope(self, sender: str, target: str, kind: Kind, body: bytes, **more: Any) -> Envelope:
        self.number += 1
        return Envelope(f"{self.task}-{self.number}", sender, target, kind, body, "reply", task=self.task, **more)

    def tool_call(self, sender: str, tool: str, arguments: object, server: str = "tool-crm") -> Envelope:
        params = {"name": tool, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call", "params": params}
        return self.envelope(sender, server, Kind.MCP, json.dumps(body).encode())

    def saying(self, sender: str, target: str, text: str, method: str = "SendMessage") -> Envelope:
        message = {"messageId": f"m-{self.number}", "role": "ROLE_USER", "parts": [{"text": text}]}
        body = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": {"message": message}}
        return self.envelope(sender, target, Kind.A2A, json.dumps(body).encode())

    def answer_to(self, request: Envelope, text: str, *, failed: bool = False) -> Envelope:
        if request.kind is Kind.MCP:
            result: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": failed}
        else:
            state = "TASK_STATE_FAILED" if failed else "TASK_STATE_COMPLETED"
            artifact = {"artifactId": f"a-{self.number}", "parts": [{"text": text}]}
            result = {"task": {"id": f"t-{self.number}", "status": {"state": state}, "artifacts": [artifact]}}
        body = json.dumps({"jsonrpc": "2.0", "id": self.number, "result": result}).encode()
        return self.envelope(
            request.target, request.sender, Kind.REPLY, body, in_reply_to=request.id, request_kind=request.kind
        )

    def about(self, envelope: Envelope, request: Envelope | None = None) -> Circumstances:
        return Circumstances(self.now, read_action(envelope), request)

    def see(
        self, envelope: Envelope, answer: str | None = None, *, failed: bool = False, pause: float = 1.0
    ) -> Signals:
        """Have the watch see a request and, if there is one, the answer to it."""
        signals = self.watch.see(envelope, self.about(envelope))
        if answer is not None:
            reply = self.answer_to(envelope, answer, failed=failed)
            assert self.watch.see(reply, self.about(reply, envelope)) == {}
        self.now += pause
        return signals

    def call(
        self, tool: str, arguments: object, answer: str | None = "ok", sender: str = "triage", **more: Any
    ) -> Signals:
        return self.see(self.tool_call(sender, tool, arguments), answer, **more)

    def say(self, sender: str, target: str, text: str, answer: str | None = None, **more: Any) -> Signals:
        return self.see(self.saying(sender, target, text), answer, **more)
