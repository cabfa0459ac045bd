from pathlib import Path

import pytest
from opa_process import serve_opa
from playbook import team
from small_bundle import small_bundle

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.opa_server import OpaServer
from lictor.runtime.definition.plan import PolicyPlan, Secret
from lictor.runtime.enforcer.engines import compose_draft, make_engine, opa_address


def test_the_embedded_one_unless_the_file_says_otherwise() -> None:
    bundle = small_bundle()
    assert isinstance(make_engine(bundle, PolicyPlan()), EmbeddedRego)
    with pytest.raises(PolicyError, match="does not take the bundle"):
        make_engine(bundle, PolicyPlan(engine="opa", url="http://127.0.0.1:9"))
    with serve_opa() as url:
        engine = make_engine(bundle, PolicyPlan(engine="opa", url=url, timeout=5))
        assert isinstance(engine, OpaServer)
        assert engine.revision == bundle.revision
        engine.close()


def test_the_address_is_the_files() -> None:
    address = opa_address(PolicyPlan("opa", "https://opa", Secret("t"), Path("ca.pem"), 0.5))
    assert (address.url, address.token, address.ca, address.timeout) == ("https://opa", "t", Path("ca.pem"), 0.5)
    assert opa_address(PolicyPlan("opa", "http://opa")).token == ""


def test_a_draft_takes_the_place_of_the_teams_own() -> None:
    bundle = compose_draft(team(), [Module("x.rego", "package lictor.user.x\n", user=True)])
    assert [module.path for module in bundle.modules if module.user] == ["x.rego"]
    assert bundle.data["lictor"]["team"] == team().policy_data
