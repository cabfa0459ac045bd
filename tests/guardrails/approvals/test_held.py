"""What waits: who is told, and how long it still has."""

from lictor.guardrails.action import Action
from lictor.guardrails.approvals.digest import Deed
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Outcome, Verdict, denial
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


def test_all_asks_of_what_waits_are_told() -> None:
    deed = Deed("triage", "tool-crm", "mcp", "tools/call", "export", b"{}", b"{}", "t", "0" * 64)
    why, more = (Verdict(layer, Outcome.HOLD, f"{layer}.asks", "sure?") for layer in ("route", "content"))
    judgement = Judgement(Outcome.HOLD, (why, more), why, (0.0, 0.0))
    waiting = Waiting(ASKED, Circumstances(100.0, Action()), judgement, 1)
    later = Waiting(ASKED, Circumstances(100.0, Action()), NO, 1)
    assert Held("a" * 32, deed, (waiting, later), why, 1.0, 2.0).asks == (why, more)
