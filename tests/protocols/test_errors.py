import pytest

from lictor.protocols.errors import (
    DeadlineExceeded,
    EnforcerLost,
    InvalidName,
    MeshUnavailable,
    NoEnforcer,
    ProtocolError,
    Refusal,
    Refused,
    TargetLost,
)


def test_a_refusal_says_who_why_and_where() -> None:
    refusal = Refusal("m", "route", "route.no_edge", "no such edge", file="desk.yaml", line=4)
    refused = Refused(refusal)
    assert str(refused) == "refused by route: no such edge (desk.yaml:4)"
    assert refused.refusal is refusal
    assert str(Refused(Refusal("m", "admit", "admit.late", "too late"))) == "refused by admit: too late"
    assert (refusal.rule, refusal.outcome) == ("", "deny")


@pytest.mark.parametrize("error", [NoEnforcer, EnforcerLost])
def test_without_an_enforcer_the_mesh_is_unavailable(error: type[Exception]) -> None:
    assert issubclass(error, MeshUnavailable)


def test_a_deadline_is_a_timeout() -> None:
    assert issubclass(DeadlineExceeded, TimeoutError)


@pytest.mark.parametrize("error", [MeshUnavailable, TargetLost, Refused, InvalidName, DeadlineExceeded])
def test_all_have_one_root(error: type[Exception]) -> None:
    assert issubclass(error, ProtocolError)


def test_a_long_name_is_cut_in_its_message() -> None:
    error = InvalidName("X" * 1000)
    assert len(str(error)) < 200
    assert error.name == "X" * 1000
