"""Layer route: may this principal say this kind of thing to that one; which tool, which model, which arguments."""

from typing import Any, Final

from lictor.guardrails.action import read_arguments
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.cache import DecisionCache, make_key
from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.fields import WHOLE, Path
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

NAME: Final = "route"
_LONGEST_REASON: Final = 600


class Route:
    """Asks the policy engine; equal questions are asked once.

    `fields` are the input's fields that the bundle reads: models and arguments count only when it reads them.
    `catalog` tells which tools only read.
    """

    name = NAME

    def __init__(self, engine: PolicyEngine, fields: frozenset[Path], catalog: ToolCatalog) -> None:
        self._engine = engine
        self._catalog = catalog
        read = {path[:1] for path in fields}
        self._reads_model = bool(read & {WHOLE, ("model",)})
        self._reads_arguments = bool(read & {WHOLE, ("arguments",)})
        self._argument_key = make_key(path for path in fields if path[:1] in {WHOLE, ("arguments",)})
        self.cache: DecisionCache[Verdict] = DecisionCache()

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return the bundle's verdict; an engine that gives none raises, which denies."""
        key = self._key(envelope, circumstances)
        verdict = self.cache.find(key)
        if verdict is None:
            verdict = self._decide(self.question(envelope, circumstances))
            self.cache.keep(key, verdict)
        return verdict

    def _key(self, envelope: Envelope, circumstances: Circumstances) -> object:
        """Return what tells `question` of one message from that of another, without building the document."""
        action, request = circumstances.action, circumstances.request
        calls = envelope.kind is Kind.MCP and action.method == "tools/call"
        key = (
            envelope.sender,
            envelope.target,
            envelope.kind,
            request.kind if request is not None else "",
            action.method,
            action.tool,
            action.model if self._reads_model else "",
            calls and self._catalog.reads_only(envelope.target, action.tool),
        )
        if calls and self._reads_arguments:
            return (key, self._argument_key({"arguments": read_arguments(action)}))
        return key

    def question(self, envelope: Envelope, circumstances: Circumstances) -> dict[str, Any]:
        """Return the input document of one message; for an answer, `sender` is who answers."""
        action = circumstances.action
        request = circumstances.request
        calls = envelope.kind is Kind.MCP and action.method == "tools/call"
        document: dict[str, Any] = {
            "sender": envelope.sender,
            "target": envelope.target,
            "kind": envelope.kind.value,
            "request_kind": request.kind.value if request is not None else "",
            "method": action.method,
            "tool": action.tool,
            "model": action.model,
            "read_only": calls and self._catalog.reads_only(envelope.target, action.tool),
        }
        if calls and self._reads_arguments:
            document["arguments"] = read_arguments(action)
        return document

    def _decide(self, document: dict[str, Any]) -> Verdict:
        decision = self._engine.decide(document)
        if decision.allow:
            return Verdict(NAME, Outcome.ALLOW)
        if not decision.denials:
            return Verdict(NAME, Outcome.DENY, "route.default", "no rule allows it", "data.lictor.main.decision")
        first = decision.denials[0]
        return Verdict(
            NAME, Outcome.DENY, first.code, first.reason[:_LONGEST_REASON], first.rule, first.file, first.line
        )
