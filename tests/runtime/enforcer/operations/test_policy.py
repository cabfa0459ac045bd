"""Another bundle decides from the next message on: nothing is lost, nothing is judged by half of each."""

from collections import Counter
from typing import Any

import pytest
from playbook import Playbook, says, team

from lictor.guardrails.policy.bundle import Bundle, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyEngine, PolicyError
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.route import Route
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.engines import compose_draft
from lictor.runtime.enforcer.operations.operation import Operation, OperationFailed, OperatorCall
from lictor.runtime.enforcer.operations.policy import ActivatePolicy, ActiveBundle, ShowPolicy, policy_operations

pytestmark = pytest.mark.slow

NOBODY = 'package lictor.user.x\n\nimport rego.v1\n\ndeny contains "not now" if startswith(input.sender, "ext-")\n'
OTHER = 'package lictor.user.x\n\nimport rego.v1\n\ndeny contains "no" if input.sender == "nobody"\n'


def run(operation: Operation, **arguments: Any) -> dict[str, Any]:
    envelope = Envelope(id="m", sender="op-cli", target="enforcer", kind=Kind.MCP, body=b"{}")
    return dict(operation.run(OperatorCall(envelope, arguments, 1.0)).answer)


def slot_of(play: Playbook) -> PolicySlot:
    route = next(layer for layer in play.core._asking._layers if isinstance(layer, Route))
    slot = route._stage._slot
    assert isinstance(slot, PolicySlot)
    return slot


def operations(play: Playbook, make: Any = EmbeddedRego) -> tuple[ShowPolicy, ActivatePolicy]:
    active = ActiveBundle(load_bundle(team().policy_data), slot_of(play))
    activate = ActivatePolicy(active, lambda modules: compose_draft(team(), modules), EmbeddedRego, make)
    return ShowPolicy(active), activate


def sent(path: str, text: str) -> list[dict[str, str]]:
    return [{"path": path, "text": text}]


def test_messages_flow_while_bundles_change() -> None:
    play = Playbook()
    _, activate = operations(play)
    revisions = [slot_of(play).engine.revision]
    delivered: Counter[str] = Counter()
    for number in range(40):
        if number % 5 == 4:
            text = NOBODY if number % 10 == 4 else OTHER
            told = run(activate, modules=sent("x.rego", text))
            assert told["before"] == revisions[-1]
            revisions.append(told["after"])
        play.after(1.0)
        play >> [says(f"ext-{name}{number}", "triage", task=f"{name}{number}") for name in "ab"]
        for packet in play.out:
            delivered[packet.subject.split(".")[0]] += 1
        play.out.clear()
        judged = play.entries[-2:]
        assert {entry.bundle for entry in judged} == {revisions[-1]}
        refused = revisions[-1] != revisions[0] and number % 10 in {4, 5, 6, 7, 8}
        assert [entry.outcome for entry in judged] == ["deny" if refused else "allow"] * 2, number
    assert len([entry for entry in play.entries if entry.sender.startswith("ext-")]) == 80
    assert sum(delivered.values()) == 80
    assert len(set(revisions)) == 3


def test_show_tells_what_decides() -> None:
    play = Playbook()
    show, activate = operations(play)
    told = run(show)
    assert told["revision"] == slot_of(play).engine.revision
    assert (told["modules"], told["generation"]) == ([], 0)
    assert "lictor/policies/main/route.rego" in told["built_in"]
    after = run(activate, modules=sent("x.rego", NOBODY), revision=told["revision"])
    told = run(show)
    assert (told["revision"], told["generation"]) == (after["after"], 1)
    assert told["modules"] == [{"path": "x.rego", "text": NOBODY, "user": True}]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({}, "policy.arguments", "modules"),
        ({"modules": [{"path": "x.rego"}]}, "policy.arguments", "text"),
        ({"modules": [], "force": True}, "policy.arguments", "force"),
        ({"modules": [], "revision": "0"}, "policy.stale", "look again"),
        ({"modules": sent("x.rego", "x" * 1_000_001)}, "policy.too_large", "characters"),
        ({"modules": sent("x.rego", "package lictor.user.x\n")}, "policy.refused", "x.rego"),
        (
            {"modules": sent("x.rego", "package lictor.main\n\nimport rego.v1\n")},
            "policy.refused",
            "may not be used here",
        ),
        ({"modules": sent("lictor/policies/main/route.rego", NOBODY)}, "policy.refused", "given twice"),
    ],
)
def test_what_may_not_decide_changes_nothing(arguments: dict[str, Any], code: str, said: str) -> None:
    play = Playbook()
    show, activate = operations(play)
    before = run(show)
    with pytest.raises(OperationFailed, match=said) as caught:
        run(activate, **arguments)
    assert caught.value.code == code
    assert run(show) == before


class Half:
    """Makes engines until it is told to fail, as a server does that goes away."""

    def __init__(self) -> None:
        self.failing = 0

    def __call__(self, bundle: Bundle) -> PolicyEngine:
        if self.failing:
            self.failing -= 1
            raise PolicyError("the server is gone")
        return EmbeddedRego(bundle)


@pytest.mark.parametrize(("failing", "said"), [(1, "is gone$"), (2, "could not be restored, so everything is denied")])
def test_a_server_that_took_half_gets_the_bundle_before_again(failing: int, said: str) -> None:
    play = Playbook()
    make = Half()
    _, activate = operations(play, make)
    before = slot_of(play).engine.revision
    make.failing = failing
    with pytest.raises(OperationFailed, match=said):
        run(activate, modules=sent("x.rego", NOBODY))
    assert slot_of(play).engine.revision == before


def test_the_operations_of_a_team() -> None:
    play = Playbook()
    found = policy_operations(team(), load_bundle(team().policy_data), slot_of(play))
    assert [each.name for each in found] == ["policy.show", "policy.activate"]
    assert run(found[1], modules=sent("x.rego", OTHER))["after"] == slot_of(play).engine.revision
