"""The operations as they are listed and called; what they lead to is in `test_holding.py`."""

import json

from playbook import Playbook, answered, call, says

from lictor.protocols.identifiers import new_id

NAMES = {"approvals.list", "approvals.show", "approvals.approve", "approvals.deny"}


def said(play: Playbook, body: bytes) -> dict[str, object]:
    play >> says("op-cli", "enforcer", body, kind="mcp", task=new_id(play.now)) << answered("op-cli")
    result: dict[str, object] = json.loads(play.last.body)["result"]
    return result


def test_they_are_listed() -> None:
    listed = said(Playbook(), b'{"jsonrpc":"2.0","id":"1","method":"tools/list"}')["tools"]
    assert isinstance(listed, list)
    assert {tool["name"] for tool in listed} >= NAMES
    assert all(tool["description"] for tool in listed)


def test_nothing_waits() -> None:
    assert said(Playbook(), call("approvals.list"))["structuredContent"] == {"approvals": []}


def test_arguments_that_are_none() -> None:
    play = Playbook()
    for body in (
        call("approvals.show"),
        call("approvals.show", id=7),
        call("approvals.deny", id="a", odd=1),
        call("approvals.approve", id="a"),
        call("approvals.approve", id="a", digest="b", arguments=[1]),
    ):
        result = said(play, body)
        assert result["isError"] is True
        assert result["structuredContent"]["error"]["code"] == "approval.arguments"  # type: ignore[index]
