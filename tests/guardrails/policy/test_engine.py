"""The contract of a policy engine; tests/conformance/test_policy_engine.py holds every engine to it."""

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import Decision, PolicyEngine


def test_the_embedded_engine_is_a_policy_engine() -> None:
    bundle = load_bundle({})
    engine: PolicyEngine = EmbeddedRego(bundle)
    assert engine.revision == bundle.revision
    assert engine.decide("route", {}) == Decision(False, ())
