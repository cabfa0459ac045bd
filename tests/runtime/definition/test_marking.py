from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of

from lictor.runtime.definition.marking import clearance_of, join_words, labels_of, leaves_machine

FILES = {"docs/a.md": "# A"}


def test_what_comes_from_elsewhere_is_untrusted_unless_it_is_said() -> None:
    assert labels_of(None, remote=False) == ()
    assert labels_of(None, remote=True) == ("untrusted",)
    assert labels_of(["internal"], remote=True) == ("internal", "untrusted")
    assert labels_of(["internal", "trusted"], remote=True) == ("internal",)


def test_secrets_stay_here_unless_it_is_said() -> None:
    assert [clearance_of(None, remote=remote) for remote in (False, True)] == ["secret", "internal"]
    assert clearance_of("secret", remote=True) == "secret"
    assert join_words(("a", "b"), ("b", "c")) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("url", "leaves"),
    [
        ("", False),
        ("http://127.0.0.1:8000/v1", False),
        ("http://localhost/v1", False),
        ("http://[::1]:8000", False),
        ("http://10.0.0.1/v1", True),
        ("https://llm.example.com", True),
        ("http://localhost.example.com", True),
        ("http://[bad", True),
        ("nonsense", True),
    ],
)
def test_what_leaves_the_machine(url: str, leaves: bool) -> None:
    assert leaves_machine(url) == leaves


def test_a_model_next_door_may_read_secrets(tmp_path: Path) -> None:
    text = "models: {m: {openai: 'http://%s/v1', model: y}}\nagents: {a: {prompt: x, model: m}}"
    found = [plan_of(tmp_path, text % host).models[0] for host in ("127.0.0.1:8000", "llm.example.com")]
    assert [(model.remote, model.clearance) for model in found] == [(False, "secret"), (True, "internal")]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("tools: [{rag: docs, refuse: [trusted]}]", ["L119 1:54"]),
        ("tools: [{rag: docs, refuse: [public]}]", ["L119 1:54"]),
        ("tools: [{rag: docs, labels: [untrusted, trusted]}]", ["L119 1:65"]),
        ("tools: [{rag: docs, labels: [secret, internal]}], clearance: secret", ["L119 1:62"]),
        ("tools: [{rag: docs, labels: [Not One]}]", ["L119 1:54"]),
        ("emits: [trusted]", ["L119 1:33"]),
        ("clearance: top-secret", ["L105 1:36"]),
        ("tools: [{rag: docs, labels: [trusted], refuse: [secret, untrusted, internal]}]", []),
    ],
)
def test_words_that_make_no_sense(tmp_path: Path, entry: str, found: list[str]) -> None:
    assert codes(load(tmp_path, f"agents: {{a: {{prompt: x, {entry}}}}}", FILES)) == found


def test_marks_of_a_shared_server_hold_for_all_its_users(tmp_path: Path) -> None:
    text = """\
mcp:
  crm: {url: 'https://x/mcp', labels: [internal], refuse: [secret], clearance: public}
agents:
  a: {prompt: x, delegates: [b], tools: [{mcp: crm, labels: [secret], refuse: [untrusted]}], clearance: secret}
  b: {prompt: y, emits: [internal], tools: [{mcp: crm}]}
models:
  m: {openai: 'http://x/v1', model: y}
"""
    plan = plan_of(tmp_path, text)
    assert [(tool.labels, tool.clearance, tool.remote) for tool in plan.tools] == [
        (("internal", "untrusted"), "public", True)
    ]
    assert [(use.labels, use.refuse) for agent in plan.agents for use in agent.tools] == [
        (("internal", "untrusted", "secret"), ("secret", "untrusted")),
        (("internal", "untrusted"), ("secret",)),
    ]
    assert [(agent.clearance, agent.emits) for agent in plan.agents] == [("secret", ()), ("internal", ("internal",))]


def test_what_belongs_to_the_shared_server_is_said_there(tmp_path: Path) -> None:
    shared = "mcp: {crm: {url: 'https://x/mcp'}}\n"
    use = "agents: {a: {prompt: x, tools: [{mcp: crm, labels: [trusted], clearance: secret}]}}"
    assert codes(load(tmp_path, shared + use)) == ["L115 2:52", "L115 2:63"]
