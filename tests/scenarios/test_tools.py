"""Tools that misbehave, in a whole team: the caller learns what happened, and everything else goes on."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from command_line import lictor, processes_in
from running_team import RunningTeam, run_team

from lictor.protocols.identifiers import new_id

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("tools"),
]

SUPPORT = Path(__file__).parent.parent / "support"
SERVERS = SUPPORT / "mcp_servers"

YAML = f"""
models:
  m: {{scripted: rules.yaml}}
mcp:
  plain: {{command: "{sys.executable} {SERVERS}/plain.py", timeout: 1s}}
  brittle: {{command: "{sys.executable} {SERVERS}/plain.py", timeout: 1s}}
  typed: {{command: "{sys.executable} {SERVERS}/sdk.py"}}
approvals: {{timeout: 1s}}

agents:
  caller:
    graph: tool_caller.py:graph
    model: m
    budget: {{time: 30s}}
    tools:
      - mcp: plain
        permit: {{allow: ["*"], deny: [environment]}}
      - mcp: brittle
        permit: {{allow: ["*"]}}
      - mcp: typed
      - python: tool_functions.py:breaks
      - python: tool_functions.py:sleeps
        timeout: 500ms
      - python: tool_functions.py:talks
      - python: tool_functions.py:ends
  thrifty:
    graph: tool_caller.py:graph
    model: m
    budget: {{time: 2s, tool_calls: 3}}
    tools:
      - python: tool_functions.py:counts
  stubborn:
    prompt: You look things up.
    model: m
    tools:
      - python: tool_functions.py:counts
      - python: tool_functions.py:talks
"""

RULES = """
rules:
- system: "You look things up"
  regex: ".*"
  answer: '{"action": "counts", "input": "it"}'
- regex: ".*"
  answer: "fine"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningTeam]:
    folder = tmp_path_factory.mktemp("tools")
    for name in ("tool_caller.py", "tool_functions.py"):
        (folder / name).write_text((SUPPORT / name).read_text())
    async with run_team(folder, YAML, RULES) as team:
        yield team


async def calls(running: RunningTeam, *tools: str, agent: str = "caller", **arguments: Any) -> list[dict[str, Any]]:
    """Have an agent call tools one after the other and return what it saw."""
    order = json.dumps([{"tool": tool, "arguments": arguments} for tool in tools])
    ending = await running.ask(agent, order)
    assert ending.state == "completed", ending.reason
    seen: list[dict[str, Any]] = json.loads(ending.outcome.text)
    return seen


async def test_a_tool_that_raises_is_a_failure_with_a_word_and_without_its_secrets(running: RunningTeam) -> None:
    own, sdk, after = await calls(running, "caller-breaks/breaks", "plain/fail", "caller-talks/talks")
    assert own["end"] == "failed"
    assert "RuntimeError" in own["text"]
    assert "xyzzy" not in own["text"]
    assert (sdk["end"], sdk["text"]) == ("failed", "it failed")
    assert after["text"] == "said hello"
    assert "xyzzy" in (running.folder / "logs" / "tool-caller-breaks.log").read_text()


async def test_a_function_that_never_returns_costs_its_time_and_no_more(running: RunningTeam) -> None:
    pid = running.part("tool-caller-sleeps").pid
    seen = await calls(running, "caller-sleeps/sleeps", "caller-sleeps/sleeps", "caller-talks/talks")
    assert [each["end"] for each in seen] in (["failed", "failed", "done"], ["lost", "lost", "done"])
    assert running.part("tool-caller-sleeps").pid == pid


async def test_what_a_function_prints_goes_to_the_log_alone(running: RunningTeam) -> None:
    (seen,) = await calls(running, "caller-talks/talks", word="no more")
    assert seen["text"] == "said no more"
    assert "Content-Length" in (running.folder / "logs" / "tool-caller-talks.log").read_text()


async def test_a_function_that_ends_its_process_is_a_failure(running: RunningTeam) -> None:
    ended, after = await calls(running, "caller-ends/ends", "caller-talks/talks")
    assert ended["end"] in {"failed", "lost"}
    assert after["end"] == "done"
    await running.until(lambda: running.part("tool-caller-ends").state.value == "ready", "the server is there")


async def test_garbage_is_a_failure_and_the_server_goes_on(running: RunningTeam) -> None:
    wrong, nonsense, after = await calls(running, "plain/wrong", "plain/nonsense", "plain/echo")
    assert wrong["end"] == "failed"
    assert "not valid" in wrong["text"]
    assert nonsense["end"] in {"failed", "lost"}
    assert after["end"] == "done"


async def test_an_answer_that_is_too_large_is_a_failure_that_says_so(running: RunningTeam) -> None:
    pid = running.part("tool-plain").pid
    large, fits = await calls(running, "plain/much", "plain/echo", bytes=2_000_000)
    assert large["end"] == "failed"
    assert "is the limit" in large["text"]
    assert fits["end"] == "done"
    (nearly,) = await calls(running, "plain/much", bytes=900_000)
    assert (nearly["end"], nearly["size"]) == ("done", 900_000)
    assert running.part("tool-plain").pid == pid


