"""What the enforcer writes can be read by whoever gets it."""

import json

import pytest
from playbook import START

from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols import headers as names
from lictor.protocols.envelope import Envelope
from lictor.protocols.headers import read_headers
from lictor.protocols.identifiers import minted_at
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.packets import delivery, is_own_inbox, lost, refusal, started

MESSAGE = "0" * 32


def refused(reason: str, rule: str = "", file: str = "") -> Judgement:
    verdict = Verdict("route", Outcome.DENY, "route.no_edge", reason, rule, file, 7)
    return Judgement(Outcome.DENY, (verdict,), verdict, (1.0,))


@pytest.mark.parametrize(
    "reason", ["plain", "x" * 10_000, "\u2603" * 600, "\U0001f600" * 600, "a\r\nb\x00\x7f", '"\\' * 400]
)
@pytest.mark.parametrize("place", ["", "desk.yaml", "\u2603" * 400, "x" * 4000])
def test_refusals_fit_into_one_header(reason: str, place: str) -> None:
    packet = refusal("_INBOX_a.1", MESSAGE, refused(reason, place, place))
    headers = read_headers(packet.headers)
    told = json.loads(headers[names.REFUSED])
    assert (told["message"], told["layer"], told["code"], told["line"]) == (MESSAGE, "route", "route.no_edge", 7)
    assert told["outcome"] == "deny"
    assert told["reason"]
    assert packet.body == b""


def test_deliveries_say_no_more_than_they_must() -> None:
    envelope = Envelope(MESSAGE, "a", "b", Kind.A2A, b"body")
    packet = delivery("lictor.in.b.a2a.a", envelope, 0, "r")
    assert read_headers(packet.headers) == {names.MESSAGE: MESSAGE, names.VERDICT: "allow"}
    assert (packet.subject, packet.body, packet.reply) == ("lictor.in.b.a2a.a", b"body", "r")


def test_deliveries_carry_the_thread() -> None:
    envelope = Envelope(
        MESSAGE,
        "a",
        "b",
        Kind.A2A,
        b"",
        task="t",
        context="c",
        parent="p",
        step="s",
        hops=9,
        deadline=START,
        trace="tr",
        content_type="x/y",
        end=False,
    )
    assert read_headers(delivery("s", envelope, 3).headers) == {
        names.MESSAGE: MESSAGE,
        names.VERDICT: "allow",
        names.TASK: "t",
        names.CONTEXT: "c",
        names.PARENT: "p",
        names.STEP: "s",
        names.HOPS: "3",
        names.DEADLINE: str(int(START * 1000)),
        names.TRACE: "tr",
        names.CONTENT_TYPE: "x/y",
        names.END: "0",
    }


def test_notices() -> None:
    request = Envelope(MESSAGE, "a", "b", Kind.A2A, b"", reply_to="_INBOX_a.1")
    gone = lost(request)
    assert gone.subject == "_INBOX_a.1"
    assert read_headers(gone.headers) == {names.MESSAGE: MESSAGE, names.LOST: "b"}
    notice = started("enforcer", "a", START)
    assert notice.subject == "lictor.in.a.event.enforcer"
    headers = read_headers(notice.headers)
    assert headers[names.LOST] == "enforcer"
    assert minted_at(headers[names.MESSAGE]) == START


@pytest.mark.parametrize("subject", ["_INBOX_a.1", "_INBOX_a.x-Y_9.2", "_INBOX_a." + "x" * 200])
def test_an_own_inbox(subject: str) -> None:
    assert is_own_inbox(subject, "a")
    assert not is_own_inbox(subject, "b")


@pytest.mark.parametrize(
    "subject", ["", "_INBOX_a", "_INBOX_a.", "_INBOX_a..1", "_INBOX_a.>", "_INBOX_a.*.1", "_INBOX_a.1\n"]
)
def test_no_inbox(subject: str) -> None:
    assert not is_own_inbox(subject, "a")
