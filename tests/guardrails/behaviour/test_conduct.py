import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.conduct import LOW, RISEN, ConductLedger, weigh
from lictor.guardrails.verdict import Outcome


def denied(ledger: ConductLedger, times: int, code: str = "route.no_edge", now: float = 0.0) -> float:
    for _ in range(times):
        ledger.note("triage", Outcome.DENY, {}, now, code)
    return ledger.score("triage", now)


def test_nothing_held_is_one() -> None:
    ledger = ConductLedger()
    assert ledger.score("triage", 0.0) == 1.0
    ledger.note("triage", Outcome.ALLOW, {}, 0.0)
    assert ledger.listing(0.0) == {}


def test_denials_lower_it_step_by_step() -> None:
    ledger = ConductLedger()
    scores = [denied(ledger, 1) for _ in range(20)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 0.95
    assert scores[-1] == 0.0
    assert {round(score * 20) / 20 for score in scores} == set(scores)


def test_a_quarantine_counts_much() -> None:
    ledger = ConductLedger()
    ledger.note("triage", Outcome.QUARANTINE, {}, 0.0, "behaviour.loop")
    assert ledger.score("triage", 0.0) == 0.3


def test_time_heals() -> None:
    ledger = ConductLedger()
    denied(ledger, 4)
    assert ledger.score("triage", 0.0) < ledger.score("triage", 300.0) < ledger.score("triage", 900.0) == 0.95
    assert ledger.score("triage", 7200.0) == 1.0
    assert ledger.listing(7200.0) == {}


def test_good_messages_heal_but_one_a_second_at_most() -> None:
    flooding, steady = ConductLedger(), ConductLedger()
    denied(flooding, 5)
    denied(steady, 5)
    for number in range(1000):
        flooding.note("triage", Outcome.ALLOW, {}, 0.5 + number / 1000)
    for number in range(30):
        steady.note("triage", Outcome.ALLOW, {}, number * 2.0)
    assert flooding.score("triage", 2.0) == 0.65
    assert steady.score("triage", 60.0) >= 0.8


def test_answers_count_little_and_never_bring_anybody_down_alone() -> None:
    ledger = ConductLedger()
    for _ in range(7):
        ledger.note("triage", Outcome.DENY, {}, 0.0, "content.secret", answers=True)
    assert ledger.score("triage", 0.0) == 0.9
    for _ in range(500):
        ledger.note("triage", Outcome.QUARANTINE, {}, 0.0, "content.secret", answers=True)
        ledger.note("triage", Outcome.ALLOW, {"extraction": 0.9}, 0.0, answers=True)
    assert ledger.score("triage", 0.0) == 0.8
    assert denied(ledger, 20) == 0.0
    for now in range(0, 3600, 2):
        ledger.note("triage", Outcome.ALLOW, {}, float(now))
    assert ledger.score("triage", 3600.0) == 1.0


def test_who_has_fallen_rises_late() -> None:
    ledger = ConductLedger()
    assert denied(ledger, 8) < LOW
    seen = [ledger.score("triage", float(now)) for now in range(0, 1200, 5)]
    assert seen == sorted(seen)
    assert not [score for score in seen if LOW < score < RISEN]
    assert seen[-1] > RISEN
    assert denied(ConductLedger(), 6) == 0.6


@pytest.mark.parametrize(
    "code",
    [
        "admit.late",
        "admit.hops",
        "admit.unanswered",
        "record.unavailable",
        "content.failed",
        "approval.expired",
        "behaviour.storm",
        "contract.forgotten",
        "identify.stale",
    ],
)
def test_what_others_bring_about_does_not_count(code: str) -> None:
    assert weigh(code) == 0.0
    assert denied(ConductLedger(), 100, code) == 1.0


@pytest.mark.parametrize(
    "code", ["route.no_edge", "flow.secret", "content.secret", "user.house", "identify.foreign_task", "odd"]
)
def test_what_the_sender_did_counts(code: str) -> None:
    assert 0.0 < weigh(code) <= 0.15


def test_only_the_senders_own_messages_count() -> None:
    ledger = ConductLedger()
    denied(ledger, 50)
    assert ledger.score("writer", 0.0) == 1.0
    assert ledger.listing(0.0) == {"triage": 0.0}


def test_signals_of_what_passes_count_little() -> None:
    ledger = ConductLedger()
    for number in range(20):
        ledger.note("ext-a", Outcome.ALLOW, {"extraction": 0.9}, float(number))
    assert ledger.score("ext-a", 20.0) == 0.8
    ledger.note("ext-b", Outcome.ALLOW, {"repeated_call": 3, "fan_out": 16}, 0.0)
    assert ledger.score("ext-b", 0.0) == 1.0


def test_forget() -> None:
    ledger = ConductLedger()
    denied(ledger, 9)
    ledger.forget("triage")
    ledger.forget("nobody")
    assert ledger.score("triage", 0.0) == 1.0


def test_a_crowd_of_names_pushes_nobody_out() -> None:
    ledger = ConductLedger(most=100)
    denied(ledger, 10)
    for number in range(5000):
        ledger.note(f"ext-{number}", Outcome.DENY, {}, 0.0, "route.no_edge")
    assert len(ledger._accounts) <= 100
    assert ledger.score("triage", 0.0) < 0.4


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.sampled_from(list(Outcome)),
            st.sampled_from(["", "route.x", "behaviour.loop", "user.x", "é.\0"]),
            st.floats(0, 1e6),
        ),
        max_size=100,
    )
)
def test_always_a_score(noted: list[tuple[str, Outcome, str, float]]) -> None:
    ledger = ConductLedger()
    for principal, outcome, code, now in noted:
        ledger.note(principal, outcome, {"drift": 0.8}, now, code)
        score = ledger.score(principal, now)
        assert 0.0 <= score <= 1.0
        assert round(score / 0.05, 6).is_integer()


def test_what_was_denied_in_an_earlier_task_counts_a_tenth() -> None:
    fresh, usual = ConductLedger(), ConductLedger()
    for number in range(10):
        fresh.note("writer", Outcome.DENY, now=float(number), code="route.no_edge")
        usual.note("writer", Outcome.DENY, now=float(number), code="route.no_edge", usual=number > 0)
    assert fresh.score("writer", 10.0) < 0.4
    assert usual.score("writer", 10.0) > 0.8
