import dataclasses

import pytest

from lictor.runtime.definition.constraints import ArgumentRule, CallRule, Hours, TimeWindow


def test_constraints_are_frozen_values() -> None:
    window = TimeWindow((0,), 480, 1080)
    assert Hours((window,)) == Hours((TimeWindow((0,), 480, 1080),))
    rule = CallRule("deny", "send", (ArgumentRule(("to",), "="),), "send(to=x)")
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.verdict = "allow"  # type: ignore[misc]
