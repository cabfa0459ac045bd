"""What the policy obliges to is done, or the message is denied."""

from collections.abc import Sequence

import pytest

from lictor.guardrails.labels import UNMARKED, Level, Mark, UnknownLabel, parse_labels
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.faculties import Faculties, NoFaculty
from lictor.runtime.enforcer.fulfil import conceal, fulfil

ENVELOPE = Envelope("0" * 32, "a", "model-big", Kind.MODEL, b"mail me: a@b.example")


def judged(*obligations: str) -> Judgement:
    verdicts = (Verdict("route", Outcome.ALLOW), Verdict("content", Outcome.REDACT, obligations=obligations))
    return Judgement(Outcome.REDACT, verdicts, verdicts[1], (0.0, 0.0))


def blacken(body: bytes, classes: Sequence[str]) -> tuple[bytes, bytes]:
    assert classes == ("pii/email",)
    return body.replace(b"a@b.example", b"*"), b"sealed"


def test_nothing_is_obliged() -> None:
    done = fulfil(ENVELOPE, UNMARKED, judged(), blacken)
    assert done.envelope is ENVELOPE
    assert done.mark is UNMARKED
    assert (done.sealed, done.digest) == (b"", "")


def test_redaction() -> None:
    done = fulfil(ENVELOPE, UNMARKED, judged("redact:pii/email"), blacken)
    assert done.envelope.body == b"mail me: *"
    assert done.sealed == b"sealed"
    assert len(done.digest) == 64


def test_without_a_guard_that_can_redact_nothing_passes() -> None:
    with pytest.raises(NoFaculty):
        fulfil(ENVELOPE, UNMARKED, judged("redact:pii/email"), Faculties().redact)


def test_labels_are_joined_and_their_cause_is_noted_once() -> None:
    before = Mark(parse_labels(["untrusted"]), (("untrusted", "1" * 32),))
    done = fulfil(ENVELOPE, before, judged("label:secret", "label:untrusted"), blacken)
    assert done.mark.labels.level is Level.SECRET
    assert done.mark.causes == (("untrusted", "1" * 32), ("secret", ENVELOPE.id))


def test_a_label_that_is_none() -> None:
    with pytest.raises(UnknownLabel):
        fulfil(ENVELOPE, UNMARKED, judged("label:No label"), blacken)


def test_a_model_that_was_not_judged() -> None:
    assert fulfil(ENVELOPE, UNMARKED, judged("model:model-big"), blacken).envelope.target == "model-big"
    with pytest.raises(NoFaculty, match="was not judged"):
        fulfil(ENVELOPE, UNMARKED, judged("model:model-small"), blacken)


def test_what_is_refused_is_recorded_without_what_has_to_be_taken_out() -> None:
    hidden = conceal(ENVELOPE, judged("redact:pii/email"), blacken)
    assert hidden is not None
    assert hidden.envelope.body == b"mail me: *"
    assert (hidden.sealed, len(hidden.digest)) == (b"sealed", 64)
    assert conceal(ENVELOPE, judged(), blacken) is None


def test_what_cannot_be_taken_out_is_not_recorded_at_all() -> None:
    hidden = conceal(ENVELOPE, judged("redact:pii/email"), Faculties().redact)
    assert hidden is not None
    assert hidden.envelope.body == b""
    assert len(hidden.digest) == 64
