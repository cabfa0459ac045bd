"""What people are asked: all of it, each once, and what of it nobody was shown."""

import msgspec

from lictor.guardrails.approvals.asks import asks_of, told, unseen
from lictor.guardrails.verdict import Judgement, Outcome, Verdict

LARGE = Verdict("route", Outcome.HOLD, "user.large", "500 rows are many", "data.lictor.user.large.ask")
PERMIT = Verdict("route", Outcome.HOLD, "route.tool_asks", "its permit asks", "rule", "desk.yaml", 6, further=(LARGE,))
CONTENT = Verdict("content", Outcome.HOLD, "content.injection", "it reads like an order (0.87)")
PLAIN = Verdict("flow", Outcome.ALLOW)


def judged(*verdicts: Verdict) -> Judgement:
    return Judgement(Outcome.HOLD, verdicts, verdicts[0], tuple(0.0 for _ in verdicts))


def test_all_asks_of_all_layers_each_once() -> None:
    assert asks_of(judged(PERMIT, PLAIN, CONTENT, PERMIT)) == (PERMIT, LARGE, CONTENT)
    assert asks_of(judged(PLAIN)) == ()


def test_what_nobody_was_shown() -> None:
    assert unseen((PERMIT, CONTENT), (PERMIT,)) == (LARGE, CONTENT)
    assert unseen((PERMIT, PLAIN), (PERMIT, LARGE)) == ()


def test_numbers_move_on_and_words_do_not() -> None:
    later = msgspec.structs.replace(CONTENT, reason="it reads like an order (0.9)")
    other = msgspec.structs.replace(CONTENT, reason="it reads like a threat (0.87)")
    elsewhere = msgspec.structs.replace(CONTENT, file="other.rego")
    assert unseen((later,), (CONTENT,)) == ()
    assert unseen((other,), (CONTENT,)) == (other,)
    assert unseen((other,), (CONTENT,), edited=True) == ()
    assert unseen((elsewhere,), (CONTENT,), edited=True) == (elsewhere,)


def test_an_ask_in_one_line() -> None:
    assert told(PERMIT) == "route.tool_asks: its permit asks (desk.yaml:6)"
    assert told(LARGE) == "user.large: 500 rows are many"
