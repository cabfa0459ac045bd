from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of

from lictor.runtime.definition.plan import PolicyPlan, Secret

A = "agents: {a: {prompt: x}}\n"
FILES = {
    "ca.pem": "x",
    "draft/a.rego": 'package lictor.user.a\n\nimport rego.v1\n\ndeny contains "no" if input.kind == "x"\n',
    "draft/a_test.rego": "package x\n",
}


def test_the_engine_is_embedded_unless_it_is_said(tmp_path: Path) -> None:
    assert plan_of(tmp_path, A).policy == PolicyPlan()
    assert plan_of(tmp_path, f"{A}runtime: {{policy: {{engine: embedded, timeout: 1s}}}}").policy.timeout == 1.0


def test_a_server_has_an_address_and_a_token(tmp_path: Path) -> None:
    text = f"""\
{A}runtime:
  policy:
    engine: opa
    url: https://opa.example:8181/
    token: ${{OPA_TOKEN}}
    ca: ca.pem
    timeout: 100ms
    push: false
    shadow: [draft/*.rego]
"""
    assert plan_of(tmp_path, text, FILES, OPA_TOKEN="t").policy == PolicyPlan(
        "opa",
        "https://opa.example:8181",
        Secret("t"),
        (tmp_path / "ca.pem").resolve(),
        0.1,
        push=False,
        shadow=((tmp_path / "draft" / "a.rego").resolve(),),
    )


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ("{engine: opa}", ["L102 2:11"]),
        ("{engine: opa, url: localhost}", ["L116 2:38"]),
        ("{engine: embedded, url: 'http://x'}", ["L115 2:38"]),
        ("{token: x, push: true}", ["L115 2:20", "L115 2:30"]),
        ("{engine: opa, url: 'http://x', ca: ca.pem}", ["L115 2:50"]),
        ("{engine: opa, url: 'https://x', ca: no.pem}", ["L203 2:55"]),
        ("{engine: opal}", ["L105 2:28"]),
        ("{engine: opa, url: 'http://x', token: 0123456789abcdef}", ["L501 2:57"]),
        ("{shadow: [no.rego]}", ["L203 2:29"]),
        ("{shadow: ['no/*.rego']}", ["L203 2:29"]),
        ("{push: maybe}", ["L104 2:26"]),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, policy: str, found: list[str]) -> None:
    assert codes(load(tmp_path, f"{A}runtime: {{policy: {policy}}}", FILES)) == found


def test_a_draft_that_does_not_compile_is_told(tmp_path: Path) -> None:
    text = f"{A}runtime: {{policy: {{shadow: [b.rego]}}}}"
    loaded = load(tmp_path, text, {"b.rego": "package lictor.user.b\n\nimport rego.v1\n\ndeny contains x if {\n"})
    assert [(item.code, item.span.file) for item in loaded.problems] == [("L401", "b.rego")]
