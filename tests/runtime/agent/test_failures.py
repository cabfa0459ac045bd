import pytest

from lictor.protocols.errors import (
    DeadlineExceeded,
    EnforcerLost,
    MalformedEnvelope,
    MeshUnavailable,
    NoEnforcer,
    Refusal,
    Refused,
    TargetLost,
)
from lictor.runtime.agent.failures import CallFailed, ToolLoop, sentence


@pytest.mark.parametrize(
    "error",
    [NoEnforcer, EnforcerLost, MeshUnavailable, TargetLost, DeadlineExceeded, MalformedEnvelope],
)
def test_errors_of_the_mesh_are_told_in_our_own_words(error: type[Exception]) -> None:
    said = sentence(error("xyzzy"))

    assert said
    assert "xyzzy" not in said


def test_our_own_sentences_are_told_as_they_are() -> None:
    refused = Refused(Refusal("0" * 32, "route", "route.no_edge", "no such edge", file="team.yaml", line=4))

    assert sentence(ToolLoop("triage calls search again and again")) == "triage calls search again and again"
    assert sentence(CallFailed("writer", "is not there")) == "writer is not there"
    assert sentence(refused) == "refused by route: no such edge (team.yaml:4)"


@pytest.mark.parametrize("error", [ValueError("xyzzy"), KeyError("xyzzy"), TimeoutError("xyzzy")])
def test_nothing_is_told_of_anything_else(error: Exception) -> None:
    assert sentence(error) == ""
