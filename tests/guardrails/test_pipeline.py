"""Order, strictness and failure of layers."""

from dataclasses import dataclass, field

from lictor.guardrails.action import Action
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.pipeline import judge
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

MESSAGE = Envelope("0" * 32, "a", "b", Kind.A2A, b"")
NOW = Circumstances(0.0, Action())


@dataclass
class Says:
    name: str
    outcome: Outcome
    asked: list[str] = field(default_factory=list)

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        self.asked.append(envelope.id)
        return Verdict(self.name, self.outcome)


def test_the_strictest_holds_and_the_first_of_them_decides() -> None:
    layers = [Says("a", Outcome.ALLOW), Says("b", Outcome.HOLD), Says("c", Outcome.REDACT), Says("d", Outcome.HOLD)]
    judgement = judge(layers, MESSAGE, NOW)
    assert judgement.outcome is Outcome.HOLD
    assert judgement.deciding.layer == "b"
    assert [verdict.layer for verdict in judgement.verdicts] == ["a", "b", "c", "d"]
    assert len(judgement.costs_us) == 4
    assert not judgement.passes


def test_nobody_is_asked_after_a_denial() -> None:
    last = Says("b", Outcome.ALLOW)
    judgement = judge([Says("a", Outcome.DENY), last], MESSAGE, NOW)
    assert last.asked == []
    assert len(judgement.verdicts) == len(judgement.costs_us) == 1


def test_what_passes() -> None:
    assert judge([Says("a", Outcome.ALLOW)], MESSAGE, NOW).passes
    assert judge([Says("a", Outcome.REDACT)], MESSAGE, NOW).passes
    assert not judge([], MESSAGE, NOW).passes
