import json

import pytest

from lictor.guardrails.policy.decision import read_decision
from lictor.guardrails.policy.engine import Denial, PolicyError


def raw(**fields: object) -> str:
    return json.dumps({"allow": True, "denials": [], "asks": [], "obligations": [], **fields})


def test_obligations_become_words_in_an_order_of_their_own() -> None:
    said = [
        {"do": "redact", "classes": ["pii/email", "pii/iban"]},
        {"do": "label", "labels": ["secret"]},
        {"do": "model", "model": "small"},
        {"do": "audit", "level": "full"},
        {"do": "warn", "code": "x.y"},
    ]
    words = ("audit:full", "label:secret", "model:small", "redact:pii/email", "redact:pii/iban", "warn:x.y")
    assert read_decision(raw(obligations=said), {}).obligations == words
    assert read_decision(raw(obligations=said[::-1]), {}).obligations == words


def test_a_denial_without_a_place_stands_where_its_rule_does() -> None:
    denial = {"code": "c", "reason": "r", "rule": "data.lictor.user.a.deny"}
    decision = read_decision(raw(denials=[denial]), {"data.lictor.user.a.deny": ("a.rego", 7)})
    assert not decision.allow
    assert decision.denials == (Denial("c", "r", "data.lictor.user.a.deny", "a.rego", 7),)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "{", "[]", "null", "true", raw(allow=1), raw(denials=[{}]), raw(asks="x"), raw(obligations=[1]),
        raw(obligations=[{"do": "dance"}]), raw(obligations=[{"do": "redact"}]), raw(obligations=[{"do": "audit"}]),
    ],
)  # fmt: skip
def test_everything_else_is_no_decision(text: str | None) -> None:
    with pytest.raises(PolicyError):
        read_decision(text, {})
