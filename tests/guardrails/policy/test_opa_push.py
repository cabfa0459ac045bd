"""A bundle is brought to a real server: all of it, nothing beside it."""

from collections.abc import Iterator

import pytest
from opa_process import serve_opa
from small_bundle import USER, says, small_bundle

from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.opa_address import OpaAddress, connect
from lictor.guardrails.policy.opa_push import bring, explain, load_of

DATA = {"lictor": {"team": {"a": 1}, "stages": {"route": ["house"]}}}


@pytest.fixture(scope="module")
def address() -> Iterator[OpaAddress]:
    with serve_opa() as url:
        yield OpaAddress(url, timeout=5)


def push(bundle: Bundle, address: OpaAddress) -> None:
    bring(load_of(bundle, DATA), address)


def test_what_was_there_before_is_gone(address: OpaAddress) -> None:
    client = connect(address)
    push(small_bundle("", USER + 'deny contains "x" if input.a\n'), address)
    assert len(client.held_policies()) == 3
    bundle = small_bundle(f"route := {says('true')} if input.a\n")
    push(bundle, address)
    held = client.held_policies()
    assert set(held) == {*load_of(bundle, DATA).policies, "lictor/served"}
    assert client.get_data("lictor/team")["result"] == {"a": 1}
    told = client.query_rule({"a": 1}, "lictor.served", "route")["result"]
    assert (told["revision"], told["decision"]["allow"]) == (bundle.revision, True)
    client.close_connection()


def test_modules_that_need_each_other_in_any_order(address: OpaAddress) -> None:
    uses = "package lictor.user.a\n\nimport rego.v1\n\ndeny contains data.lictor.user.b.f(1) if input.a\n"
    defines = "package lictor.user.b\n\nimport rego.v1\n\nf(x) := x\n\ndeny contains 1 if input.b\n"
    push(small_bundle("", uses, defines), address)
    push(small_bundle("", defines, uses), address)


def test_a_module_that_opa_refuses(address: OpaAddress) -> None:
    with pytest.raises(PolicyError, match=r"does not take the bundle.*unsafe"):
        push(small_bundle("", USER + 'deny contains "x" if y == 1\n'), address)


def test_a_policy_of_somebody_else_in_the_same_package(address: OpaAddress) -> None:
    client = connect(address)
    client.update_policy_from_string(
        "package lictor.rules.x\n\nimport rego.v1\n\npermit := true\n", "other", rego_compat=False
    )
    with pytest.raises(PolicyError, match="policy other in package lictor"):
        push(small_bundle(), address)
    client.delete_policy("other")
    client.update_policy_from_string("package somebody\n\nimport rego.v1\n\nx := true\n", "other", rego_compat=False)
    push(small_bundle(), address)
    client.delete_policy("other")
    client.close_connection()


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(PolicyError, match="does not take the bundle"):
        push(small_bundle(), OpaAddress("http://127.0.0.1:9"))


def test_errors_on_one_line() -> None:
    assert explain(ValueError("a\nb")) == "a b"
    assert explain(ValueError()) == "ValueError"
