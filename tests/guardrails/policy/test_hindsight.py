"""What another bundle would have said, from what was recorded and nothing else."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from lictor.guardrails.policy.engine import Decision, Denial, PolicyError
from lictor.guardrails.policy.fields import WHOLE, Path
from lictor.guardrails.policy.hindsight import Hindsight, same, strictest
from lictor.guardrails.verdict import Outcome, Verdict

pytestmark = pytest.mark.slow

NO = Denial("user.no", "because", "data.lictor.user.x.deny", "x.rego", 3)


class Draft:
    """An engine that says what a table tells, and keeps what it was asked."""

    revision = "draft"

    def __init__(self, fields: Mapping[str, set[Path]], **decisions: Decision) -> None:
        self.fields = {stage: frozenset(paths) for stage, paths in fields.items()}
        self.decisions = decisions
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        self.asked.append((stage, document))
        if document.get("sender") == "broken":
            raise PolicyError("no")
        return self.decisions.get(stage, Decision(allow=True, denials=()))


def a_verdict(layer: str, outcome: Outcome = Outcome.ALLOW, code: str = "", **facts: Any) -> Verdict:
    return Verdict(layer, outcome, code, facts=msgspec.json.encode(facts))


def test_each_stage_is_asked_with_what_was_recorded_of_it() -> None:
    draft = Draft({"route": {("sender",), ("labels", "level")}, "flow": {("effect",)}, "content": {("findings",)}})
    said = [
        Verdict("identify", Outcome.ALLOW),
        a_verdict("route", sender="a", labels={"level": "secret"}),
        a_verdict("flow", effect=True),
        a_verdict("content", findings={"pii/email": 1.0}),
    ]
    again = Hindsight(draft).ask(said, {"sender": "other", "size": 3})
    assert again is not None
    assert draft.asked == [
        ("route", {"sender": "a", "labels": {"level": "secret"}}),
        ("flow", {"effect": True}),
        ("content", {"findings": {"pii/email": 1.0}}),
    ]
    assert (again.outcome, again.unknown) == (Outcome.ALLOW, ())
    assert again.verdicts[0].facts == b'{"labels":{"level":"secret"},"sender":"a"}'


def test_what_nobody_recorded_is_named_and_left_out() -> None:
    paths: set[Path] = {("usage", "tokens"), ("labels", "sources"), ("labels", "level"), ("arguments", "to"), ("size",)}
    draft = Draft({"route": paths, "flow": {("effect",)}})
    said = [a_verdict("route", arguments={"cc": 1}), a_verdict("flow")]
    again = Hindsight(draft).ask(said, {"size": 3, "labels": {"level": "public"}})
    assert again is not None
    assert again.unknown == (
        "route: input.arguments.to",
        "route: input.labels.sources",
        "route: input.usage.tokens",
        "flow: input.effect",
    )
    assert draft.asked[0][1] == {"arguments": {"cc": 1}, "labels": {"level": "public"}, "size": 3}


def test_arguments_that_are_known_whole_tell_what_is_not_there() -> None:
    draft = Draft({"route": {("arguments", "to")}})
    again = Hindsight(draft).ask([a_verdict("route", arguments={"cc": 1})], {"arguments": {"cc": 1, "to": "x"}})
    assert again is not None
    assert again.unknown == ()
    assert draft.asked[0][1] == {"arguments": {"cc": 1, "to": "x"}}
    bare = Hindsight(draft).ask([a_verdict("route")], {"arguments": {}})
    assert bare is not None
    assert bare.unknown == ()


def test_what_is_known_later_is_not_told_earlier() -> None:
    draft = Draft({"route": {("findings",)}, "flow": {("findings",), ("effect",)}})
    said = [a_verdict("route"), a_verdict("flow"), a_verdict("content", findings={}, effect=False)]
    again = Hindsight(draft).ask(said, {})
    assert again is not None
    assert draft.asked[:2] == [("route", {}), ("flow", {"effect": False})]
    assert again.unknown == ()


def test_a_bundle_that_reads_everything_is_told_everything_and_says_that_more_may_be_read() -> None:
    draft = Draft({"behaviour": {WHOLE}})
    said = [a_verdict("route", sender="a"), a_verdict("flow", effect=True), a_verdict("behaviour")]
    again = Hindsight(draft).ask(said, {"size": 1})
    assert again is not None
    assert draft.asked[-1] == ("behaviour", {"sender": "a", "effect": True, "size": 1})
    assert again.unknown == ("behaviour: input",)


def test_behind_a_denial_nothing_is_asked_and_what_never_reached_the_policy_is_not_judged() -> None:
    draft = Draft({}, flow=Decision(allow=False, denials=(NO,)))
    again = Hindsight(draft).ask([a_verdict("route"), a_verdict("flow"), a_verdict("content")], {})
    assert again is not None
    assert [verdict.layer for verdict in again.verdicts] == ["route", "flow"]
    assert (again.outcome, again.deciding.code, again.deciding.file) == (Outcome.DENY, "user.no", "x.rego")
    assert Hindsight(draft).ask([Verdict("admit", Outcome.DENY)], {}) is None


def test_what_was_denied_is_asked_about_as_far_as_is_known() -> None:
    draft = Draft({"flow": {("sender",)}, "content": {("findings",)}})
    again = Hindsight(draft).ask([a_verdict("route", Outcome.DENY, sender="a")], {})
    assert again is not None
    assert [verdict.layer for verdict in again.verdicts] == ["route", "flow"]
    assert (again.outcome, again.unknown) == (Outcome.ALLOW, ("content: input.findings",))


def test_what_was_said_of_a_denied_message_is_asked_again_too() -> None:
    no = Decision(allow=False, denials=(NO,))
    draft = Draft({"behaviour": {("signals",)}}, route=no)
    said = [a_verdict("route", Outcome.DENY), a_verdict("behaviour", Outcome.QUARANTINE, signals={"refused": 9})]
    again = Hindsight(draft).ask(said, {})
    assert again is not None
    assert [verdict.layer for verdict in again.verdicts] == ["route", "behaviour"]
    assert again.heard == tuple(said)
    twice = [a_verdict("behaviour", signals={"a": 1}), a_verdict("behaviour", signals={"b": 2})]
    both = Hindsight(draft).ask(twice, {})
    assert both is not None
    assert [document for stage, document in draft.asked if stage == "behaviour"][-2:] == [
        {"signals": {"a": 1}},
        {"signals": {"b": 2}},
    ]


def test_an_approval_that_was_given_counts_and_a_layer_that_failed_has_failed() -> None:
    asks = Draft({}, flow=Decision(allow=True, denials=(), asks=(NO,)))
    given = Hindsight(asks).ask([a_verdict("flow", Outcome.ALLOW, "approval.met")], {})
    assert given is not None
    assert (given.outcome, given.verdicts[0].code) == (Outcome.ALLOW, "approval.met")
    held = Hindsight(asks).ask([a_verdict("flow")], {})
    assert held is not None
    assert held.outcome is Outcome.HOLD
    failed = Verdict("content", Outcome.DENY, "content.failed", "it raised")
    broken = Hindsight(Draft({})).ask([a_verdict("route"), failed], {})
    assert broken is not None
    assert broken.deciding is failed


def test_an_engine_that_gives_no_answer_denies_and_odd_facts_are_none() -> None:
    again = Hindsight(Draft({"route": {("sender",)}})).ask([a_verdict("route", sender="broken")], {})
    assert again is not None
    assert (again.deciding.code, again.outcome) == ("route.failed", Outcome.DENY)
    for facts in (b"", b"[]", b"{", b"\xff"):
        odd = Hindsight(Draft({"route": {("sender",)}})).ask([Verdict("route", Outcome.ALLOW, facts=facts)], {})
        assert odd is not None
        assert odd.unknown == ("route: input.sender",)


def test_equal_questions_are_asked_once_and_no_more_are_kept_than_may() -> None:
    draft = Draft({"route": {("sender",)}})
    hindsight = Hindsight(draft, most=12)
    for sender in "abcabcdefg":
        hindsight.ask([a_verdict("route", sender=sender)], {})
    assert [document["sender"] for stage, document in draft.asked if stage == "route"].count("a") == 1
    assert hindsight.revision == "draft"


def test_verdicts_are_compared_by_what_they_say() -> None:
    assert same(a_verdict("route", sender="a"), a_verdict("route", sender="b"))
    assert not same(a_verdict("route"), a_verdict("route", Outcome.DENY))
    short, long = Verdict("content", Outcome.DENY, "c", "no"), Verdict("content", Outcome.DENY, "c", "no: line 3")
    assert same(long, short)
    assert not same(short, long)
    assert strictest([Verdict("admit", Outcome.DENY)]) is None
    strict = a_verdict("flow", Outcome.HOLD)
    assert strictest([a_verdict("route"), strict, Verdict("admit", Outcome.DENY)]) is strict
