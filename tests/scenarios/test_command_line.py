"""The command line from the outside: what a person types, what is printed, how it ends."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import lictor, processes_in, start
from running_team import RULES, YAML

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("command-line")]

DENY = """# METADATA
# title: Closed
# description: Nobody may say closed.
package lictor.user.closed

import rego.v1

deny contains denial if {
	input.sender == "op-cli"
	denial := {"code": "user.closed", "reason": "the desk is closed", "rule": "data.lictor.user.closed.deny"}
}
"""

SLOW = """
import asyncio
from langgraph.graph import END, START, MessagesState, StateGraph

async def wait(state):
    await asyncio.Event().wait()

builder = StateGraph(MessagesState)
builder.add_node("wait", wait)
builder.add_edge(START, "wait")
builder.add_edge("wait", END)
graph = builder.compile()
"""


def until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for processes and files, which send no signal of their own."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "lictor.yaml").write_text(YAML)
    return tmp_path


def test_run_prints_one_document(folder: Path) -> None:
    done = lictor(folder, "run", "lictor.yaml", "hello", "-o", "json")
    assert done.code == 0, done.err
    document = done.document
    assert document["task"]["state"] == "completed"
    assert document["answer"] == "fine"
    assert document["model"] == "scripted/rules"
    assert document["citations"] == []
    assert document["seconds"] > 0
    first = document["messages"][0]
    assert (first["from"], first["to"], first["kind"], first["verdict"]) == ("op-cli", "front", "a2a", "allow")
    assert {"id", "from", "to", "kind", "verdict", "layer", "reason", "ms"} <= set(document["messages"][0])
    shown = lictor(folder, "messages", "-o", "json")
    assert shown.code == 0
    assert {m["id"] for m in document["messages"]} <= {m["id"] for m in shown.document["items"]}
    tasks = lictor(folder, "tasks", "-o", "json").document["items"]
    assert [task["id"] for task in tasks] == [document["task"]["id"]]
    explained = lictor(folder, "policy", "explain", document["messages"][0]["id"])
    assert explained.code == 0, explained.err
    assert "identify" in explained.out
    assert "route" in explained.out


def test_run_tells_each_message_and_the_answer(folder: Path) -> None:
    done = lictor(folder, "run", "hello")
    assert done.code == 0, done.err
    assert "front → back" in done.err
    assert "answer: fine" in done.out
    assert "0 blocked · 6 delivered" in done.out


def test_a_refusal_has_its_own_exit_code(folder: Path) -> None:
    (folder / "closed.rego").write_text(DENY)
    (folder / "lictor.yaml").write_text(YAML + "policies: [closed.rego]\n")
    done = lictor(folder, "run", "lictor.yaml", "hello")
    assert done.code == 6
    assert "the desk is closed" in done.err
    assert "lictor policy explain" in done.err
    told = lictor(folder, "run", "lictor.yaml", "hello", "-o", "json")
    assert told.code == 6
    assert told.document["task"]["state"] == "refused"
    assert told.document["messages"][-1]["reason"] == "the desk is closed"


def test_a_failed_task_is_a_no(folder: Path) -> None:
    done = lictor(folder, "run", "lictor.yaml", "crash", "--agent", "back")
    assert done.code == 1
    assert "lictor tasks show" in done.err
    assert "answer:" not in done.out


def test_an_invalid_file_shows_every_error(folder: Path) -> None:
    (folder / "lictor.yaml").write_text("agents:\n  triage:\n    promt: x\n    delegates: [nobody]\n")
    done = lictor(folder, "run", "lictor.yaml", "hello")
    assert done.code == 1
    assert "did you mean 'prompt'?" in done.err
    assert "nobody" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "nowhere.yaml", "hello"), 2, "there is no file nowhere.yaml"),
        (("run", "lictor.yaml"), 2, "there is no task"),
        (("run", "lictor.yaml", "hello", "--agent", "nobody"), 2, "its agents are: front, back"),
        (("run", "lictor.yaml", "hello", "-o", "xml"), 2, "-o xml"),
        (("run", "lictor.yaml", "hello", "--timeout", "soon"), 2, "a duration is"),
        (("send", "front", "hello"), 3, "no team runs in this folder"),
        (("status",), 3, "lictor up"),
        (("down",), 3, "no team runs"),
        (("chat", "front"), 3, "no team runs"),
        (("agents",), 3, "no team runs"),
    ],
)
def test_bad_calls(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = lictor(folder, *words)
    assert done.code == code, done.err
    assert said in done.err


def test_a_taken_port(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = lictor(folder, "up", "--bus-port", str(port))
        assert done.code == 3
        assert f"port {port}" in done.err
        detached = lictor(folder, "up", "-d", "--bus-port", str(port))
        assert detached.code == 3
        assert f"port {port}" in detached.err


def test_no_nats_server(folder: Path) -> None:
    done = lictor(folder, "run", "lictor.yaml", "hello", LICTOR_NATS_SERVER="/nowhere/nats-server")
    assert done.code == 3
    assert "/nowhere/nats-server" in done.err


def test_an_unreadable_model(folder: Path) -> None:
    (folder / "broken.gguf").write_bytes(b"GGUF" + b"\0" * 64)
    (folder / "lictor.yaml").write_text("models: {m: {gguf: broken.gguf}}\nagents: {a: {model: m, prompt: x}}\n")
    done = lictor(folder, "run", "lictor.yaml", "hello")
    assert done.code in {1, 3}
    assert "broken.gguf" in done.err


def test_an_interrupt_at_a_terminal_while_the_parts_are_loaded(folder: Path) -> None:
    with start(folder, "up") as running:
        assert running.stderr is not None
        assert "bus" in running.stderr.readline()
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Traceback" not in told
    until(lambda: not processes_in(folder), "every process is gone")


def test_a_failure_at_the_end_of_the_time_is_late(folder: Path) -> None:
    (folder / "g.py").write_text(SLOW)
    (folder / "slow.yaml").write_text("agents: {slow: {graph: 'g.py:graph'}}\n")
    done = lictor(folder, "run", "slow.yaml", "hello", "--timeout", "1s")
    assert done.code == 5, done.err
    assert "slow did not answer within 1 s" in done.err


def test_a_message_that_is_too_large(folder: Path) -> None:
    done = lictor(folder, "run", "lictor.yaml", "-", stdin="x" * 10_000_000)
    assert done.code == 1
    assert "limit" in done.err


def test_up_status_send_chat_down(folder: Path) -> None:
    started = lictor(folder, "up", "-d")
    assert started.code == 0, started.err
    try:
        status = lictor(folder, "status", "-o", "json")
        assert status.code == 0
        assert {part["state"] for part in status.document["parts"]} == {"ready"}
        assert lictor(folder, "up").code == 1
        sent = lictor(folder, "send", "front", "hello")
        assert (sent.code, sent.out) == (0, "fine\n")
        told = lictor(folder, "send", "front", "hello", "-o", "json")
        assert told.document["answer"] == "fine"
        assert lictor(folder, "send", "nobody", "hello").code == 6
        talked = lictor(folder, "chat", stdin="hello\nhello again\n")
        assert talked.out == "front: fine\nfront: fine\n"
        listed = lictor(folder, "agents", "-o", "json").document["items"]
        assert [(row["name"], row["delegates"]) for row in listed] == [("front", ["back"]), ("back", [])]
        assert lictor(folder, "agents").out.splitlines()[1] == "front\tready\t0\tback\t-\tmodel-m"
        shown = lictor(folder, "agents", "show", "front")
        assert "lictor.yaml:5" in shown.out
        assert lictor(folder, "agents", "show", "nobody").code == 1
    finally:
        stopped = lictor(folder, "down")
    assert stopped.code == 0, stopped.err
    assert lictor(folder, "status").code == 3
    until(lambda: not processes_in(folder), "every process is gone")


def test_interrupting_a_run_leaves_nothing(folder: Path) -> None:
    with start(folder, "run", "lictor.yaml", "hold", "--agent", "back") as running:
        until((folder / "gate.held").exists, "the model holds the request")
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert running.returncode == 130
    until(lambda: not processes_in(folder), "every process is gone")


def test_killing_a_team_leaves_nothing(folder: Path) -> None:
    with start(folder, "up") as running:
        state = folder / ".lictor" / "run" / "state.json"
        until(lambda: state.exists() and json.loads(state.read_text())["ready"], "the team is ready")
        assert len(processes_in(folder)) > 5
        os.kill(running.pid, signal.SIGKILL)
        running.wait(timeout=30)
    until(lambda: not processes_in(folder), "every process is gone")
    assert lictor(folder, "status").code == 3
    assert lictor(folder, "up", "-d").code == 0
    assert lictor(folder, "down").code == 0


def test_doctor_finds_what_it_needs(folder: Path) -> None:
    done = lictor(folder, "doctor", "-o", "json")
    assert done.code == 0, done.out
    assert {row["what"] for row in done.document["items"]} >= {"python", "bus", "policy engine", "llama.cpp"}
    missing = lictor(folder, "doctor", LICTOR_NATS_SERVER="/nowhere")
    assert missing.code == 1
    assert "LICTOR_NATS_SERVER" in missing.out
