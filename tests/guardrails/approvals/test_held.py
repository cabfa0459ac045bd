"""What waits: who is told, and how long it still has."""

from lictor.guardrails.action import Action
from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import denial
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

ASKED = Envelope("1", "triage", "tool-crm", Kind.MCP, b"", reply_to="_INBOX_triage.a", deadline=130.0)
NO = denial("route", "x", "y")


def test_of_a_request_its_sender_waits() -> None:
    waiting = Waiting(ASKED, Circumstances(100.0, Action()), NO, 1)
    assert (waiting.asker, waiting.reply_to) == ("triage", "_INBOX_triage.a")
    assert waiting.still_in_time(400.0).envelope.deadline == 430.0


def test_of_an_answer_who_asked_waits() -> None:
    answer = Envelope("2", "tool-crm", "triage", Kind.REPLY, b"")
    waiting = Waiting(answer, Circumstances(100.0, Action(), ASKED), NO, 1)
    assert (waiting.asker, waiting.reply_to) == ("triage", "_INBOX_triage.a")
    assert waiting.still_in_time(400.0) is waiting
