from lictor.runtime.definition.availability import remove_unavailable
from lictor.runtime.definition.reader import read_document


def removed(text: str) -> tuple[object, list[str]]:
    document = read_document(text, "f")
    problems = remove_unavailable(document)
    assert {problem.code for problem in problems} <= {"L110"}
    return document.data, [f"{item.span.line}:{item.span.column} {item.message}" for item in problems]


def test_what_works_is_left_alone() -> None:
    text = (
        "agents: {a: {prompt: x, scale: 1, isolate: {kind: process}, expose: [chat], budget: {on_exceed: fail}, "
        "clearance: public, emits: [x], contract: c.yaml, guards: {pii: off}, "
        "tools: [{rag: d, labels: [x], refuse: [y]}]}}\n"
        "guards: {loops: {max_hops: 3}, rate: 1/1s, injection: block}"
    )
    assert removed(text)[1] == []


def test_a_key_is_told_at_the_key_and_a_value_at_the_value() -> None:
    data, told = removed(
        "agents:\n  a:\n    skills: [x]\n    expose: [chat, mcp]\n    scale: 3\n    isolate: container\n"
    )
    assert told == [
        "3:5 'skills' in agents.a is not available yet",
        "4:20 'expose: mcp' in agents.a is not available yet",
        "6:14 'isolate: container' in agents.a is not available yet",
        "5:12 'scale: 3' in agents.a is not available yet",
    ]
    assert data == {"agents": {"a": {"expose": ["chat", "chat"]}}}


def test_a_remote_agent_goes_as_a_whole() -> None:
    data, told = removed("agents: {a: {a2a: https://x, emits: [untrusted], clearance: public}, b: {prompt: x}}")
    assert told == ["1:14 'a2a' in agents.a is not available yet"]
    assert data == {"agents": {"b": {"prompt": "x"}}}


def test_sections_that_come_later() -> None:
    _, told = removed("models: {m: {gguf: x, keep: 5m}}\nsupervisors: {}\n")
    assert [line.partition(" ")[2] for line in told] == [
        "'supervisors' is not available yet",
        "'keep' in models.m is not available yet",
    ]


def test_odd_shapes_are_left_to_others() -> None:
    for text in ("agents: [a]", "agents: {a: [x]}", "agents: {a: {tools: x, budget: [y]}}", "guards: 3", "- a", "x"):
        assert removed(text)[1] == []
