from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of

REGO = "package lictor.user.x\n\nimport rego.v1\n\ndeny contains d if { input.tool == 1; d := {} }\n"
A = "agents: {a: {prompt: x}}\n"


def test_an_agent_has_what_it_says_and_the_usual_for_the_rest(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        """\
agents:
  a:
    prompt: |
      First sentence. Second.
    route: in-order
    delegates: [b]
    expose: [chat, chat]
    timeout: 5s
    retries: 0
  b: {description: Bee., prompt: x}
""",
    )
    a, b = plan.agents
    assert (a.description, a.prompt, a.route) == ("First sentence.", "First sentence. Second.\n", "in-order")
    assert (a.delegates, a.expose, a.timeout, a.retries) == (("b",), ("chat",), 5.0, 0)
    assert (a.place.line, a.place.last) == (2, 9)
    assert (b.description, b.route, b.timeout, b.retries) == ("Bee.", "model", 120.0, 1)
    assert (plan.nats, plan.nats_credentials, plan.max_hops, plan.rate) == ("embedded", None, 12, (50, 1.0))
    assert plan.store == f"sqlite:///{tmp_path.resolve()}/.lictor/lictor.db"
    assert (plan.file, plan.folder) == (tmp_path / "team.yaml", tmp_path)


def test_a_graph_is_named_by_its_whole_path(tmp_path: Path) -> None:
    text = "defaults: {route: in-order}\nagents: {a: {graph: 'g/w.py:graph', tools: [{rag: g}]}}"
    (agent,) = plan_of(tmp_path, text, {"g/w.py": "graph = 1"}).agents
    assert (agent.graph, agent.prompt, agent.route) == (f"{tmp_path.resolve()}/g/w.py:graph", "", "model")
    assert agent.description == "The agent a."


def test_prompts_are_taken_as_they_are(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "agents: {a: {prompt: 'costs ${X} $$'}, b: {prompt_file: p.md}}", {"p.md": "${Y}"})
    assert [agent.prompt for agent in plan.agents] == ["costs ${X} $$", "${Y}"]


def test_output_is_written_here_or_in_a_file(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x, output: {type: object}}, b: {prompt: x, output: s.json}, c: {prompt: x}}"
    plan = plan_of(tmp_path, text, {"s.json": '{"type": "string"}'})
    assert [agent.output for agent in plan.agents] == [{"type": "object"}, {"type": "string"}, None]


def test_an_external_bus_and_record(tmp_path: Path) -> None:
    text = (
        "runtime: {nats: 'nats://h:4222', credentials: c, store: 'postgresql://u@h/d'}\n"
        f"guards: {{loops: {{max_hops: 3}}, rate: 2/1m}}\n{A}"
    )
    plan = plan_of(tmp_path, text, {"c": "x"})
    assert (plan.nats, plan.nats_credentials) == ("nats://h:4222", (tmp_path / "c").resolve())
    assert (plan.store, plan.max_hops, plan.rate) == ("postgresql://u@h/d", 3, (2, 60.0))


def test_absolute_and_memory_records_stay(tmp_path: Path) -> None:
    for store in ("sqlite:////var/x.db", "sqlite:///:memory:", "sqlite+aiosqlite:////x", "postgresql+psycopg://h/d"):
        assert plan_of(tmp_path, f"runtime: {{store: '{store}'}}\n{A}").store == store
    assert plan_of(tmp_path, f"runtime: {{store: 'sqlite+aiosqlite:///x.db'}}\n{A}").store.endswith(
        f"{tmp_path.name}/x.db"
    )


def test_policies_are_the_files_without_their_tests(tmp_path: Path) -> None:
    files = {"p/a.rego": REGO, "p/a_test.rego": "package t", "p/sub/b.rego": REGO.replace("user.x", "user.y")}
    plan = plan_of(tmp_path, f"policies: [p/a.rego, 'p/**/*.rego']\n{A}", files)
    assert [path.name for path in plan.policies] == ["a.rego", "b.rego"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("agents: {a: {prompt: x, graph: 'g.py:g'}}", "L106 1:25"),
        ("agents: {a: {}}", "L106 1:10"),
        ("agents: {a: {prompt: 5}}", "L104 1:22"),
        ("agents: {a: {prompt_file: none.md}}", "L203 1:27"),
        ("agents: {a: {prompt_file: empty.md}}", "L203 1:27"),
        ("agents: {a: {prompt_file: .}}", "L203 1:27"),
        ("agents: {a: {prompt: x, output: bad.json}}", "L211 1:33"),
        ("agents: {a: {graph: 'g.py:other'}}", "L206 1:21"),
        (f"runtime: {{nats: embeded}}\n{A}", "L116 1:17"),
        (f"runtime: {{nats: 'nats://h'}}\n{A}", "L102 1:1"),
        (f"runtime: {{nats: 'nats://h', credentials: no}}\n{A}", "L203 1:42"),
        (f"runtime: {{credentials: empty.md}}\n{A}", "L115 1:11"),
        (f"runtime: {{store: mongodb}}\n{A}", "L116 1:18"),
        (f"policies: [no.rego]\n{A}", "L203 1:12"),
        ("models: {m: builtin/smollm2}", "L102 1:1"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, found: str) -> None:
    loaded = load(tmp_path, text, {"g.py": "g = 1", "empty.md": "", "bad.json": "{"})
    assert codes(loaded) == [found]


def test_a_delegate_that_is_broken_is_no_second_error(tmp_path: Path) -> None:
    assert codes(load(tmp_path, "agents: {a: {prompt: x, delegates: [b, c]}, b: [], c: {a2a: 'https://x'}}")) == [
        "L104 1:48",
        "L110 1:56",
    ]
