"""A draft beside the active policy: real engines, real verdicts, and no effect on either."""

import itertools
from pathlib import Path

import pytest
from playbook import team_data

from lictor.guardrails.action import read_action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.judged import Judged
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.pipeline import judge
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.route import Route
from lictor.protocols.a2a.writing import send_message
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.shadow import Shadow

NO_LONG = """package lictor.user.long

import rego.v1

deny contains "too long" if input.size > 400
"""
BURNS = """package lictor.user.burns

import rego.v1

deny contains "too many" if input.usage.messages > 1
"""


def engine(folder: Path, *texts: str) -> EmbeddedRego:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"r{number}.rego")
        files[-1].write_text(text)
    return EmbeddedRego(load_bundle(team_data() | {"features": []}, files))


class World:
    def __init__(self, folder: Path) -> None:
        self.question = Question(ToolCatalog(), TaskLedger())
        self.route = Route(PolicySlot(engine(folder), self.question))
        self.shadow = Shadow(self.question)

    def say(self, text: str = "hi", sender: str = "op-cli", target: str = "triage") -> Judged:
        envelope = Envelope(id="m" + text[:3], sender=sender, target=target, kind=Kind.A2A, body=send_message(text))
        about = Circumstances(1_790_000_000.0, read_action(envelope))
        judged = Judged(envelope, about, judge([self.route], envelope, about))
        self.shadow.witness(judged)
        return judged


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_a_draft_would_refuse_is_told_and_the_rest_is_not(world: World, tmp_path: Path) -> None:
    world.shadow.start(engine(tmp_path, NO_LONG))
    assert world.say().judgement.passes
    long = world.say("x" * 500)
    assert long.judgement.passes
    world.say(sender="writer", target="triage")
    assert world.shadow.busy
    (entry,) = world.shadow.work(10.0)
    assert (entry.message, entry.outcome, entry.reason, entry.layer) == (long.envelope.id, "deny", "too long", "route")
    assert (Path(entry.file).name, entry.line) == ("r0.rego", 5)
    told = world.shadow.tell()
    assert (told["judged"], told["differ"], told["skipped"], told["failed"]) == (3, 1, 0, 0)
    assert told["revision"] == entry.revision
    assert told["not_recorded"] == {}
    assert not world.shadow.busy


def test_the_same_bundle_never_differs(world: World, tmp_path: Path) -> None:
    world.shadow.start(engine(tmp_path))
    for target, sender in itertools.product(
        ("triage", "writer", "enforcer", "nobody"), ("op-cli", "triage", "ext-web")
    ):
        world.say(target=target, sender=sender)
    assert world.shadow.work(10.0) == ()
    assert world.shadow.judged == 12


def test_what_the_draft_reads_and_nobody_recorded_is_told(world: World, tmp_path: Path) -> None:
    world.shadow.start(engine(tmp_path, BURNS))
    world.say()
    world.say()
    assert world.shadow.work(10.0) == ()
    assert world.shadow.tell()["not_recorded"] == {"route: input.usage.messages": 2}


def test_it_is_bounded_in_memory_and_in_time(world: World, tmp_path: Path) -> None:
    ticks = itertools.count()
    world.shadow = Shadow(world.question, most=8, clock=lambda: float(next(ticks)))
    world.shadow.start(engine(tmp_path, NO_LONG))
    for _ in range(20):
        world.say("x" * 500)
    assert world.shadow.tell()["waiting"] == 8
    assert world.shadow.skipped == 12
    assert len(world.shadow.work(2.0)) == 2
    assert world.shadow.tell()["waiting"] == 6
    world.shadow.work(100.0)
    before = world.shadow.skipped
    for _ in range(4096):
        world.say()
        world.shadow.work(0.0)
    assert before < world.shadow.skipped < before + 4096, "it takes fewer for a while, then all again"
    assert world.shadow.tell()["waiting"] == 0


def test_without_a_draft_nothing_is_kept(world: World, tmp_path: Path) -> None:
    world.say()
    assert not world.shadow.busy
    assert world.shadow.work() == ()
    world.shadow.start(engine(tmp_path, NO_LONG))
    world.say("x" * 500)
    world.shadow.stop()
    assert world.shadow.work() == ()
    assert world.shadow.tell()["revision"] == ""


def test_a_draft_that_breaks_holds_nothing_up(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = engine(tmp_path, NO_LONG)
    world.shadow.start(draft)
    world.say()

    def burst(*_: object) -> None:
        raise RuntimeError("burst")

    monkeypatch.setattr(draft, "decide", burst)
    assert world.shadow.work(10.0) == ()
    assert world.shadow.failed == 1
