import json
from typing import Any

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.fields import WHOLE, Path
from lictor.guardrails.policy.question import Question
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

NOW = 1_800_000_000.0
"""A Friday, 08:00 UTC."""


def asked(*paths: Path, arguments: object = None, method: str = "tools/call") -> dict[str, Any]:
    envelope = Envelope("0" * 32, "clerk", "tool-crm", Kind.MCP, b"{}")
    action = Action(method, "find", "", json.dumps(arguments if arguments is not None else {}).encode())
    about = Circumstances(NOW, action, None)
    fields = Question(ToolCatalog(), TaskLedger()).fields(paths)
    for field in fields:
        hash(field.read(envelope, about))
    return {field.name: field.show(field.read(envelope, about)) for field in fields}


def test_only_what_is_read_is_asked() -> None:
    assert asked(("sender",), ("tool",)) == {"sender": "clerk", "tool": "find"}
    assert asked() == {}
    assert asked(("unheard_of",)) == {}


def test_the_whole_input() -> None:
    told = asked(WHOLE, arguments={"a": 1})
    assert told["arguments"] == {"a": 1}
    assert told["now"] == {"minute": 480, "weekday": 4}
    assert told["usage"] == {"messages": 0, "tool_calls": 0, "tokens": 0}
    assert told["labels"]["level"] in {"public", "internal"}
    assert {"sender", "target", "kind", "request_kind", "method", "tool", "model", "read_only", "size"} <= told.keys()


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ([("arguments",)], {"a": {"b": 1, "c": 2}, "d": [3], "e": None}),
        ([("arguments", "a", "b")], {"a": {"b": 1}}),
        ([("arguments", "a", "b"), ("arguments", "d")], {"a": {"b": 1}, "d": [3]}),
        ([("arguments", "e")], {"e": None}),
        ([("arguments", "none")], {}),
        ([("arguments", "d", "x")], {"d": [3]}),
    ],
)
def test_of_the_arguments_only_what_is_read(paths: list[Path], told: object) -> None:
    assert asked(*paths, arguments={"a": {"b": 1, "c": 2}, "d": [3], "e": None})["arguments"] == told


def test_arguments_that_are_no_object_count_as_they_are() -> None:
    assert asked(("arguments", "a"), arguments=[1])["arguments"] == [1]
    assert asked(("arguments", "a"), arguments={"a": 1}, method="tools/list")["arguments"] == {}
