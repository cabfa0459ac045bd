"""Which parts of a task's outputs a source means."""

import json

from lictor.guardrails.contract.contract import Condition, Like, Literal, Output, Prompt
from lictor.guardrails.contract.origins import Speaker, TaskOrigins
from lictor.guardrails.contract.records import select

PEOPLE = [
    {"name": "Dora Smith", "mail": "dora@ok.com", "age": 30, "tags": ["x"]},
    {"name": "Eve", "mail": "eve@evil.com", "age": "41"},
    {"name": "Adam", "mail": "adam@ok.com"},
]


def origins() -> TaskOrigins:
    task = TaskOrigins()
    task.add(Speaker.PROMPT, "op-cli", "write to Dora Smith", untrusted=False)
    task.add(
        Speaker.TOOL, "people", "text", json.dumps({"result": PEOPLE}).encode(), server="tool-crm", untrusted=False
    )
    task.add(Speaker.TOOL, "read", "one", arguments={"path": "a.txt"})
    task.add(Speaker.TOOL, "read", "two", arguments={"path": "b.txt"})
    task.add(Speaker.AGENT, "people", "said")
    return task


def chosen(**changes: object) -> list[str]:
    source = Output(("people",), **changes)  # type: ignore[arg-type]
    return [text.raw for text in select(source, origins()).texts]


def test_whole_outputs_by_name() -> None:
    assert [text.raw for text in select(Output(("read", "none")), origins()).texts] == ["one", "two"]
    assert [text.raw for text in select(Output(("tool-crm/people",)), origins()).texts] == ["text"]
    assert [text.raw for text in select(Output(("people",), agent=True), origins()).texts] == ["said"]
    assert [text.raw for text in select(Output(("read",), untrusted=False), origins()).texts] == []


def test_by_the_arguments_of_the_call() -> None:
    condition = Condition(("path",), (Literal("a.txt"),))
    assert [text.raw for text in select(Output(("read",), calls=(condition,)), origins()).texts] == ["one"]
    missing = Condition(("file",), (Literal("a.txt"),))
    assert [text.raw for text in select(Output(("read",), calls=(missing,)), origins()).texts] == []


def test_by_field_and_record() -> None:
    mail = ("*", "mail")
    assert chosen(field=mail) == ["dora@ok.com", "eve@evil.com", "adam@ok.com"]
    assert chosen(field=mail, where=(Condition(("name",), (Prompt(),)),)) == ["dora@ok.com"]
    assert chosen(field=mail, where=(Condition(("name",), (Like("a*"), Literal("eve"))),)) == [
        "eve@evil.com",
        "adam@ok.com",
    ]
    assert chosen(field=mail, where=(Condition(("nothing",), (Like("*"),)),)) == []
    assert chosen(field=("*", "tags", "*")) == ["x"]
    assert chosen(field=("*", "tags", "*"), where=(Condition(("name",), (Like("dora*"),)),)) == ["x"]
    assert chosen(field=("*", "tags", "*"), where=(Condition(("name",), (Like("eve"),)),)) == []


def test_the_greatest_and_the_least() -> None:
    assert chosen(field=("*", "mail"), most_of=("age",)) == ["eve@evil.com"]
    assert chosen(field=("*", "mail"), least_of=("age",)) == ["dora@ok.com"]
    assert chosen(field=("*", "mail"), least_of=("weight",)) == []
