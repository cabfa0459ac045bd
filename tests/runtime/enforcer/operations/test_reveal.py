from typing import Any

import pytest

from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall
from lictor.runtime.enforcer.operations.reveal import RevealMessage

MESSAGE = "0" * 32


def act(**arguments: Any) -> Effect:
    envelope = Envelope(id="m", sender="op-cli", target="enforcer", kind=Kind.MCP, body=b"{}")
    return RevealMessage().run(OperatorCall(envelope, arguments, 1.0))


def test_who_names_a_message_and_a_reason_may_open_it() -> None:
    assert act(id=MESSAGE, reason="ticket 7").answer == {"granted": MESSAGE, "to": "op-cli", "recorded_as": "m"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "reveal.arguments"),
        ({"id": MESSAGE}, "reveal.arguments"),
        ({"id": "x", "reason": "r"}, "reveal.arguments"),
        ({"id": MESSAGE, "reason": " "}, "reveal.reason"),
        ({"id": MESSAGE, "reason": "r" * 1001}, "reveal.reason"),
        ({"id": MESSAGE, "reason": "r", "more": 1}, "reveal.arguments"),
    ],
)
def test_anything_else_is_refused(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(OperationFailed) as failed:
        act(**arguments)
    assert failed.value.code == code
