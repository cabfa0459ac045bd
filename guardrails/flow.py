"""Layer flow: may data with these labels go there, and is a tool call within its task's contract."""

from typing import Any, Final

from lictor.guardrails.action import calls_tool, read_arguments
from lictor.guardrails.contract.book import ContractBook
from lictor.guardrails.contract.contract import Call, Finding, State
from lictor.guardrails.effects import Effects
from lictor.guardrails.judged import Judged
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage
from lictor.guardrails.verdict import Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.names import Role, role_of

NAME: Final = "flow"
_NONE: Final = {"state": State.NONE.value, "code": "", "reason": "", "argument": "", "file": "", "line": 0}
_PLAIN: Final[dict[str, Any]] = {"effect": False, "contract": _NONE}
_EFFECT: Final[dict[str, Any]] = {"effect": True, "contract": _NONE}


class Flow:
    """Finds out how a call stands to its contract, and asks the policy; labels come with the circumstances."""

    name = NAME

    def __init__(self, slot: PolicySlot, effects: Effects, book: ContractBook) -> None:
        self._effects = effects
        self._book = book
        self.stage = PolicyStage(slot, NAME)

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return the bundle's verdict; a contract that cannot be judged raises, which denies."""
        if not calls_tool(envelope.kind, circumstances.action) or role_of(envelope.target) is not Role.TOOL:
            return self.stage.judge(envelope, circumstances, _PLAIN)
        tool = circumstances.action.tool
        reads_only = self._effects.reads_only(envelope.target, tool)
        if not self._book.is_used:
            return self.stage.judge(envelope, circumstances, _PLAIN if reads_only else _EFFECT)
        arguments = read_arguments(circumstances.action)
        finding = self._book.judge(envelope, Call(tool, arguments, envelope.sender, envelope.target, reads_only))
        return self.stage.judge(envelope, circumstances, {"effect": not reads_only, "contract": _show(finding)})

    def witness(self, judged: Judged) -> None:
        """Take note of a message that is delivered: a contract may ask where a value came from."""
        self._book.witness(judged)


def _show(finding: Finding) -> dict[str, Any]:
    if finding.state is State.NONE:
        return _NONE
    return {
        "state": finding.state.value,
        "code": finding.code,
        "reason": finding.reason,
        "argument": finding.argument,
        "file": finding.file,
        "line": finding.line,
    }
