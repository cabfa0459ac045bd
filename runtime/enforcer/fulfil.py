"""What the policy obliges to is done before a message is delivered; what cannot be done denies it."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from lictor.guardrails.labels import UNMARKED, Mark, parse_labels
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.faculties import NoFaculty

_SAID_ONLY: Final = ("warn:", "audit:")
"""What is done by being recorded."""
_HEADER: Final = "/header"


class Fulfilled(msgspec.Struct, frozen=True, gc=False):
    """A message as it is delivered."""

    envelope: Envelope
    mark: Mark
    sealed: bytes = b""
    """What was redacted, encrypted."""
    digest: str = ""
    """SHA-256 in hex of the body as it was sent, when it was redacted."""


def fulfil(
    envelope: Envelope, mark: Mark, judgement: Judgement, redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]]
) -> Fulfilled:
    """Return the message with all obligations of its verdicts met.

    Raises NoFaculty or what `redact` raises when one cannot be met, UnknownLabel for a label that is none.
    """
    for verdict in judgement.verdicts:
        if verdict.obligations and not all(word.startswith(_SAID_ONLY) for word in verdict.obligations):
            break
    else:
        return Fulfilled(envelope, mark)
    words = judgement.obliged("label")
    if words:
        mark = _label(mark, words, envelope.id)
    models = judgement.obliged("model")
    if envelope.kind is Kind.MODEL and set(models) - {envelope.target}:
        raise NoFaculty(f"rules oblige to another model than {envelope.target}, which was not judged")
    classes = judgement.obliged("redact")
    if not classes:
        return Fulfilled(envelope, mark)
    body, sealed = redact(envelope.body, classes)
    return _without(envelope, body, mark, sealed)


def attempt(
    envelope: Envelope, mark: Mark, judgement: Judgement, redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]]
) -> tuple[Judgement, Fulfilled | None]:
    """Return a message as `fulfil` makes it, or nothing and a judgement that denies it, because it cannot be made."""
    if not judgement.passes:
        return judgement, None
    try:
        return judgement, fulfil(envelope, mark, judgement, redact)
    except Exception as error:
        reason = f"what the policy obliges to cannot be done: {type(error).__name__}: {error}"[:600]
        return judgement.joined(Verdict("fulfil", Outcome.DENY, "fulfil.failed", reason)), None


def conceal(
    envelope: Envelope, judgement: Judgement, redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]]
) -> Fulfilled | None:
    """Return a message that does not pass as it may be recorded; None when nothing has to be taken out of it.

    When it cannot be taken out, nothing of the body is recorded.
    """
    classes = judgement.obliged("redact")
    if not classes:
        return None
    try:
        body, sealed = redact(envelope.body, classes)
    except Exception:  # whatever it is, what is to be taken out must not be recorded
        body, sealed = b"", b""
    if any(each.endswith(_HEADER) for each in classes):
        envelope = msgspec.structs.replace(envelope, context="", parent="", step="", trace="", content_type="")
    return _without(envelope, body, UNMARKED, sealed)


def _without(envelope: Envelope, body: bytes, mark: Mark, sealed: bytes) -> Fulfilled:
    digest = hashlib.sha256(envelope.body).hexdigest()
    return Fulfilled(msgspec.structs.replace(envelope, body=body), mark, sealed, digest)


def _label(mark: Mark, words: Sequence[str], message: str) -> Mark:
    known = {word for word, _ in mark.causes}
    causes = (*mark.causes, *[(word, message) for word in words if word not in known])
    return Mark(mark.labels.join(parse_labels(words)), causes)
