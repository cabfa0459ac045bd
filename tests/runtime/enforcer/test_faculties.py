"""Without faculties nothing is known, and what is obliged to cannot be done."""

import pytest

from lictor.guardrails.labels import UNMARKED
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.faculties import Faculties, NoFaculty


def test_none() -> None:
    faculties = Faculties()
    envelope = Envelope("0" * 32, "a", "b", Kind.A2A, b"")
    assert faculties.mark_of(envelope, None) is UNMARKED
    assert faculties.conduct_of("a", 0.0) == 1.0
    assert faculties.marks() == ()
    faculties.restore(())
    faculties.replaced("a")
    with pytest.raises(NoFaculty):
        faculties.redact(b"", ("pii/email",))
