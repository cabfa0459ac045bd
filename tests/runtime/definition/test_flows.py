from pathlib import Path

import pytest
from definition_folder import codes, load

FILES = {
    "t.py": "def send(): ...\n",
    "docs/a.md": "# A",
    "r.rego": 'package lictor.user.r\n\nimport rego.v1\n\ndeny contains "no" if "customer" in input.labels.tags\n',
}


def found(folder: Path, *tools: str, more: str = "", top: str = "") -> list[str]:
    return codes(load(folder, f"agents: {{a: {{prompt: x, tools: [{', '.join(tools)}]{more}}}}}\n{top}", FILES))


def test_a_refusal_that_never_happens(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, "agents: {a: {prompt: x, emits: [customer], tools: [{rag: docs, refuse: [custmer]}]}}", FILES
    )
    assert [(item.code, item.hint) for item in loaded.problems] == [
        ("L310", "refuse it somewhere, or read it in a policy"),
        ("L309", "did you mean 'customer'?"),
    ]


def test_a_slip_of_a_built_in_word(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents: {a: {prompt: x, tools: [{rag: docs, labels: [untrusetd]}]}}", FILES)
    assert [(item.code, item.hint) for item in loaded.problems] == [("L310", "did you mean 'untrusted'?")]


def test_a_word_that_is_looked_at(tmp_path: Path) -> None:
    assert found(tmp_path, "{rag: docs, labels: [customer]}", "{python: 't.py:send', refuse: [customer]}") == []
    assert found(tmp_path, "{rag: docs, labels: [customer], refuse: [customer]}", top="policies: [r.rego]") == []


def test_built_in_words_are_never_unused(tmp_path: Path) -> None:
    assert found(tmp_path, "{rag: docs, labels: [internal], refuse: [secret]}", more=", emits: [untrusted]") == []


@pytest.mark.parametrize(
    ("mail", "more", "expected"),
    [
        ("{python: 't.py:send'}", "", ["L308", "L311"]),
        ("{python: 't.py:send', permit: {ask: [send]}}", "", ["L308"]),
        ("{python: 't.py:send', permit: {allow: ['send(to=x)']}}", "", ["L308", "L311"]),
        ("{python: 't.py:send', refuse: [untrusted]}", "", ["L308"]),
        ("{python: 't.py:send'}", ", contract: {contract: 1, tools: {}}", ["L308"]),
    ],
)
def test_strangers_that_can_act(tmp_path: Path, mail: str, more: str, expected: list[str]) -> None:
    web = "{mcp: 'https://x/mcp'}"
    told = found(tmp_path, web, mail, more=f", guards: {{taint: off}}{more}")
    assert sorted(code[:4] for code in told) == expected
    assert found(tmp_path, web, mail, more=more) == []


def test_data_that_its_own_reader_may_not_see(tmp_path: Path) -> None:
    assert found(tmp_path, "{rag: docs, labels: [secret]}") == ["L312 1:33"]
    assert found(tmp_path, "{rag: docs, labels: [secret]}", more=", clearance: secret") == []
