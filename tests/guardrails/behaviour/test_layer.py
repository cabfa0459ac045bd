from typing import Any

import msgspec
import pytest
from behaviour_messages import Traffic

from lictor.guardrails.behaviour.layer import Behaviour
from lictor.guardrails.behaviour.watch import Watch
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.verdict import Judgement, Outcome, Verdict, denial
from lictor.protocols.envelope import Envelope


@pytest.fixture(scope="module")
def engine() -> EmbeddedRego:
    return EmbeddedRego(load_bundle({}))


class Team:
    """The layer with the real policies, and messages for it."""

    def __init__(self, engine: EmbeddedRego) -> None:
        ledger, catalog = TaskLedger(), ToolCatalog()
        self.layer = Behaviour(PolicySlot(engine, Question(catalog, ledger)), ledger, catalog)
        self.traffic = Traffic()

    def judge(self, envelope: Envelope, request: Envelope | None = None) -> Verdict:
        now = self.traffic.now
        about = self.traffic.about(envelope, request)
        score = self.layer.conduct.score(envelope.sender, now)
        verdict = self.layer.judge(envelope, Circumstances(now, about.action, request, conduct=score))
        further = self.layer.note_judgement(envelope, Judgement(verdict.outcome, (verdict,), verdict, (0.0,)), now)
        return further or verdict

    def call(self, tool: str, arguments: Any, answer: str = "ok") -> Verdict:
        call = self.traffic.tool_call("triage", tool, arguments)
        verdict = self.judge(call)
        if verdict.outcome <= Outcome.REDACT:
            reply = self.traffic.answer_to(call, answer)
            assert self.judge(reply, call).outcome is Outcome.ALLOW
        self.traffic.now += 1.0
        return verdict


@pytest.fixture
def team(engine: EmbeddedRego) -> Team:
    return Team(engine)


def test_work_passes(team: Team) -> None:
    for word in ["git", "hill", "moss", "pull", "shop", "wish"]:
        assert team.call("find", {"q": word}, f"about {word}").outcome is Outcome.ALLOW
    assert team.layer.conduct.listing(team.traffic.now) == {}


def test_a_loop_is_denied_then_quarantined(team: Team) -> None:
    verdicts = [team.call("find", {"q": "x"}) for _ in range(20)]
    outcomes = [verdict.outcome for verdict in verdicts]
    assert outcomes[:5] == [Outcome.ALLOW] * 5
    assert outcomes[5] is Outcome.DENY
    assert verdicts[5].code == "behaviour.loop"
    assert verdicts[5].rule == "data.lictor.rules.behaviour.loop.deny"
    assert b'"repeated_call":6' in verdicts[5].facts
    assert Outcome.QUARANTINE in outcomes
    assert outcomes == sorted(outcomes)


def test_only_the_denied_call_is_denied(team: Team) -> None:
    for _ in range(7):
        team.call("find", {"q": "x"})
    assert team.call("read", {"name": "y"}).outcome is Outcome.ALLOW


def test_low_conduct_is_asked_about_then_denied(team: Team) -> None:
    denied = denial("flow", "flow.secret", "no")
    outcomes = []
    for number in range(7):
        envelope = team.traffic.tool_call("triage", f"t{number}", {})
        team.layer.note_judgement(envelope, denied, team.traffic.now)
        outcomes.append(team.call("write", {"q": "g" * number}).outcome)
    assert outcomes == [Outcome.ALLOW] * 3 + [Outcome.HOLD] * 2 + [Outcome.DENY] * 2


def test_the_denial_for_low_conduct_lowers_it_no_further(team: Team) -> None:
    for number in range(6):
        team.layer.note_judgement(
            team.traffic.tool_call("triage", f"t{number}", {}), denial("flow", "flow.x", ""), 1000.0
        )
    before = team.layer.conduct.score("triage", 1000.0)
    assert team.judge(team.traffic.tool_call("triage", "write", {})).code == "behaviour.conduct"
    assert team.layer.conduct.score("triage", 1000.0) == before > 0.0


def test_who_keeps_trying_what_is_denied_is_quarantined(team: Team) -> None:
    denied = denial("route", "route.tool_not_permitted", "no")
    further = [
        team.layer.note_judgement(team.traffic.tool_call("triage", "drop", {"n": number}), denied, 1000.0)
        for number in range(12)
    ]
    assert further[:11] == [None] * 11
    assert further[11] is not None
    assert further[11].outcome is Outcome.QUARANTINE
    assert further[11].code == "behaviour.refusals"


@pytest.mark.parametrize("code", ["admit.rate", "admit.hops", "record.unavailable", "content.failed"])
def test_what_is_no_attempt_is_no_refusal(team: Team, code: str) -> None:
    denied = denial(code.partition(".")[0], code, "no")
    for _ in range(30):
        assert team.layer.note_judgement(team.traffic.tool_call("triage", "drop", {}), denied, 1000.0) is None


def test_answers_that_are_denied_are_no_refusals(team: Team) -> None:
    call = team.traffic.tool_call("triage", "find", {})
    for _ in range(30):
        answer = team.traffic.answer_to(call, "a secret")
        assert team.layer.note_judgement(answer, denial("content", "content.secret", "no"), 1000.0) is None
    assert team.layer.conduct.score("triage", 1000.0) == 1.0
    assert team.layer.conduct.score("tool-crm", 1000.0) < 1.0


class Broken(Watch):
    def see(self, envelope: Envelope, circumstances: Circumstances) -> Any:
        raise ZeroDivisionError

    def refuse(self, envelope: Envelope, what: int, now: float) -> int:
        raise ZeroDivisionError


def test_a_detector_that_fails_is_suspicious(team: Team) -> None:
    team.layer._watch = Broken(TaskLedger(), ToolCatalog())
    verdict = team.judge(team.traffic.tool_call("triage", "write", {}))
    assert verdict.outcome is Outcome.HOLD
    assert verdict.code == "behaviour.suspicious"
    talk = team.judge(team.traffic.saying("triage", "writer", "hello"))
    assert talk.outcome is Outcome.ALLOW
    assert talk.obligations == ("warn:behaviour.suspicious",)
    denied = denial("route", "route.x", "no")
    assert team.layer.note_judgement(team.traffic.tool_call("triage", "write", {}), denied, 1000.0) is None


def test_release_forgets(team: Team) -> None:
    for _ in range(20):
        team.call("find", {"q": "x"})
    team.layer.release("triage")
    team.layer.tick(team.traffic.now)
    assert team.call("find", {"q": "x"}).outcome is Outcome.ALLOW
    assert team.layer.conduct.score("triage", team.traffic.now) == 1.0


def test_an_agent_that_is_made_so_stays_in_service(team: Team) -> None:
    denied = denial("route", "route.no_edge", "no")
    for number in range(40):
        envelope = msgspec.structs.replace(team.traffic.tool_call("triage", "drop", {}), task=f"task-{number}")
        team.layer.note_judgement(envelope, denied, team.traffic.now + number)
    assert team.layer.conduct.score("triage", team.traffic.now + 40) > 0.5
