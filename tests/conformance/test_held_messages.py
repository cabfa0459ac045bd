"""Whatever happens in whatever order: every message that was held ends once, and everybody's clock goes on again."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.approvals.right import ApprovalRight, Word
from lictor.guardrails.approvals.table import ApprovalLimits, ApprovalTable
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.engine import Denial
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.headers import HELD, read_headers
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.holding import Holding
from lictor.runtime.enforcer.operations.operation import OperationFailed
from lictor.runtime.enforcer.pending import PendingTable
from lictor.runtime.enforcer.turn import Turn

pytestmark = pytest.mark.slow

START = 1_800_000_000.0
WHY = Verdict("route", Outcome.HOLD, "route.tool_asks", "its permit asks")
MORE = Verdict("content", Outcome.HOLD, "content.injection", "it reads like an order")
HOLD = Judgement(Outcome.HOLD, (WHY,), WHY, (1.0,))
AGENTS = ("triage", "writer", "clerk")


class TwoPeople(ApprovalRight):
    """Needs two people for amounts above 5."""

    def __init__(self) -> None:
        """Ask no policy."""

    def judge(self, held: Held, approver: str, owner: str, *, edited: bool) -> Word:
        agreed = {approver} | (set() if edited else set(held.agreed))
        many = json.loads(held.deed.arguments)["amount"] > 5
        return Word(more=Denial("x", "one more", "")) if many and len(agreed) < 2 else Word()


class Ends:
    """A courier that counts how every message ends; the policy denies amounts above 8, and asks more about 4."""

    def __init__(self) -> None:
        self.ends: dict[str, list[tuple[Outcome, int]]] = {}

    def prepare(self, waiting: Waiting) -> Waiting:
        return waiting

    def judge_again(self, waiting: Waiting, now: float, seen: Sequence[Verdict], *, edited: bool) -> Judgement:
        amount = json.loads(waiting.envelope.body)["params"]["arguments"]["amount"]
        if amount == 4 and MORE not in seen:
            return Judgement(Outcome.HOLD, (WHY, MORE), WHY, (1.0, 1.0))
        verdict = Verdict("route", Outcome.DENY if amount > 8 else Outcome.ALLOW)
        return Judgement(verdict.outcome, (verdict,), verdict, (1.0,))

    def settle(self, waiting: Waiting, judgement: Judgement, approval: str, turn: Turn) -> None:
        if judgement.outcome is Outcome.HOLD:
            return
        amount = json.loads(waiting.envelope.body)["params"]["arguments"]["amount"]
        self.ends.setdefault(waiting.envelope.id, []).append((judgement.outcome, amount))


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(AGENTS), st.integers(0, 9), st.sampled_from("tu")),
    st.tuples(st.just("approve"), st.integers(0, 5), st.sampled_from(["op-a", "op-b"]), st.none() | st.integers(0, 9)),
    st.tuples(st.just("deny"), st.integers(0, 5), st.just("op-a"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 70), st.none(), st.none()),
    st.tuples(st.just("lose"), st.sampled_from(AGENTS), st.none(), st.none()),
)


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(STEPS, max_size=40))
def test_every_held_message_ends_once(steps: list[tuple[Any, ...]]) -> None:
    table, pending, ledger, courier = ApprovalTable(ApprovalLimits(timeout=60.0)), PendingTable(), TaskLedger(), Ends()
    holding = Holding(table, pending, ledger, TwoPeople(), courier)
    for task in "tu":
        ledger.joins(task, "op-cli", starts=True, now=START)
        for token, (sender, target) in enumerate([("op-cli", "triage"), ("triage", "writer"), ("writer", "clerk")]):
            request = Envelope(new_id(), sender, target, Kind.A2A, b"", f"_INBOX_{sender}.{task}{token}", task=task)
            pending.keep(f"{task}{token}", request, "SendMessage", START)
    now, notices, waited = START, [], set()
    approvals: list[str] = []

    def done(turn: Turn) -> None:
        notices.extend([(p.subject, HeldNotice.read(read_headers(p.headers)[HELD])) for p in turn.out])
        approvals.extend(entry.state for entry in turn.approvals if entry.state != "pending")

    for word, one, two, three in steps:
        turn = Turn(now)
        try:
            if word == "ask":
                params = {"name": "pay", "arguments": {"amount": two}}
                body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
                identifier = new_id(now)
                reply = f"_INBOX_{one}.{identifier}"
                envelope = Envelope(identifier, one, "tool-bank", Kind.MCP, body, reply, task=three, deadline=now + 5)
                waiting = Waiting(envelope, Circumstances(now, read_action(envelope)), HOLD, 1)
                judgement, approval = holding.hold(waiting, turn)
                assert (judgement.outcome is Outcome.HOLD) == bool(approval)
                if approval:
                    waited.add(identifier)
            elif word == "wait":
                now += one
                turn = Turn(now)
                holding.tick(turn)
            elif word == "lose":
                holding.lose(one, turn)
            elif len(table) > one:
                held = table.all()[one]
                if word == "deny":
                    holding.deny(held.id, held.deed.digest, two, turn)
                else:
                    arguments = msgspec.UNSET if three is None else {"amount": three}
                    holding.approve(held.id, held.deed.digest, two, turn, arguments=arguments)
        except OperationFailed:
            assert not [*turn.out, *turn.entries, *turn.approvals], "what failed has changed nothing"
        done(turn)
        still = {waiting.envelope.id for held in table.all() for waiting in held.messages}
        assert still | courier.ends.keys() == waited
        assert not still & courier.ends.keys()
    turn = Turn(now)
    holding.close(turn)
    done(turn)
    assert len(table) == 0
    assert courier.ends.keys() == waited
    assert all(len(ends) == 1 for ends in courier.ends.values())
    assert all(amount <= 8 for ends in courier.ends.values() for outcome, amount in ends if outcome is Outcome.ALLOW)
    assert approvals.count("approved") >= sum(end[0][0] is Outcome.ALLOW for end in courier.ends.values())
    assert not any(patience.stands for patience in pending._patience.values())
    assert not holding._stopped
    for task in "tu":
        assert ledger.age(task, now + 7) >= 7
    for subject, notice in notices:
        assert notice.over or any(s == subject and n.over and n.approval == notice.approval for s, n in notices)
