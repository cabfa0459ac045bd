"""Which engine decides: the embedded one, or an OPA server, as the team's file says."""

from collections.abc import Sequence

from lictor.guardrails.policy.bundle import Bundle, Module, built_in_modules, compose_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.opa_address import OpaAddress
from lictor.guardrails.policy.opa_server import OpaServer
from lictor.runtime.definition.plan import Plan, PolicyPlan


def make_engine(bundle: Bundle, policy: PolicyPlan) -> PolicyEngine:
    """Return the engine of a bundle; raises PolicyError when it cannot be used or the server does not take it."""
    if policy.engine != "opa":
        return EmbeddedRego(bundle)
    return OpaServer(bundle, opa_address(policy), push=policy.push)


def opa_address(policy: PolicyPlan) -> OpaAddress:
    """Return where the OPA server of a team is."""
    token = policy.token.value if policy.token is not None else ""
    return OpaAddress(policy.url, token, policy.ca, timeout=policy.timeout)


def compose_draft(plan: Plan, modules: Sequence[Module]) -> Bundle:
    """Return the bundle of a team with these modules in the place of the user's."""
    return compose_bundle(plan.policy_data, (*built_in_modules(), *modules))
