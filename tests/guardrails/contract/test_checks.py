"""Checks that note what is wrong."""

from lictor.guardrails.contract.checks import Checks, near, show
from lictor.guardrails.contract.contract import Step
from lictor.guardrails.contract.places import read_placed


def test_what_is_wrong_is_noted_and_something_harmless_returned() -> None:
    placed = read_placed("a: 1\nb: x\nc: [1]\n", "c.yaml")
    checks = Checks(placed)
    data = checks.map(placed.data, (), ("a", "b"), "a thing")

    assert checks.text(data, (), "a") == ""
    assert checks.text(data, (), "none") == ""
    assert checks.number(data, (), "b") is None
    assert checks.number(data, (), "a") == 1.0
    assert checks.flag(data, (), "b", unless=True)
    assert checks.steps(data, (), "c") == ("",)
    assert checks.steps({"c": "a.*"}, (), "c") == ("a", "*")
    assert checks.word(data, (), "b", (Step.ASK,), Step.ASK) is Step.ASK
    assert checks.map(3, (), None, "a thing") == {}
    assert [mistake.line for mistake in placed.mistakes] == [3, 1, 2, 2, 3, 2, 1]


def test_what_was_probably_meant() -> None:
    assert near("promt", ("prompt",)) == " (did you mean 'prompt'?)"
    assert near(3, ("prompt",)) == ""
    assert show(None) == "nothing"
    assert len(show("x" * 100)) == 60
