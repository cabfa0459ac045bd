"""What a module's tree tells."""

import json
from typing import Any

import hobofan_regorus

from lictor.guardrails.policy.syntax import Rule, calls_of, data_of, package_of, rules_of


def tree(text: str) -> dict[str, Any]:
    engine = hobofan_regorus.Engine()
    engine.add_policy("a.rego", text)
    (module,) = json.loads(engine.get_ast_as_json())
    found: dict[str, Any] = module["ast"]
    return found


MODULE = """package lictor.user["my-rules"]
import rego.v1
import data.lictor.team as team
default z := false
deny contains "x" if http.send({"url": input.x})
deny contains "y" if { some k; team[k] == data.lictor.user[k].n; f(time.now_ns()) }
f(x) := data["a b"].c
g if every v in data.q { v }
g if not opa.runtime().env
"""


def test_packages_rules_and_calls() -> None:
    module = tree(MODULE)
    assert package_of(module) == "lictor.user.my-rules"
    assert list(rules_of(module)) == [
        Rule("deny", 5, True),
        Rule("deny", 6, True),
        Rule("f", 7, False),
        Rule("g", 8, False),
        Rule("g", 9, False),
    ]
    assert set(calls_of(module)) == {("http.send", 5), ("f", 6), ("time.now_ns", 6), ("opa.runtime", 9)}


def test_what_is_read_below_data() -> None:
    module = tree(MODULE)
    assert set(data_of([module["imports"], module["rules"]])) == {
        (("lictor", "team"), 3),
        (("lictor", "user", "*", "n"), 6),
        (("a b", "c"), 7),
        (("q",), 8),
    }


def test_references_within_references() -> None:
    module = tree("package a\nimport rego.v1\nx := data.b[data.c[data.d]].e\ny := data\n")
    found = {path for path, _ in data_of(module["rules"])}
    assert {("b", "*", "e"), ("c", "*"), ("d",), ()} <= found
