"""Layer route: may this principal say this kind of thing to that one; which tool, which model, which arguments."""

from typing import Final

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage
from lictor.guardrails.verdict import Verdict
from lictor.protocols.envelope import Envelope

NAME: Final = "route"


class Route:
    """Asks the policy, with nothing of its own to add: the bundle tells what it reads."""

    name = NAME

    def __init__(self, slot: PolicySlot) -> None:
        self._stage = PolicyStage(slot, NAME)

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return the bundle's verdict; an engine that gives none raises, which denies."""
        return self._stage.judge(envelope, circumstances)
