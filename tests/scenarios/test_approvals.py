"""Approvals in a whole team: what a person is asked about waits, everyone waits with it, and nobody's time runs out."""

import asyncio
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import environment, lictor, processes_in, start
from running_team import RunningTeam, run_team

from lictor.protocols.identifiers import new_id
from lictor.runtime.cli import approving
from lictor.runtime.cli.acting import ActFailed
from lictor.runtime.cli.asking import Ending

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("approvals")]

YAML = """
models:
  m: {scripted: rules.yaml}
agents:
  front:
    prompt: You pass on.
    model: m
    route: in-order
    delegates: [payer]
    budget: {time: 8s}
  payer:
    graph: tool_caller.py:graph
    model: m
    timeout: 7s
    budget: {time: 8s}
    tools:
      - python: bank.py:pay
        timeout: 5s
        permit: {ask: ["*"]}
approvals: {timeout: TIMEOUT}
"""
BANK = '''
from pathlib import Path

def pay(recipient: str, amount: int) -> str:
    """Pay somebody."""
    with (Path(__file__).parent / "paid.txt").open("a") as sink:
        sink.write(f"{recipient} {amount}\\n")
    return f"paid {amount} to {recipient}"
'''
RULES = 'rules:\n- regex: ".*"\n  answer: "fine"\n'
ORDER = json.dumps([{"tool": "pay", "arguments": {"recipient": "DE12", "amount": 7}}])
PATIENCE = 8.0
"""Seconds that the caller gives its task: less than it waits for a person."""
LONGER = 9.0
"""Seconds that a person takes: longer than the caller, the agents and the tool have."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank.py").write_text(BANK)
    (tmp_path / "tool_caller.py").write_text((Path(__file__).parent.parent / "support/tool_caller.py").read_text())
    (tmp_path / "rules.yaml").write_text(RULES)
    write_team(tmp_path, "60s")
    return tmp_path


def write_team(folder: Path, timeout: str) -> str:
    text = YAML.replace("TIMEOUT", timeout)
    (folder / "lictor.yaml").write_text(text)
    return text


def paid(folder: Path) -> list[str]:
    file = folder / "paid.txt"
    return file.read_text().splitlines() if file.exists() else []


async def waiting(team: RunningTeam, answer: "asyncio.Task[Ending]") -> dict[str, Any]:
    """Return what waits, as soon as something does."""
    while True:
        found = await approving.waiting(team.mesh)
        if found:
            return found[0]
        assert not answer.done(), answer.result()
        await asyncio.wait({answer}, timeout=0.05)


def asking(team: RunningTeam, agent: str, task: str = "") -> "asyncio.Task[Ending]":
    return asyncio.create_task(team.ask(agent, ORDER, seconds=PATIENCE, task=task or new_id()))


async def test_everyone_waits_longer_than_they_would(folder: Path) -> None:
    async with run_team(folder, write_team(folder, "60s"), RULES) as team:
        task = new_id()
        answer = asking(team, "front", task)
        item = await waiting(team, answer)
        assert (item["from"], item["to"], item["tool"]) == ("payer", "tool-payer-pay", "pay")
        assert item["owner"] == "op-cli"
        assert (item["file"], item["line"]) == ("team.yaml", 19)
        await asyncio.wait({answer}, timeout=LONGER)  # a person takes their time
        assert not answer.done()
        told = await approving.approve(team.mesh, item["id"], item["digest"], note="called them")
        assert told["delivered"]
        ending = await answer
        assert ending.state == "completed", ending
        assert paid(folder) == ["DE12 7"]
        await team.until(lambda: team.store.reader.task(task) is not None, "the task is on record")
        messages = [m for m in team.messages(task) if m.id == item["message"]]
        assert [m.outcome for m in messages] == ["hold", "allow"]
        states = team.store.reader.approval_states(item["id"])
        assert [(s.state, s.by, s.note) for s in states] == [("pending", "", ""), ("approved", "op-cli", "called them")]
        with pytest.raises(ActFailed, match="was approved by op-cli already"):
            await approving.deny(team.mesh, item["id"])
        assert paid(folder) == ["DE12 7"]


async def test_denied_edited_and_refused(folder: Path) -> None:
    rule = folder / "most.rego"
    rule.write_text(
        "package lictor.user.most\n\nimport rego.v1\n\n"
        'deny contains {"reason": "that is too much", "file": "most.rego", "line": 5} if input.arguments.amount > 100\n'
    )
    async with run_team(folder, write_team(folder, "60s") + "policies: [most.rego]\n", RULES) as team:
        answer = asking(team, "payer")
        item = await waiting(team, answer)
        await approving.deny(team.mesh, item["id"], item["digest"], note="not this account")
        [said] = json.loads((await answer).outcome.text)
        assert said["code"] == "approval.denied"
        assert said["text"] == "op-cli denied it: not this account"
        assert said["place"] == ["team.yaml", 19]
        assert paid(folder) == []

        answer = asking(team, "payer")
        item = await waiting(team, answer)
        with pytest.raises(ActFailed, match=r"refused by route: that is too much \(most.rego:5\)"):
            await approving.approve(
                team.mesh, item["id"], item["digest"], arguments={"recipient": "DE12", "amount": 101}
            )
        with pytest.raises(ActFailed, match="is for another action"):
            await approving.approve(team.mesh, item["id"], "0" * 64)
        told = await approving.approve(
            team.mesh, item["id"], item["digest"], arguments={"recipient": "DE12", "amount": 1}
        )
        assert told["edited"]
        [said] = json.loads((await answer).outcome.text)
        assert said["text"] == "paid 1 to DE12"
        assert paid(folder) == ["DE12 1"]
        last = team.store.reader.approval_states(item["id"])[-1]
        assert last.digest == told["digest"] != item["digest"]
        assert item["digest"] in last.note


async def test_nobody_answers(folder: Path) -> None:
    async with run_team(folder, write_team(folder, "9s"), RULES) as team:
        started = time.monotonic()
        answer = asking(team, "payer")
        item = await waiting(team, answer)
        ending = await answer
        assert time.monotonic() - started >= 9
        [said] = json.loads(ending.outcome.text)
        assert said["code"] == "approval.expired"
        assert paid(folder) == []
        with pytest.raises(ActFailed, match="has expired"):
            await approving.approve(team.mesh, item["id"], item["digest"])
        await team.until(
            lambda: [s.state for s in team.store.reader.approval_states(item["id"])] == ["pending", "expired"],
            "the expiry is on record",
        )


async def test_the_enforcer_is_killed_while_something_waits(folder: Path) -> None:
    async with run_team(folder, write_team(folder, "60s"), RULES) as team:
        answer = asking(team, "front")
        item = await waiting(team, answer)
        pid = team.kill("enforcer")
        ending = await answer
        assert ending.state == "unreachable", ending
        await team.renewed("enforcer", pid)
        with pytest.raises(ActFailed, match="nothing waits for approval"):
            await approving.approve(team.mesh, item["id"], item["digest"])
        assert paid(folder) == []
        assert await approving.waiting(team.mesh) == []
        await team.until(
            lambda: team.store.reader.approval_states(item["id"])[-1].state == "expired", "the record says so"
        )


async def test_its_agent_is_killed_while_something_waits(folder: Path) -> None:
    async with run_team(folder, write_team(folder, "60s"), RULES) as team:
        answer = asking(team, "payer")
        item = await waiting(team, answer)
        pid = team.kill("payer")
        ending = await answer
        assert ending.state == "unreachable", ending
        await team.renewed("payer", pid)
        with pytest.raises(ActFailed, match="has expired"):
            await approving.approve(team.mesh, item["id"], item["digest"])
        assert paid(folder) == []


# From the outside


def until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for processes and files, which send no signal of their own."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def pending(folder: Path) -> list[dict[str, Any]]:
    listed = lictor(folder, "approvals", "-o", "json")
    return listed.document["items"] if listed.code == 0 else []


def test_approved_from_another_shell(folder: Path) -> None:
    assert lictor(folder, "up", "-d").code == 0
    try:
        with start(folder, "send", "front", ORDER, "--timeout", f"{PATIENCE:g}s", "-o", "json") as sending:
            until(lambda: pending(folder), "something waits")
            [item] = pending(folder)
            shown = lictor(folder, "approvals", "show", item["id"][:16])
            assert "asks       payer → tool-payer-pay: pay" in shown.out
            assert '  recipient  "DE12"' in shown.out
            assert f"digest     {item['digest']}" in shown.out
            listed = lictor(folder, "approvals").out.splitlines()
            assert listed[1].split("\t")[4] == 'pay {"amount":7,"recipient":"DE12"}'
            assert lictor(folder, "approvals", "-o", "name").out == f"{item['id']}\n"
            stale = lictor(folder, "approvals", "approve", item["id"], "--digest", "0" * 64)
            assert stale.code == 1
            assert "is for another action" in stale.err
            odd = lictor(folder, "approvals", "approve", item["id"], "--edit", "[1]")
            assert odd.code == 2
            done = lictor(folder, "approvals", "approve", item["id"][:16], "--digest", item["digest"][:12], "-r", "ok")
            assert done.code == 0, done.err
            assert "approved; delivered as message" in done.out
            out, err = sending.communicate(timeout=30)
        assert json.loads(out)["task"]["state"] == "completed"
        assert f"waiting for an approval: lictor approvals approve {item['id']}" in err
        assert paid(folder) == ["DE12 7"]
        again = lictor(folder, "approvals", "approve", item["id"])
        assert again.code == 1
        assert "was approved by op-cli already: ok" in again.err
        unknown = lictor(folder, "approvals", "deny", "0" * 32)
        assert unknown.code == 1
        assert "nothing waits for approval" in unknown.err
        story = lictor(folder, "approvals", "show", item["id"])
        assert re.search(r"approved   \S+ by op-cli: ok", story.out)
        decided = lictor(folder, "approvals", "list", "--state", "approved", "-o", "json").document["items"]
        assert [(row["id"], row["by"]) for row in decided] == [(item["id"], "op-cli")]
        with start(folder, "approvals", "watch") as watching, start(folder, "send", "payer", ORDER) as sending:
            assert watching.stdout is not None
            line = watching.stdout.readline()
            assert "pending payer → tool-payer-pay: pay" in line
            denied = lictor(folder, "approvals", "deny", line.split()[0], "--reason", "twice")
            assert denied.code == 0, denied.err
            assert "denied payer → tool-payer-pay" in watching.stdout.readline()
            out, _ = sending.communicate(timeout=30)
        assert "op-cli denied it: twice" in out
    finally:
        lictor(folder, "down")
    assert lictor(folder, "approvals").code == 3
    until(lambda: not processes_in(folder), "every process is gone")


def test_a_run_without_a_terminal_is_approved_from_another_shell(folder: Path) -> None:
    with start(folder, "run", ORDER, "--agent", "payer", "--timeout", f"{PATIENCE:g}s") as running:
        until(lambda: pending(folder), "something waits")
        [item] = pending(folder)
        done = lictor(folder, "approvals", "approve", item["id"])
        assert done.code == 0, done.err
        out, err = running.communicate(timeout=30)
    assert "paid 7 to DE12" in out, err
    assert "waiting for an approval: lictor approvals approve" in err
    assert not list((folder / ".lictor").glob("run-*"))


@pytest.mark.parametrize(("typed", "came"), [("y", ["DE12 7"]), ("", [])])
def test_a_run_at_a_terminal_asks(folder: Path, typed: str, came: list[str]) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lictor", "run", "lictor.yaml", ORDER, "--agent", "payer"]
    running = subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        shown = _read_until(ours, "approve it? [y/N] ")
        assert "asks       payer → tool-payer-pay: pay" in shown
        assert 'recipient  "DE12"' in shown
        assert "lictor.yaml:19" in shown
        os.write(ours, f"{typed}\n".encode())
        rest = _read_until(ours, "record: ")
    finally:
        running.kill()
        running.wait()
        os.close(ours)
    assert ("paid 7 to DE12" in rest) is bool(came)
    assert ("approval.denied" in rest) is not bool(came)
    assert paid(folder) == came
    until(lambda: not processes_in(folder), "every process is gone")


def _read_until(descriptor: int, wanted: str, seconds: float = 60.0) -> str:
    read = ""
    end = time.monotonic() + seconds
    while wanted not in read:
        ready, _, _ = select.select([descriptor], [], [], 1.0)
        assert time.monotonic() < end, read
        if ready:
            read += os.read(descriptor, 65536).decode(errors="replace")
    return read
