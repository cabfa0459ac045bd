"""The enforcer as a tool server: who may call it, what it answers, and that both are recorded."""

import json
from dataclasses import replace
from typing import Any

from playbook import START, Playbook, call, refused, says, team

from lictor.protocols.envelope import Packet
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall


class Echo:
    """Answers with its arguments, or fails when it is told to."""

    name = "echo"
    summary = "says it again"

    def run(self, call: OperatorCall) -> Effect:
        if "fail" in call.arguments:
            raise OperationFailed("echo.failed", "as it was told")
        return Effect(call.arguments, (Packet("lictor.in.writer.event.enforcer", b"x"),))


def playbook() -> Playbook:
    play = Playbook()
    play.mediation = build_mediation(
        team(), clock=lambda: play.now, equip=lambda given: replace(given, operations={"echo": Echo()})
    )
    return play


def answer(packet: Packet) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(packet.body)
    return told


def test_an_operator_calls_and_is_answered() -> None:
    play = playbook() >> says("op-cli", "enforcer", call("echo", a=1), kind="mcp")
    told = [answer(packet) for packet in play.out if packet.subject.startswith("_INBOX_op-cli.")]
    assert told[0]["id"] == "1"
    assert told[0]["result"]["structuredContent"] == {"a": 1}
    assert not told[0]["result"]["isError"]
    assert next(packet.subject for packet in play.out) == "lictor.in.writer.event.enforcer"
    question, answered = play.entries[-2:]
    assert (question.sender, question.target, question.method) == ("op-cli", "enforcer", "echo")
    assert (answered.sender, answered.target, answered.kind) == ("enforcer", "op-cli", Kind.REPLY.value)
    assert answered.in_reply_to == question.id


def test_what_fails_is_an_error_result() -> None:
    for body, code in (
        (call("echo", fail=True), "echo.failed"),
        (call("nothing"), "operate.unknown"),
        (b'{"id":1,"method":"tools/call","params":{"name":"echo","arguments":[1]}}', "operate.arguments"),
    ):
        play = playbook() >> says("op-cli", "enforcer", body, kind="mcp")
        told = answer(play.out[0])
        assert told["result"]["isError"]
        assert told["result"]["structuredContent"]["error"]["code"] == code
        assert len(play.out) == 1


def test_operations_are_listed() -> None:
    body = b'{"jsonrpc":"2.0","id":7,"method":"tools/list"}'
    play = playbook() >> says("op-cli", "enforcer", body, kind="mcp")
    assert [tool["name"] for tool in answer(play.out[0])["result"]["tools"]] == ["echo"]


def test_nobody_else_may_call() -> None:
    play = playbook() >> says("op-cli", "triage")
    play.out.clear()
    play >> says("triage", "enforcer", call("echo", a=1), kind="mcp")
    play << refused("triage", "route.not_an_operator")
    play >> says("tool-crm", "enforcer", call("echo", a=1), kind="mcp", task="")
    assert play.entry.outcome == "deny"
    assert play.now == START
