"""What waited goes on: what would be taken out is not shown, and what cannot be done is refused."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from approval_play import act, approvals, approve, held, notice_in
from playbook import Playbook, call, delivered, refused, says, started, team

from lictor.guardrails.action import Action
from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.dispatch import Dispatch
from lictor.runtime.enforcer.faculties import Faculties
from lictor.runtime.enforcer.release import Release

RULE = """package lictor.user.careful

import rego.v1

oblige contains {"do": "redact", "classes": ["pii/email"]} if input.tool == "export"
"""


def without_emails(body: bytes, classes: Sequence[str]) -> tuple[bytes, bytes]:
    assert list(classes) == ["pii/email"]
    return body.replace(b"a@b.c", b"[email]"), b"sealed"


def fails(_body: bytes, _classes: Sequence[str]) -> tuple[bytes, bytes]:
    raise RuntimeError("no scanner")


def careful(tmp_path: Path, redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]]) -> Playbook:
    rule = tmp_path / "careful.rego"
    rule.write_text(RULE)
    play = Playbook()

    def equip(faculties: Faculties) -> Faculties:
        return replace(faculties, redact=redact)

    play.mediation = build_mediation(team(policies=(rule,)), clock=lambda: play.now, equip=equip)
    return play


def test_what_would_be_redacted_is_not_shown(tmp_path: Path) -> None:
    play = careful(tmp_path, without_emails)
    started(play)
    play >> says("triage", "tool-crm", call("export", to="a@b.c")) << held("triage")
    notice = notice_in(play.last)
    play << held("op-cli")
    [pending] = approvals(play)
    assert json.loads(pending.arguments) == {"to": "[email]"}
    shown = act(play, "approvals.show", id=notice.approval)()["approval"]
    assert shown["arguments"] == {"to": "[email]"}
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert json.loads(play.last.body)["params"]["arguments"] == {"to": "[email]"}
    assert answer()["delivered"]
    entry = next(each for each in reversed(play.entries) if each.id == notice.message)
    assert b"a@b.c" not in entry.body
    assert entry.sealed == b"sealed"
    assert len(entry.digest) == 64


def test_what_cannot_be_redacted_does_not_wait(tmp_path: Path) -> None:
    play = careful(tmp_path, fails)
    started(play)
    play >> says("triage", "tool-crm", call("export", to="a@b.c")) << refused("triage", "approval.unfulfilled")


class Says(Layer):
    """A layer that says one thing, and counts how often it was asked."""

    def __init__(self, name: str, outcome: Outcome) -> None:
        self.name = name
        self.outcome = outcome
        self.asked: list[Circumstances] = []

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        self.asked.append(circumstances)
        return Verdict(self.name, self.outcome)


def test_what_has_counted_the_message_is_not_asked_again() -> None:
    layers = [Says(name, Outcome.ALLOW) for name in ("identify", "admit", "route", "flow")]
    dispatch = Dispatch("enforcer", TaskLedger(), ToolCatalog(), Faculties(), revision=lambda: "1", most_open=10)
    release = Release(layers, dispatch, without_emails)
    why = Verdict("route", Outcome.HOLD)
    about = Circumstances(1.0, Action())
    envelope = Envelope("1", "triage", "writer", Kind.A2A, b"{}")
    waiting = Waiting(envelope, about, Judgement(Outcome.HOLD, (why,), why, (0.0,)), 1)
    judgement = release.judge_again(waiting, 9.0, (why,), edited=False)
    assert judgement.outcome is Outcome.ALLOW
    assert [len(layer.asked) for layer in layers] == [0, 0, 1, 1]
    assert all(layer.asked[0].now == 9.0 for layer in layers[2:])
    layers[3].outcome = Outcome.HOLD
    again = release.judge_again(waiting, 9.0, (why,), edited=False)
    assert (again.outcome, again.deciding.layer) == (Outcome.HOLD, "flow")
    layers[2].outcome, layers[3].outcome = Outcome.HOLD, Outcome.ALLOW
    again = release.judge_again(waiting, 9.0, (why,), edited=False)
    assert (again.outcome, again.verdicts[0].code) == (Outcome.ALLOW, "approval.met")
    layers[3].outcome = Outcome.DENY
    assert release.judge_again(waiting, 9.0, (why,), edited=False).outcome is Outcome.DENY
