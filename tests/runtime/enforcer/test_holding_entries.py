"""What is told of something that is held."""

import json

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.digest import deed_of
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.approvals.table import ApprovalTable
from lictor.guardrails.labels import Mark, parse_labels
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.holding_entries import describe_approval, notice_for, notice_of, tell_held

NOW = 1_800_000_000.0
WHY = Verdict("flow", Outcome.HOLD, "flow.effect", "untrusted data is in context", "rule", "desk.yaml", 6)
MARK = Mark(parse_labels(["secret", "untrusted"], ["tool-crm"]), (("secret", "principal tool-crm desk.yaml:9"),))


def held(size: int = 0) -> Held:
    params = {"name": "pay", "arguments": {"amount": 7, "blob": "x" * size}, "_meta": {"a": 1}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    envelope = Envelope(new_id(NOW), "triage", "tool-bank", Kind.MCP, json.dumps(body).encode(), task="t")
    action = read_action(envelope)
    judgement = Judgement(Outcome.HOLD, (WHY,), WHY, (1.0,))
    waiting = Waiting(envelope, Circumstances(NOW, action, mark=MARK), judgement, 1)
    return ApprovalTable().hold(waiting, deed_of(envelope, action), NOW)


def test_the_entry() -> None:
    one = held()
    entry = describe_approval(one, "approved", NOW + 5, "op-cli", "fine")
    assert (entry.id, entry.at, entry.state, entry.by, entry.note) == (one.id, NOW + 5, "approved", "op-cli", "fine")
    assert (entry.message, entry.task, entry.digest) == (one.first.envelope.id, "t", one.deed.digest)
    assert (entry.sender, entry.target, entry.tool) == ("triage", "tool-bank", "pay")
    assert (entry.code, entry.rule, entry.file, entry.line) == ("flow.effect", "rule", "desk.yaml", 6)
    assert json.loads(entry.arguments) == {"amount": 7, "blob": ""}
    assert (entry.labels, entry.until) == ("secret,untrusted", NOW + 600)
    assert len(describe_approval(held(200_000), "pending", NOW).arguments) == 100_000


def test_the_notice() -> None:
    one = held()
    notice = notice_of(one)
    assert (notice.approval, notice.digest, notice.until, notice.over) == (one.id, one.deed.digest, NOW + 600, False)
    assert (notice.labels, notice.file, notice.line) == ("secret,untrusted", "desk.yaml", 6)


def test_outside_callers_are_told_that_a_person_is_asked_and_no_more() -> None:
    notice = notice_of(held())
    assert notice_for("op-cli", notice) == notice_for("triage", notice) == notice
    assert notice_for("ext-shop", notice) == HeldNotice(notice.approval, notice.until)


def test_the_document() -> None:
    told = tell_held(held(), "op-cli", NOW + 10, whole=True)
    assert told["arguments"] == {"amount": 7, "blob": ""}
    assert told["rest"] == {"params": {"_meta": {"a": 1}}}
    assert told["labels"] == ["secret", "untrusted"]
    assert told["causes"] == {"secret": "principal tool-crm desk.yaml:9"}
    assert told["sources"] == ["tool-crm"]
    assert (told["owner"], told["seconds_left"]) == ("op-cli", 590.0)
    assert json.dumps(told)


def test_long_arguments_are_shown_when_all_is_asked_for() -> None:
    one = held(3000)
    listed = tell_held(one, "op-cli", NOW, whole=False)
    assert listed["arguments"] is None
    assert listed["arguments_bytes"] > 3000
    assert "rest" not in listed
    assert len(tell_held(one, "op-cli", NOW, whole=True)["arguments"]["blob"]) == 3000
