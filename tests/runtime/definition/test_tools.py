from pathlib import Path
from typing import Any

import pytest
from definition_folder import codes, load, plan_of, write

from lictor.runtime.definition.plan import Permit, Plan, Secret

FILES = {"docs/a.md": "# A", "t/mail.py": "def send(): ...\nasync def read(): ...\n"}


def with_tools(tmp_path: Path, tools: str, before: str = "", **environ: str) -> Plan:
    return plan_of(tmp_path, f"{before}agents:\n  a:\n    prompt: x\n    tools: {tools}\n", FILES, **environ)


def permit(plan: Plan, agent: str = "a") -> dict[str, Any]:
    (only,) = plan.policy_data["permits"][agent].values()
    return dict(only)


def test_each_kind_has_its_server_and_its_rule_for_the_rest(tmp_path: Path) -> None:
    plan = with_tools(
        tmp_path,
        "[{rag: ./docs, top_k: 3}, {python: 't/mail.py:send', timeout: 2s}, {mcp: uvx x-time .}, {mcp: 'https://h/m'}]",
    )
    rag, python, stdio, http = plan.tools
    assert (rag.principal, rag.kind, rag.source, rag.top_k) == ("tool-a-docs", "rag", (tmp_path / "docs").resolve(), 3)
    assert (python.principal, python.function, python.timeout) == ("tool-a-send", "send", 2.0)
    assert (stdio.principal, stdio.command, stdio.folder) == ("tool-a-x-time", ("uvx", "x-time", "."), tmp_path)
    assert (http.principal, http.kind, http.url) == ("tool-a-h", "mcp-http", "https://h/m")
    rules = [entry["otherwise"] for entry in plan.policy_data["permits"]["a"].values()]
    assert rules == ["allow", "allow", "read-only", "ask"]


def test_an_explicit_permit_asks_for_the_rest(tmp_path: Path) -> None:
    plan = with_tools(tmp_path, "\n      - rag: ./docs\n        permit: {allow: [search], deny: ['d*']}")
    assert permit(plan) == {
        "allow": ["search"],
        "ask": [],
        "deny": ["d*"],
        "otherwise": "ask",
        "plain": ["search"],
        "calls": [],
        "labels": [],
        "refuse": [],
        "file": "team.yaml",
        "line": 6,
    }
    assert plan.agents[0].tools[0].permit == Permit(("search",), (), ("d*",))


def test_a_shared_server_is_one_principal_with_limits_for_each_user(tmp_path: Path) -> None:
    text = """\
mcp:
  crm: {command: /bin/sh crm, env: {A: 1, B_TOKEN: '${B_TOKEN}'}, timeout: 9s, retries: 3}
agents:
  a: {prompt: x, delegates: [b], tools: [{mcp: crm, timeout: 1s}]}
  b: {prompt: x, tools: [{mcp: crm, permit: {allow: [r]}}]}
"""
    plan = plan_of(tmp_path, text, B_TOKEN="t")
    (tool,) = plan.tools
    assert (tool.principal, tool.timeout, tool.retries) == ("tool-crm", 9.0, 3)
    assert tool.environment == {"A": "1", "B_TOKEN": Secret("t")}
    assert [(use.timeout, use.retries, use.explicit) for agent in plan.agents for use in agent.tools] == [
        (1.0, 3, False),
        (9.0, 3, True),
    ]
    assert plan.policy_data["edges"]["b"]["tool-crm"] == {"kind": "mcp", "file": "team.yaml", "line": 5}


def test_the_same_folder_in_two_agents_is_two_servers(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x, delegates: [b], tools: [{rag: docs}]}, b: {prompt: x, tools: [{rag: docs}]}}"
    assert [tool.principal for tool in plan_of(tmp_path, text, FILES).tools] == ["tool-a-docs", "tool-b-docs"]


def test_names_that_meet_are_numbered(tmp_path: Path) -> None:
    plan = with_tools(tmp_path, "[{mcp: uvx t-x 1}, {mcp: uvx t-x 2}]")
    assert [tool.principal for tool in plan.tools] == ["tool-a-t-x", "tool-a-t-x-2"]


@pytest.mark.parametrize(
    ("tools", "found"),
    [
        ("[{rag: nothing}]", "L203 4:19"),
        ("[{rag: docs, top_k: 0}]", "L103 4:32"),
        ("[{python: mail}]", "L116 4:22"),
        ("[{python: 't/no.py:x'}]", "L203 4:22"),
        ("[{python: 't/mail.py:sned'}]", "L206 4:22"),
        ("[{mcp: no-such-command}]", "L204 4:19"),
        ("[{mcp: 'ftp://x'}]", "L116 4:19"),
        ("[{mcp: 'http://'}]", "L116 4:19"),
        ('[{mcp: "a \'b"}]', "L116 4:19"),
        ("[{mcp: '# x'}]", "L603 4:19"),
        ("[{mcp: /bin/sh, headers: {A: b}}]", "L115 4:28"),
        ("[{mcp: 'http://x', env: {A: b}}]", "L115 4:31"),
        ("[{mcp: /bin/sh, env: {A: [b]}}]", "L104 4:37"),
        ("[{rag: docs, env: {A: b}}]", "L101 4:25"),
        ("[{mcp: /bin/sh, env: {X: sk-0123456789abcdefghij}}]", "L501 4:37"),
        ("[{mcp: /bin/sh, env: {A_TOKEN: 12345678}}]", "L501 4:43"),
        ("[{mcp: 'http://x', headers: {Authorization: Bearer abcdefgh}}]", "L501 4:56"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, tools: str, found: str) -> None:
    loaded = load(tmp_path, f"agents:\n  a:\n    prompt: x\n    tools: {tools}\n", FILES)
    assert codes(loaded) == [found]


def test_guesses(tmp_path: Path) -> None:
    text = "mcp: {crm: {url: 'https://x'}}\nagents: {a: {prompt: x, tools: [{mcp: crn}, {python: 't/mail.py:snd'}]}}"
    loaded = load(tmp_path, text, FILES)
    assert [problem.hint for problem in loaded.problems] == ["did you mean 'crm'?", "did you mean 'send'?"]


def test_a_server_is_listed_once(tmp_path: Path) -> None:
    text = "mcp: {crm: {url: 'https://x'}}\nagents: {a: {prompt: x, tools: [{mcp: crm}, {mcp: crm, env: {A: b}}]}}"
    assert codes(load(tmp_path, text)) == ["L210 2:51", "L115 2:56"]


def test_shared_servers_that_are_wrong(tmp_path: Path) -> None:
    text = """\
mcp:
  a: {command: 'https://x'}
  b: {url: x}
  c: uvx thing
  d: https://x/mcp
agents: {a: {prompt: x, tools: [{mcp: a}, {mcp: b}, {mcp: c}, {mcp: d}]}}
"""
    assert codes(load(tmp_path, text, PATH="")) in (["L116 2:16", "L116 3:12", "L603 4:6"], ["L116 2:16", "L116 3:12"])


def test_pasted_credentials_are_secrets_all_the_same(tmp_path: Path) -> None:
    plan = with_tools(tmp_path, "[{mcp: /bin/sh, env: {X: sk-0123456789abcdefghij}}]")
    assert plan.tools[0].environment == {"X": Secret("sk-0123456789abcdefghij")}


def test_commands_relative_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"bin/serve": "#!/bin/sh\n"})
    assert with_tools(tmp_path, "[{mcp: ./bin/serve --now}]").tools[0].principal == "tool-a-serve"
