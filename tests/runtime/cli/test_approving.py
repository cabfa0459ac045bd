"""What waits, as a person reads it: strangers' text stays in its place."""

from typing import Any

import pytest

from lictor.runtime.cli.approving import card, left, place, what, written

ITEM: dict[str, Any] = {
    "id": "0" * 32,
    "from": "payer",
    "to": "tool-bank",
    "owner": "op-cli",
    "kind": "mcp",
    "method": "tools/call",
    "tool": "pay",
    "arguments": {"amount": 7, "to": "DE12"},
    "arguments_bytes": 24,
    "reason": "its permit asks",
    "file": "desk.yaml",
    "line": 6,
    "code": "route.tool_asks",
    "labels": ["secret", "untrusted"],
    "sources": ["tool-crm"],
    "causes": {"untrusted": "0a", "secret": "principal tool-crm desk.yaml:9"},
    "task": "t",
    "message": "m2",
    "messages": ["m1", "m2"],
    "digest": "d" * 64,
    "changes": [],
    "agreed": [],
    "seconds_left": 61.9,
}


def test_a_card() -> None:
    assert card(ITEM) == [
        "approval   00000000000000000000000000000000",
        "asks       payer → tool-bank: pay",
        "  amount  7",
        '  to      "DE12"',
        "because    its permit asks (desk.yaml:6)",
        "labels     secret, untrusted",
        "  secret   ← principal tool-crm desk.yaml:9",
        "  untrusted← 0a",
        "sources    tool-crm",
        "task       t of op-cli",
        "message    m2, the latest of 2 that ask for the same",
        f"digest     {'d' * 64}",
        "expires    in 1:01, then it is denied",
    ]


def test_what_several_people_did() -> None:
    changes = [{"by": "op-a", "arguments": {"amount": 9}, "digest": "e" * 64, "at": 1.0}]
    lines = card(ITEM | {"agreed": ["op-a"], "changes": changes})
    assert 'edited     by op-a, from {"amount":9} (digest eeeeeeeeeeeeeeee…)' in lines
    assert "approved   by op-a; one more person has to" in lines


@pytest.mark.parametrize("text", ["x\nexpires    never", "\x1b[2Japproved", "a\u202eb"])
def test_text_of_strangers_passes_for_no_line_of_ours(text: str) -> None:
    lines = card(ITEM | {"arguments": {text: text}, "reason": text, "tool": text})
    shown = "\n".join(lines)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not any(line.startswith("expires    never") for line in shown.splitlines())


def test_one_line() -> None:
    assert what(ITEM) == 'pay {"amount":7,"to":"DE12"}'
    assert what(ITEM | {"arguments": None, "arguments_bytes": 5000}) == "pay …"
    assert what(ITEM | {"arguments": {}, "tool": "", "method": "SendMessage"}) == "SendMessage"
    assert len(what(ITEM | {"arguments": {"a": "x" * 500}})) == 80
    assert left(ITEM) == "1:01"
    assert left(ITEM | {"seconds_left": -3}) == "0:00"
    assert place(ITEM | {"line": 0, "file": ""}) == "route.tool_asks"
    assert written({"a": "\u202e"}) == '{"a":"�"}'


def test_other_messages_are_shown_whole() -> None:
    lines = card(ITEM | {"arguments": None, "rest": {"params": {"message": "hi"}}})
    assert '  {"params":{"message":"hi"}}' in lines


def test_a_long_value_is_cut_and_says_so() -> None:
    [line] = [line for line in card(ITEM | {"arguments": {"a": "x" * 5000}}) if line.startswith("  a")]
    assert "5002 characters; all of it: -o json" in line
