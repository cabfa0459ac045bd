"""Asking another bundle what it would have said: of messages on record, and of live ones, beside the one that decides.

Only what was recorded can be told: a field that the other bundle reads and nobody wrote down is named, not guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from lictor.guardrails.policy.engine import PolicyEngine, PolicyError
from lictor.guardrails.policy.fields import WHOLE, Path
from lictor.guardrails.policy.stage import met, to_verdict
from lictor.guardrails.policy.stages import NEW_FIELDS, STAGES
from lictor.guardrails.verdict import Outcome, Verdict

_MET: Final = "approval.met"
_FAILED: Final = ".failed"
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode

Document = Mapping[str, Any]


class Again(msgspec.Struct, frozen=True):
    """What a bundle says of a message that another has judged."""

    outcome: Outcome
    """The strictest of the stages."""
    verdicts: tuple[Verdict, ...]
    """In the order in which they were asked; each bears the question as its facts.

    A message that was denied early is asked about only as far as is known: `unknown` tells what was not.
    """
    heard: tuple[Verdict | None, ...] = ()
    """For each verdict what was said in its place then; None where nothing was."""
    unknown: tuple[str, ...] = ()
    """What the bundle reads and nobody recorded, e.g. `content: input.findings`."""

    @property
    def deciding(self) -> Verdict:
        """The first of the strictest verdicts."""
        return next(verdict for verdict in self.verdicts if verdict.outcome is self.outcome)


class Hindsight:
    """Asks one engine; equal questions are asked once."""

    def __init__(self, engine: PolicyEngine, most: int = 20_000) -> None:
        self._engine = engine
        self._most = most
        self._kept: dict[tuple[str, bytes], Verdict] = {}

    @property
    def revision(self) -> str:
        """Of the bundle that is asked."""
        return self._engine.revision

    def ask(self, said: Sequence[Verdict], known: Document) -> Again | None:
        """Return what the engine would have said; None when the message never reached the policy.

        `said` are the verdicts that it got, with their facts; `known` is what else is known of it, by field.
        """
        asked = [verdict for verdict in said if verdict.layer in STAGES]
        if not asked:
            return None
        facts = [_decode(verdict.facts) for verdict in asked]
        every = {name: value for each in facts for name, value in each.items()}
        first = next((place for place, verdict in enumerate(asked) if verdict.outcome >= Outcome.DENY), len(asked))
        turn = _Turn(every, known)
        denied = False
        for stage in STAGES:
            heard = [place for place, verdict in enumerate(asked) if verdict.layer == stage]
            passed_on = first < len(asked) and STAGES.index(asked[first].layer) < STAGES.index(stage)
            if not heard and passed_on and not denied and not self._go_on(stage, turn):
                break  # it was denied before it came here: what it would have been asked, nobody found out
            for place in heard:
                # What was said of a message after its denial was no matter of the pipeline: it is asked anyhow.
                if not denied or place > first:
                    self._repeat(asked[place], facts[place], turn)
            denied = any(verdict.outcome >= Outcome.DENY for verdict in turn.verdicts)
        if not turn.verdicts:
            return None
        outcome = max(verdict.outcome for verdict in turn.verdicts)
        return Again(outcome, tuple(turn.verdicts), heard=tuple(turn.heard), unknown=tuple(turn.unknown))

    def _go_on(self, stage: str, turn: "_Turn") -> bool:
        """Ask a stage that was not asked then, if all that it reads is known."""
        document, missing = self._document(stage, {}, turn)
        turn.miss(stage, missing)
        if not missing:
            turn.add(None, self._ask(stage, document))
        return not missing

    def _repeat(self, heard: Verdict, facts: Document, turn: "_Turn") -> None:
        if heard.code.endswith(_FAILED) and not heard.facts:
            turn.add(heard, heard)  # the layer failed by itself: it asked nothing
            return
        document, missing = self._document(heard.layer, facts, turn)
        turn.miss(heard.layer, missing)
        verdict = self._ask(heard.layer, document)
        if heard.code == _MET and verdict.outcome is Outcome.HOLD:
            verdict = met(verdict)
        turn.add(heard, verdict)

    def _document(self, stage: str, own: Document, turn: "_Turn") -> tuple[dict[str, Any], list[Path]]:
        paths = self._engine.fields.get(stage, frozenset())
        every, known = turn.facts, turn.known
        later = {name for each in STAGES[STAGES.index(stage) + 1 :] for name in NEW_FIELDS.get(each, ())}
        names = {path[0] for path in paths if path} if WHOLE not in paths else {*own, *every, *known}
        document: dict[str, Any] = {}
        for name in sorted(names - later):
            sources = (known, own, every) if name == "arguments" else (own, every, known)
            found = next((each[name] for each in sources if name in each), None)
            if found is not None:
                document[name] = found
        # Of these a part may be known: of any other field, what is not there is known not to be.
        partial = {"labels"} if "arguments" in known else {"labels", "arguments"}
        wanted = [path for path in sorted(paths) if path and path[0] not in later]
        missing = [path for path in wanted if not _knows(document, path, partial)]
        return document, [WHOLE] if WHOLE in paths else missing

    def _ask(self, stage: str, document: dict[str, Any]) -> Verdict:
        key = (stage, _encode(document))
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        facts = msgspec.json.encode(document)
        try:
            verdict = to_verdict(stage, self._engine.decide(stage, document), facts)
        except PolicyError as error:
            verdict = Verdict(
                stage, Outcome.DENY, f"{stage}{_FAILED}", f"the policy gave no answer: {error}", facts=facts
            )
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = verdict
        return verdict


class _Turn:
    """One message that is asked about again."""

    def __init__(self, facts: Document, known: Document) -> None:
        self.facts = facts
        self.known = known
        self.verdicts: list[Verdict] = []
        self.heard: list[Verdict | None] = []
        self.unknown: list[str] = []

    def add(self, heard: Verdict | None, verdict: Verdict) -> None:
        self.heard.append(heard)
        self.verdicts.append(verdict)

    def miss(self, stage: str, paths: Iterable[Path]) -> None:
        names = [f"{stage}: input.{'.'.join(path)}" if path else f"{stage}: input" for path in paths]
        self.unknown += [name for name in names if name not in self.unknown]


def strictest(said: Iterable[Verdict]) -> Verdict | None:
    """Return the first of the strictest verdicts that the policy gave; None when it was not asked."""
    asked = [verdict for verdict in said if verdict.layer in STAGES]
    return max(asked, key=lambda verdict: verdict.outcome, default=None)


def same(then: Verdict, now: Verdict) -> bool:
    """Tell whether two verdicts say the same, whatever they were told; a layer may have told its reason at length."""
    reason = then.reason if then.reason.startswith(f"{now.reason}: ") else now.reason
    return msgspec.structs.replace(then, facts=b"") == msgspec.structs.replace(now, facts=b"", reason=reason)


def _knows(document: Document, path: Path, partial: set[str]) -> bool:
    if path[0] not in document:
        return False
    value: Any = document[path[0]]
    for name in path[1:] if path[0] in partial else ():
        if not isinstance(value, Mapping):
            return True
        if name not in value:
            return False
        value = value[name]
    return True


def _decode(facts: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(facts) if facts else {}
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}