async def test_a_server_that_exits_in_the_middle_of_a_call_is_started_again(running: RunningTeam) -> None:
    old = running.part("tool-brittle").pid
    left, after = await calls(running, "brittle/leave", "plain/echo")
    assert left["end"] in {"failed", "lost"}
    assert after["end"] == "done"
    await running.renewed("tool-brittle", old)
    assert "exited with status 3" in running.part("tool-brittle").reason
    (again,) = await calls(running, "brittle/echo", word="back")
    assert json.loads(again["text"]) == {"word": "back"}


async def test_a_server_that_hangs_is_started_again(running: RunningTeam) -> None:
    old = running.part("tool-brittle").pid
    (hung,) = await calls(running, "brittle/hang")
    assert hung["end"] in {"failed", "lost"}
    await running.renewed("tool-brittle", old)
    (again,) = await calls(running, "brittle/echo", word="back")
    assert json.loads(again["text"]) == {"word": "back"}


async def test_a_tool_that_is_not_permitted_is_refused_with_its_line(running: RunningTeam) -> None:
    task = new_id()
    ending = await running.ask("caller", json.dumps([{"tool": "plain/environment"}]), task=task)
    (seen,) = json.loads(ending.outcome.text)
    line = 1 + YAML.splitlines().index('        permit: {allow: ["*"], deny: [environment]}')
    assert seen["end"] == "refused"
    assert seen["code"] == "route.tool_not_permitted"
    assert "permit denies it" in seen["text"]
    assert seen["place"] == ["team.yaml", line]
    await running.until(lambda: any(not each.delivered for each in running.messages(task)), "the refusal is recorded")
    (refused,) = [message for message in running.messages(task) if not message.delivered]
    verdict = refused.deciding
    assert verdict is not None
    assert (verdict.file, verdict.line) == ("team.yaml", line)


async def test_only_what_a_server_calls_read_only_may_be_called_without_a_permit(running: RunningTeam) -> None:
    ending = await running.ask(
        "caller", json.dumps([{"tool": "typed/add", "arguments": {"a": 2, "b": 3}}, {"tool": "typed/fails"}])
    )
    reads, writes = json.loads(ending.outcome.text)
    assert (reads["end"], reads["text"]) == ("done", "5")
    assert writes["end"] == "refused"
    assert "nobody answered approval" in writes["text"]


async def test_an_enforcer_that_was_restarted_knows_again_what_only_reads(running: RunningTeam) -> None:
    await running.renewed("enforcer", running.kill("enforcer"))
    await running.answered("caller", "[]")
    order = json.dumps([{"tool": "typed/add", "arguments": {"a": 20, "b": 3}}])
    ending = await running.ask("caller", order)
    (seen,) = json.loads(ending.outcome.text)
    assert (seen["end"], seen["text"]) == ("done", "23")


async def test_a_loop_ends_with_the_budget_of_tool_calls(running: RunningTeam) -> None:
    task = new_id()
    order = [{"tool": "thrifty-counts/counts"}] * 5
    ending = await running.ask("thrifty", json.dumps(order), task=task)
    seen = json.loads(ending.outcome.text)
    assert [each["end"] for each in seen] == ["done"] * 3 + ["refused"] * 2
    line = 1 + YAML.splitlines().index("  thrifty:")
    assert seen[3]["code"] == "admit.budget_tool_calls"
    assert seen[3]["place"] == ["team.yaml", line]


async def test_an_agent_that_never_gives_up_ends_with_its_time(running: RunningTeam) -> None:
    ending = await running.ask("thrifty", json.dumps({"forever": "thrifty-counts/counts"}))
    assert ending.state in {"failed", "refused"}
    assert ending.reason
    (seen,) = await calls(running, "caller-talks/talks")
    assert seen["end"] == "done"


async def test_a_model_that_chooses_the_same_tool_for_ever_is_a_clear_failure(running: RunningTeam) -> None:
    task = new_id()
    ending = await running.ask("stubborn", "what is new?", task=task)
    assert ending.state == "failed"
    assert "counts again and again" in ending.reason
    await running.until(lambda: any(each.target == "op-cli" for each in running.messages(task)), "the end is recorded")
    called = [each for each in running.messages(task) if each.kind == "mcp"]
    assert [(each.target, each.method) for each in called] == [("tool-stubborn-counts", "counts")]


async def test_a_server_that_is_not_there_ends_the_start_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "lictor.yaml").write_text(
        "models: {m: {scripted: rules.yaml}}\n"
        "mcp: {ghost: {command: /nowhere/ghost-server --all}}\n"
        "agents: {a: {model: m, prompt: x, tools: [{mcp: ghost}]}}\n"
    )
    done = lictor(tmp_path, "run", "lictor.yaml", "hello")
    assert done.code == 3
    assert "/nowhere/ghost-server" in done.err
    assert not processes_in(tmp_path)
