"""Layer content: what a message holds, found by scanners and classifiers; the policy decides what follows from it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from lictor.guardrails.content.classifier import LateScores
from lictor.guardrails.content.finding import Finding, highest
from lictor.guardrails.content.groundedness import Passages, ReadPassages, cites, find_unsupported
from lictor.guardrails.content.injection.model import LONGEST, InjectionModel
from lictor.guardrails.content.looking import UNSCANNED
from lictor.guardrails.content.memo import Memo
from lictor.guardrails.content.redact import NotRedacted, Redacted, redact
from lictor.guardrails.content.scanner import Scanner, unusual
from lictor.guardrails.content.schema import ReplySchemas
from lictor.guardrails.content.streams import Seam, Streams
from lictor.guardrails.content.text import read_said
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.a2a.reading import read_answer
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.subjects import Kind

NAME: Final = "content"
_NO_SCORES: Final[Mapping[str, float]] = {}
_NOTHING_FOUND: Final[Mapping[str, Any]] = {"findings": _NO_SCORES}
_STEPS: Final = 20
"""Scores of the injection model count in steps of 0.05, so that the policy is asked the same question again."""
_LEAST: Final = 0.3
"""Lower scores are left out: most texts have one."""
_BEGINS: Final = "principal "
_SUSPICIOUS: Final = "suspicious"
SEAM: Final = "seam"
"""Kind of what straddles two parts of a streamed answer."""
HEADER: Final = "header"
"""Kind of what stands in a header."""
_NEAR: Final = 256
"""Bytes after the edge of two parts within which what the first says tells what the second holds."""
_NOWHERE: Final = frozenset({SEAM, HEADER, UNSCANNED})


class Content:
    """Judges content. A secret scanner that fails denies; a classifier that fails makes the message suspicious.

    `known` are the team's own secrets by name, `schemas` the output schemas of its agents, `grounded` the agents whose
    answers are held against what they read, `late` a deeper classifier.
    """

    name = NAME

    def __init__(
        self,
        slot: PolicySlot,
        *,
        known: Mapping[str, str] | None = None,
        schemas: Mapping[str, Mapping[str, Any]] | None = None,
        grounded: Collection[str] = (),
        passages: Passages | None = None,
        late: LateScores | None = None,
        model: Callable[[], InjectionModel] = InjectionModel,
    ) -> None:
        """Compile the prefilter: 0.1 s; the injection model is loaded with the first untrusted text."""
        self._stage = PolicyStage(slot, NAME)
        self._scanner = Scanner(known)
        self._schemas = ReplySchemas(schemas or {})
        self._grounded = frozenset(grounded)
        self._passages = passages
        self._read = ReadPassages()
        self._streams = Streams()
        self._late = late
        self._load = model
        self._model: InjectionModel | None = None
        self._scanned: Memo[Mapping[str, float]] = Memo()
        self._worded: Memo[dict[str, float]] = Memo(most=1024)
        self._scored: Memo[Mapping[str, float]] = Memo(most=1024)

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return the policy's verdict on what the message holds; raises when the secret scanner fails, which denies."""
        body = envelope.body
        scores = self._scanned.find(body)
        if scores is None:
            found = self._scanner.scan(body)
            scores = highest(found) if found else _NO_SCORES
            self._scanned.keep(body, scores)
        details = ""
        more: dict[str, float] = {}
        if circumstances.mark.labels.untrusted and _begins(envelope, circumstances):
            more |= self._untrusted(envelope)
        if self._late is not None and (suspicion := _step(self._late.suspicion(envelope.task))) >= _LEAST:
            more[_SUSPICIOUS] = max(suspicion, more.get(_SUSPICIOUS, 0.0))
        more |= self._in_headers(envelope)
        if envelope.kind is Kind.REPLY:
            if self._streams.is_open(envelope) and (seam := self._streams.seam(envelope)):
                more |= self._in_seam(envelope, seam, scores)
            if envelope.end and envelope.request_kind is Kind.A2A and (answered := self._answered(envelope)):
                details = answered[0].detail
                more |= highest(answered)
        if not more:
            return self._stage.judge(envelope, circumstances, {"findings": scores} if scores else _NOTHING_FOUND)
        verdict = self._stage.judge(envelope, circumstances, {"findings": {**scores, **more}})
        return _explained(verdict, details) if details else verdict

    def _in_headers(self, envelope: Envelope) -> Mapping[str, float]:
        """Return what the sender's own words beside the body hold: in no header anything can be taken out."""
        words = unusual((envelope.step, envelope.context, envelope.parent, envelope.content_type, envelope.trace))
        if not words:
            return _NO_SCORES
        key = "\n".join(words).encode("utf-8", "replace")
        scores = self._worded.find(key)
        if scores is None:
            scores = {}
            for each in self._scanner.scan_words(words):
                name = f"{each.guard}/{HEADER}"
                scores[name] = max(round(each.score, 2), scores.get(name, 0.0))
            self._worded.keep(key, scores)
        return scores

    def _in_seam(self, envelope: Envelope, seam: Seam, scores: Mapping[str, float]) -> dict[str, float]:
        """Return what straddles this part of a stream and those before: it cannot be taken out of either."""
        found = self._scanner.scan(seam.whole)
        if not found:
            return {}
        edge = len(seam.before)
        before = highest(self._scanner.scan(seam.before)) if any(each.start < 0 for each in found) else _NO_SCORES
        straddling: dict[str, float] = {}
        for each in found:
            if each.start < 0:
                new = each.word not in scores and each.word not in before
            else:
                new = each.end > edge and (each.start < edge or (each.word not in scores and each.start < edge + _NEAR))
            if new:
                name = f"{each.guard}/{SEAM}"
                straddling[name] = max(round(each.score, 2), straddling.get(name, 0.0))
        return straddling

    def redact(self, body: bytes, classes: Collection[str]) -> Redacted:
        """Return the body without what belongs to the classes.

        Raises NotRedacted when some of it is still found: what is encoded, or stands outside a string; always for
        what stands in no body: `secret/unscanned`, `secret/seam`, `secret/header`, `pii/…` likewise.
        """
        beyond = sorted(name for name in classes if name.partition("/")[2] in _NOWHERE)
        if beyond:
            raise NotRedacted(f"{', '.join(beyond)} cannot be taken out of a message")
        redacted = redact(body, classes)
        wanted = {name if "/" in name else f"{name}/" for name in classes}
        wanted |= {f"pii/{name}" for name in classes if "/" not in name}
        left = {
            word
            for word in highest(self._scanner.scan(redacted.body))
            if any(word == name or (name.endswith("/") and word.startswith(name)) for name in wanted)
        }
        if left:
            raise NotRedacted(f"{', '.join(sorted(left))} cannot be taken out of the message: it is encoded or no text")
        return redacted

    def delivered(self, envelope: Envelope) -> None:
        """Note a message that was delivered: an answer of a tool is what its receiver has read."""
        if envelope.target in self._grounded and envelope.request_kind is Kind.MCP:
            self._read.add(envelope.task, envelope.target, read_said(envelope.body))

    def _untrusted(self, envelope: Envelope) -> Mapping[str, float]:
        """Return the findings of text that strangers wrote and that has just come in."""
        found = self._scored.find(envelope.body)
        if found is None:
            try:
                found = self._score(envelope)
            except Exception:
                return {_SUSPICIOUS: 1.0}
            self._scored.keep(envelope.body, found)
        return found

    def _score(self, envelope: Envelope) -> dict[str, float]:
        said = read_said(envelope.body)
        if not said:
            return {}
        if self._late is not None:
            self._late.offer(said, envelope.task)
        if self._model is None:
            self._model = self._load()
        raw = said.encode("utf-8", "replace")
        score = _step(self._model.score(raw))
        found = {"injection": score} if score >= _LEAST else {}
        if len(raw) > LONGEST:  # its middle was not looked at
            found[_SUSPICIOUS] = 1.0
        return found

    def _answered(self, envelope: Envelope) -> list[Finding]:
        """Return what is wrong with an agent's answer: its schema, and what its sources do not say."""
        agent = envelope.sender
        held, grounded = agent in self._schemas, agent in self._grounded
        if not held and not grounded:
            return []
        try:
            answer = read_answer(envelope.body)
        except MalformedEnvelope:
            return [Finding("schema", detail="it is no A2A answer")] if held else []
        if answer.code or answer.state not in {"completed", ""}:
            return []
        found = self._schemas.check(agent, answer.text) if held else []
        if grounded and (answer.citations or cites(answer.text)):
            source = self._passages if self._passages is not None else self._read
            read = [*source.passages(envelope.task, agent), *(each.quote for each in answer.citations if each.quote)]
            lacking = find_unsupported(answer.text, read)
            if lacking:
                worst = max(each.lack for each in lacking)
                listed = ", ".join(str(each.place) for each in lacking[:5])
                detail = f"{len(lacking)} unsupported, by their number: {listed}"
                found.append(Finding("ungrounded", score=worst, detail=detail))
        return found


def _begins(envelope: Envelope, circumstances: Circumstances) -> bool:
    """Tell whether the untrusted label begins with this message: what is handed on was scored when it came in."""
    cause = next((cause for word, cause in circumstances.mark.causes if word == "untrusted"), "")
    return not cause or cause.startswith(_BEGINS) or cause == envelope.id


def _step(score: float) -> float:
    return int(score * _STEPS) / _STEPS


def _explained(verdict: Verdict, details: str) -> Verdict:
    """Add to a verdict what exactly is wrong with an answer."""
    if verdict.outcome < Outcome.HOLD or verdict.code not in {"content.schema", "content.ungrounded"}:
        return verdict
    return Verdict(
        verdict.layer,
        verdict.outcome,
        verdict.code,
        f"{verdict.reason}: {details}"[:600],
        verdict.rule,
        verdict.file,
        verdict.line,
        verdict.obligations,
        verdict.facts,
        verdict.further,
    )
