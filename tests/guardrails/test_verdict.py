"""Outcomes have an order and a word."""

from lictor.guardrails.verdict import Judgement, Outcome, Verdict, denial


def test_order_and_words() -> None:
    assert sorted(Outcome) == [Outcome.ALLOW, Outcome.REDACT, Outcome.HOLD, Outcome.DENY, Outcome.QUARANTINE]
    assert [outcome.word for outcome in Outcome] == ["allow", "redact", "hold", "deny", "quarantine"]


def test_only_the_two_mildest_pass() -> None:
    for outcome in Outcome:
        verdict = Verdict("x", outcome)
        assert Judgement(outcome, (verdict,), verdict, (0.0,)).passes is (outcome <= Outcome.REDACT)


def test_a_denial_is_its_own_only_verdict() -> None:
    made = denial("admit", "admit.x", "too much")
    assert not made.passes
    assert made.verdicts == (made.deciding,) == (Verdict("admit", Outcome.DENY, "admit.x", "too much"),)
    assert len(made.costs_us) == 1
