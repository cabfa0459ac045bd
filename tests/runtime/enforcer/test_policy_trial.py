import pytest
from small_bundle import USER, small_bundle

from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.enforcer.policy_trial import try_out_apart


def test_it_passes_or_says_why_not() -> None:
    try_out_apart(small_bundle("", USER + 'deny contains "x" if input.a\n'), patience=20, limit=30)
    with pytest.raises(PolicyError, match=r"user0\.rego:5: http\.send"):
        try_out_apart(small_bundle("", USER + 'deny contains "x" if http.send({}).a\n'), patience=20, limit=30)


def test_what_does_not_end_is_ended() -> None:
    rule = 'deny contains "x" if { some number in numbers.range(1, 1000000000); number == -1 }\n'
    head = "route := {} if data.lictor.user.house.deny\n"
    with pytest.raises(PolicyError, match=r"user0\.rego: a question was not answered within 0\.5 s"):
        try_out_apart(small_bundle(head, USER + rule), limit=0.5)
