"""Scanning the recorded body of a message again, with the content layer itself."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.content.layer import Content
from lictor.guardrails.labels import Labels, Mark, UnknownLabel, parse_labels
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.engine import Decision
from lictor.guardrails.policy.fields import Path
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.verdict import Verdict
from lictor.runtime.cli.recalling import reopen
from lictor.runtime.store.lineage import causes_of
from lictor.runtime.store.results import Message

_STAGE: Final = "content"
_OF_THE_MOMENT: Final = ("schema", "ungrounded", "suspicious", "secret/known", "secret/seam", "pii/seam")
"""Findings that rest on more than the body: what the agent had read, the team's own secrets, a deeper classifier."""


class _Finder:
    """In the place of a policy: it reads findings and nothing else, so that its question is what was found."""

    revision = "scan"
    fields: Mapping[str, frozenset[Path]] = {_STAGE: frozenset({("findings",)})}

    def decide(self, _stage: str, _document: dict[str, Any]) -> Decision:
        return Decision(allow=True, denials=())


class Rescanner:
    """Scans bodies; the scanners are compiled with the first one."""

    def __init__(self) -> None:
        self._content: Content | None = None

    def scan(
        self, message: Message, request_kind: str, said: tuple[Verdict, ...]
    ) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
        """Return the verdicts with what is found now among the facts of content, and notes on what differs.

        Findings of the moment are as they were; where the body is not on record as it was sent, all are.
        """
        place = next((n for n, each in enumerate(said) if each.layer == _STAGE and each.facts), -1)
        if place < 0:
            return said, ()
        facts = msgspec.json.decode(said[place].facts)
        if not isinstance(facts, dict) or "findings" not in facts:
            return said, ()
        found = self._find(message, request_kind)
        if found is None:
            return said, ("its body is not on record as it was sent: what was found in it is as it was then",)
        then = facts["findings"]
        kept = {name: score for name, score in then.items() if name in _OF_THE_MOMENT}
        now = {name: score for name, score in found.items() if name not in _OF_THE_MOMENT} | kept
        if now == then:
            return said, ()
        changed = msgspec.structs.replace(said[place], facts=msgspec.json.encode({**facts, "findings": now}))
        return (*said[:place], changed, *said[place + 1 :]), (f"the scanners find {now} now; then it was {then}",)

    def _find(self, message: Message, request_kind: str) -> dict[str, float] | None:
        envelope = reopen(message, request_kind)
        if envelope is None:
            return None
        if self._content is None:
            self._content = Content(PolicySlot(_Finder(), Question(ToolCatalog(), TaskLedger())))
        about = Circumstances(message.at, Action(), mark=_mark(message))
        verdict = self._content.judge(envelope, about)
        return msgspec.json.decode(verdict.facts, type=dict[str, dict[str, float]]).get("findings", {})


def _mark(message: Message) -> Mark:
    try:
        labels = parse_labels(word for word in message.labels.split(",") if word)
    except UnknownLabel:
        labels = Labels(untrusted="untrusted" in message.labels.split(","))
    return Mark(labels, tuple(causes_of(message).items()))
