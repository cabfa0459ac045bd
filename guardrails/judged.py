"""A message that was judged: what those are told who keep count of messages."""

from collections.abc import Callable

import msgspec

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Verdict
from lictor.protocols.envelope import Envelope


class Judged(msgspec.Struct, frozen=True, gc=False):
    """One message, what was known of it, and what came of it; when it passes, as it is delivered."""

    envelope: Envelope
    circumstances: Circumstances
    judgement: Judgement


Witness = Callable[[Judged], Verdict | None]
"""Is told of every judged message before anything of it is published; what it raises is a denial.

It may return a verdict that follows from this judgement: one that is stricter holds.
"""
