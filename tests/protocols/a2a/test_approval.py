"""Approvals in A2A's words, against the examples of kagent's page and the SDK's own types."""

from typing import Any

import pytest
from a2a.types import Message, StreamResponse, TaskState
from google.protobuf.json_format import MessageToDict, ParseDict

from lictor.protocols.a2a.approval import (
    EXTENSION,
    Asked,
    Decision,
    decide,
    declaration,
    input_required,
    is_activated,
    read_asked,
    read_decisions,
)
from lictor.protocols.a2a.reading import read_result
from lictor.protocols.errors import MalformedEnvelope

ASKED = Asked("approval-1", "call-1", "delete_file", {"path": "/tmp/example"})

KAGENT_REQUEST: dict[str, Any] = {
    "messageId": "message-789",
    "role": "agent",
    "taskId": "task-123",
    "contextId": "conversation-456",
    "extensions": [EXTENSION],
    "metadata": {
        EXTENSION: {
            "type": "tool_approval_request",
            "hint": "Deleting this file requires approval",
            "tools": [
                {"id": "approval-1", "call_id": "call-1", "name": "delete_file", "args": {"path": "/tmp/example"}}
            ],
        }
    },
    "parts": [{"kind": "text", "text": "Approval required for delete_file"}],
}

KAGENT_RESPONSE: dict[str, Any] = {
    "messageId": "approval-response-1",
    "role": "user",
    "taskId": "task-123",
    "contextId": "conversation-456",
    "extensions": [EXTENSION],
    "metadata": {
        EXTENSION: {
            "type": "tool_approval_response",
            "approvals": [
                {
                    "id": "approval-21",
                    "approved": False,
                    "rejection_reason": "The file is still used by the migration job",
                },
                {"id": "approval-22", "approved": True},
            ],
        }
    },
    "parts": [{"kind": "text", "text": "Approved"}],
}


def response(*approvals: object) -> dict[str, Any]:
    payload = {"type": "tool_approval_response", "approvals": list(approvals)}
    return {"extensions": [EXTENSION], "metadata": {EXTENSION: payload}}


def test_a_status_that_the_sdk_reads_and_that_reads_back() -> None:
    event = input_required("t", "c", [ASKED], "a person is asked")
    parsed = ParseDict(event, StreamResponse())
    assert parsed.status_update.status.state == TaskState.TASK_STATE_INPUT_REQUIRED
    told = read_result(MessageToDict(parsed))
    assert (told.state, told.text, told.task, told.context) == ("input-required", "a person is asked", "t", "c")
    assert read_asked(MessageToDict(parsed.status_update.status.message)) == (ASKED,)


def test_a_client_that_has_not_asked_for_the_extension_gets_words() -> None:
    event = input_required("t", "c", [ASKED], "a person is asked", activated=False)
    message = event["statusUpdate"]["status"]["message"]
    assert "extensions" not in message
    assert "metadata" not in message
    assert read_asked(message) == ()


def test_kagents_own_examples() -> None:
    assert read_asked(KAGENT_REQUEST) == (ASKED,)
    assert read_decisions(KAGENT_RESPONSE, {"approval-21", "approval-22"}) == (
        Decision("approval-21", approved=False, reason="The file is still used by the migration job"),
        Decision("approval-22", approved=True),
    )


def test_of_a_nested_request_the_inner_calls_are_decided_on() -> None:
    inner = {"id": "child-approval-1", "call_id": "child-call-1", "name": "delete_pod", "args": None}
    payload = KAGENT_REQUEST["metadata"][EXTENSION] | {"nested": {"subagent_name": "k8s_agent", "tools": [inner]}}
    message = KAGENT_REQUEST | {"metadata": {EXTENSION: payload}}
    assert read_asked(message) == (Asked("child-approval-1", "child-call-1", "delete_pod"),)


def test_a_decision_that_the_sdk_reads_and_that_reads_back() -> None:
    decisions = (Decision("a", approved=True), Decision("b", approved=False, reason="no"))
    parsed = ParseDict(decide("t", "c", decisions), Message())
    assert (parsed.task_id, parsed.context_id) == ("t", "c")
    assert read_decisions(MessageToDict(parsed), ["a", "b"]) == decisions


@pytest.mark.parametrize(
    "message",
    [
        {"parts": [{"text": "approved"}]},
        {"extensions": [EXTENSION], "metadata": {EXTENSION: {"type": "ask_user_response"}}},
        {"extensions": [], "metadata": KAGENT_RESPONSE["metadata"]},
        {"metadata": KAGENT_RESPONSE["metadata"]},
    ],
)
def test_what_decides_nothing(message: dict[str, Any]) -> None:
    assert read_decisions(message, ["approval-21"]) == ()
    assert read_asked(message) == ()


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (response(), "leaves out a"),
        (response({"id": "a", "approved": True}, {"id": "a", "approved": False}), "twice"),
        (response({"id": "a", "approved": True}, {"id": "b", "approved": True}), "nothing waits for b"),
        (response({"id": "a", "approved": "true"}), "true or false"),
        (response({"id": "a", "approved": 1}), "true or false"),
        (response({"id": 7, "approved": True}), "needs an id"),
        (response("a"), "no object"),
        ({"extensions": [EXTENSION], "metadata": {}}, "no metadata"),
        ({"extensions": [EXTENSION], "metadata": {EXTENSION: {"type": "tool_approval_response"}}}, "no list"),
    ],
)
def test_a_decision_that_is_none(message: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MalformedEnvelope, match=complaint):
        read_decisions(message, ["a"])


@pytest.mark.parametrize(
    "tools",
    [
        None,
        [],
        ["x"],
        [{"id": "", "call_id": "c", "name": "n"}],
        [{"id": "i", "call_id": "c"}],
        [{"id": "i", "call_id": "c", "name": "n", "args": [1]}],
        [{"id": "i", "call_id": "c", "name": "n"}, {"id": "i", "call_id": "d", "name": "n"}],
    ],
)
def test_a_request_that_is_none(tools: object) -> None:
    payload = {"type": "tool_approval_request", "tools": tools}
    with pytest.raises(MalformedEnvelope):
        read_asked({"extensions": [EXTENSION], "metadata": {EXTENSION: payload}})


def test_only_this_version_is_activated() -> None:
    assert is_activated(f"other, {EXTENSION}")
    assert not is_activated("https://kagent.dev/extensions/hitl/v2")
    assert not is_activated("")
    assert declaration()["uri"] == EXTENSION
