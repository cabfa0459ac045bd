"""What is slow never gets to decide: it is refused, and named."""

import io
import json
import sys

import pytest
from small_bundle import USER, small_bundle

from lictor.guardrails.policy.encoding import write_question
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.trial import BUDGET, LARGE_BUDGET, main, samples, try_out

pytestmark = pytest.mark.slow

COLLECT = """
route := {"allow": false, "denials": [{"code": "c", "reason": said, "rule": "r"} |
	some name in data.lictor.stages.route
	some said in data.lictor.user[name].deny
], "asks": [], "obligations": []}
"""
PATIENCE = 20.0
"""What is tried out beside other work takes longer than it should."""


def test_an_everyday_rule_passes() -> None:
    rule = 'deny contains "x" if { some item in input.arguments.items; contains(item, "zz") }\n'
    assert try_out(small_bundle("", USER + rule), PATIENCE).fields["route"] is not None


def test_a_loop_within_a_loop_is_refused_and_named() -> None:
    fine = 'package lictor.user.fine\n\nimport rego.v1\n\ndeny contains "y" if input.arguments.items == 1\n'
    slow = "count([1 | some a in input.arguments.items; some b in input.arguments.items; a != b]) > 9"
    bundle = small_bundle(COLLECT, fine, f'{USER}deny contains "x" if {slow}\n')
    with pytest.raises(PolicyError, match=r"^user1\.rego:5: this policy takes too long: \d+ ms for one question"):
        try_out(bundle)


def test_a_rule_that_fails_is_no_objection() -> None:
    try_out(small_bundle("", USER + 'deny contains "x" if startswith(input.arguments.items, "x")\n'), PATIENCE)


def test_what_may_not_be_used_is_refused_as_ever() -> None:
    with pytest.raises(PolicyError, match=r"user0\.rego:5"):
        try_out(small_bundle("", USER + 'deny contains "x" if upper(input.a) == "X"\n'))


@pytest.mark.parametrize("names", [frozenset(), frozenset({"a"}), frozenset({"a", "b", "c"})])
def test_every_sample_may_be_asked(names: frozenset[str]) -> None:
    for stage in ("route", "flow", "content", "behaviour"):
        asked = samples(stage, names)
        assert {seconds for _, seconds in asked} == {BUDGET, 2 * BUDGET, LARGE_BUDGET}
        for document, _ in asked:
            write_question(document)
    assert len(samples("route", None)) == 1


def test_as_a_program_it_prints_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = small_bundle("", USER + 'deny contains "x" if input.a\n')
    for text, error in ((bundle.modules[1].text, ""), ("package lictor.user.house\n", "user0.rego: ")):
        modules = [
            {"path": "main.rego", "text": bundle.modules[0].text, "user": False},
            {"path": "user0.rego", "text": text, "user": True},
        ]
        given = {"modules": modules, "data": bundle.data, "revision": "r", "patience": PATIENCE}
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(given)))
        main()
        assert json.loads(capsys.readouterr().out)["error"].startswith(error)
