from collections.abc import Sequence
from typing import Any

import pytest
from playbook import team_data

from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import Bundle, Module, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.operations.operation import OperationFailed, OperatorCall
from lictor.runtime.enforcer.operations.shadow import ShadowPolicy
from lictor.runtime.enforcer.shadow import Shadow

RULE = 'package lictor.user.x\n\nimport rego.v1\n\ndeny contains "no" if input.sender == "ext-web"\n'


def build(modules: Sequence[Module]) -> EmbeddedRego:
    active = load_bundle(team_data())
    return EmbeddedRego(Bundle((*active.modules, *modules), active.data, "draft"))


def act(operation: ShadowPolicy, **arguments: Any) -> Any:
    envelope = Envelope(id="m", sender="op-cli", target="enforcer", kind=Kind.MCP, body=b"{}")
    return operation.run(OperatorCall(envelope, arguments, 1.0)).answer["shadow"]


@pytest.fixture
def operation() -> ShadowPolicy:
    return ShadowPolicy(Shadow(Question(ToolCatalog(), TaskLedger())), build)


def test_a_draft_is_started_told_of_and_stopped(operation: ShadowPolicy) -> None:
    assert act(operation)["revision"] == ""
    assert act(operation, modules=[{"path": "x.rego", "text": RULE}])["revision"] == "draft"
    assert act(operation)["revision"] == "draft"
    stopped = act(operation, off=True)
    assert (stopped["revision"], stopped["stopped"]["revision"]) == ("", "draft")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (
            {"modules": [{"path": "x.rego", "text": "package lictor.user.x\n\nimport rego.v1\n\ndeny contains if\n"}]},
            "policy.refused",
        ),
        ({"modules": [{"path": "x.rego", "text": "package lictor.main\n\nimport rego.v1\n"}]}, "policy.refused"),
        ({"modules": [{"path": "x.rego", "text": "#" * 1_000_001}]}, "policy.too_large"),
        ({"modules": [{"path": 1}]}, "policy.arguments"),
        ({"draft": "x"}, "policy.arguments"),
    ],
)
def test_what_cannot_be_a_draft_is_said_and_changes_nothing(
    operation: ShadowPolicy, arguments: dict[str, Any], code: str
) -> None:
    act(operation, modules=[{"path": "x.rego", "text": RULE}])
    with pytest.raises(OperationFailed) as failed:
        act(operation, **arguments)
    assert failed.value.code == code
    assert act(operation)["revision"] == "draft"
