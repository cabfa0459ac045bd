"""Which labels the enforcer keeps."""

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.provenance.nature import read_natures
from lictor.guardrails.provenance.provenance import Provenance
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.operations.labels import ShowLabels
from lictor.runtime.enforcer.operations.operation import OperationFailed, OperatorCall

CALL = Envelope("d", "op-cli", "enforcer", Kind.MCP, b"{}", task="t9")


def test_marks_of_what_is_kept_and_of_a_task() -> None:
    provenance = Provenance(read_natures({"agents": {"coder": {"isolated": False}}}), lambda _server, _tool: True)
    envelope = Envelope("m1", "ext-web", "coder", Kind.A2A, b"{}", task="t1")
    provenance.delivered(envelope, provenance.of(envelope), Action())
    operation = ShowLabels(provenance)
    told = {"labels": ["untrusted"], "sources": ["ext-web"], "causes": {"untrusted": "m1"}}

    assert operation.run(OperatorCall(CALL, {}, 0.0)).answer == {"kept": {"instance:coder": told}, "task": {}}
    assert operation.run(OperatorCall(CALL, {"task": "t1"}, 0.0)).answer["task"] == {"coder": told}
    with pytest.raises(OperationFailed, match=r"send \{task\} or nothing"):
        operation.run(OperatorCall(CALL, {"tsk": "t1"}, 0.0))
