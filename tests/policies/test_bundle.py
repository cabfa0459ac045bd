"""The bundle as it lies: every rule test in it passes, every rule is described and tested, the cache's key is whole."""

import json
import re
from pathlib import Path
from typing import Any

import hobofan_regorus
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.bundle import built_in_folder, load_bundle
from lictor.guardrails.policy.cache import make_key
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.route import Route
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

FOLDER = built_in_folder()
MODULES = sorted(path for path in FOLDER.rglob("*.rego") if not path.name.endswith("_test.rego"))
TESTS = sorted(FOLDER.rglob("*_test.rego"))


def engine_with_tests() -> Any:
    engine = hobofan_regorus.Engine()
    for path in (*MODULES, *TESTS):
        engine.add_policy(str(path.relative_to(FOLDER)), path.read_text(encoding="utf-8"))
    engine.add_data_json('{"lictor": {}}')
    engine.set_input_json("{}")
    return engine


def rule_tests() -> list[str]:
    found = []
    for path in TESTS:
        text = path.read_text(encoding="utf-8")
        package = re.search(r"^package (\S+)", text, re.MULTILINE)
        assert package is not None
        found += [f"{package[1]}.{name}" for name in re.findall(r"^(test_\w+)", text, re.MULTILINE)]
    return found


@pytest.fixture(scope="module")
def engine() -> Any:
    return engine_with_tests()


@pytest.mark.parametrize("name", rule_tests())
def test_rule(engine: Any, name: str) -> None:
    assert json.loads(engine.eval_rule_as_json(f"data.{name}")) is True


def test_names_of_tests_tell_which_way() -> None:
    assert not [name for name in rule_tests() if not re.search(r"\.test_(success|fail)_", name)]
    assert len(set(rule_tests())) == len(rule_tests())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_is_described_and_tested(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# METADATA\n# title: ")
    assert "# description:" in text
    assert "# scope: package\npackage lictor." in text
    assert path.with_name(f"{path.stem}_test.rego") in TESTS
    if path.parent != FOLDER:
        layer, name = path.relative_to(FOLDER).parts[:2]
        assert f"package lictor.rules.{layer}.{name}\n" in text


TEAM = {
    "principals": {
        "triage": {"role": "agent", "file": "d.yaml", "line": 2},
        "writer": {"role": "agent", "file": "d.yaml", "line": 8},
        "tool-crm": {"role": "tool", "file": "d.yaml", "line": 6},
    },
    "edges": {
        "triage": {
            "writer": {"kind": "a2a", "file": "d.yaml", "line": 4},
            "tool-crm": {"kind": "mcp", "file": "d.yaml", "line": 5},
        }
    },
    "agents": {
        "triage": {"delegates": ["writer"], "delegates_line": 4, "file": "d.yaml", "line": 2},
        "writer": {"delegates": [], "delegates_line": 0, "file": "d.yaml", "line": 8},
    },
    "permits": {"triage": {"tool-crm": {"allow": ["find_*"], "ask": [], "deny": ["find_x"], "otherwise": "read-only"}}},
    "exposed": ["writer"],
}

USER_RULE = """package lictor.user.limits
import rego.v1
deny contains "too much" if input.arguments.amount > 1
deny contains "flag" if input.arguments.deep.flag == true
deny contains "null" if input.arguments.nothing == null
deny contains "method" if input["model"] == "big"
deny contains "list" if input.arguments.items[_] == 1
"""

NAMES = st.sampled_from(["triage", "writer", "tool-crm", "op-cli", "ext-a", "nobody", ""])
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, 2, 1.5, -1, "1", "", "big", "true", 1e300, 10**18]),
)
VALUES = st.recursive(ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner))
ARGUMENTS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "amount": VALUES,
            "nothing": VALUES,
            "items": VALUES,
            "deep": st.fixed_dictionaries({}, optional={"flag": VALUES}),
        },
    ),
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "sender": NAMES | ODD,
        "target": NAMES | ODD,
        "kind": st.sampled_from(["a2a", "mcp", "model", "event", "reply", ""]) | ODD,
        "request_kind": st.sampled_from(["a2a", "mcp", "model", ""]) | ODD,
        "method": st.sampled_from(["tools/call", "tools/list", "SendMessage"]) | ODD,
        "tool": st.sampled_from(["find_a", "find_x", "other", ""]) | ODD,
        "model": st.sampled_from(["big", "small", ""]) | ODD,
        "read_only": st.booleans() | ODD,
        "arguments": ARGUMENTS,
        "unheard_of": VALUES,
    },
)


def answer(engine: EmbeddedRego, document: dict[str, Any]) -> object:
    try:
        return engine.decide(document)
    except PolicyError:
        return "failed"


@pytest.fixture(scope="module", params=["built in", "with a user's rule"])
def cached(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[EmbeddedRego, Any, dict[object, object]]:
    files = []
    if request.param != "built in":
        path = tmp_path_factory.mktemp("user") / "limits.rego"
        path.write_text(USER_RULE, encoding="utf-8")
        files = [path]
    engine = EmbeddedRego(load_bundle(TEAM, files))
    return engine, make_key(engine.fields), {}


@given(document=DOCUMENTS)
@example(
    document={
        "sender": "triage",
        "target": "tool-crm",
        "kind": "mcp",
        "method": "tools/call",
        "tool": "find_a",
        "arguments": {"amount": 1},
    }
)
@example(
    document={
        "sender": "triage",
        "target": "tool-crm",
        "kind": "mcp",
        "method": "tools/call",
        "tool": "find_a",
        "arguments": {"amount": True},
    }
)
@example(
    document={
        "sender": "triage",
        "target": "tool-crm",
        "kind": "mcp",
        "method": "tools/call",
        "tool": "find_a",
        "arguments": {"nothing": None},
    }
)
@example(
    document={
        "sender": "triage",
        "target": "tool-crm",
        "kind": "mcp",
        "method": "tools/call",
        "tool": "find_a",
        "arguments": {},
    }
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cache_never_changes_an_answer(
    cached: tuple[EmbeddedRego, Any, dict[object, object]], document: dict[str, Any]
) -> None:
    engine, key, kept = cached
    asked = answer(engine, document)
    assert kept.setdefault(key(document), asked) == asked


MESSAGES = st.builds(
    lambda sender, target, kind, request_kind, action: (
        Envelope("0" * 32, sender, target, kind, b""),
        Circumstances(
            0.0, action, Envelope("0" * 32, target, sender, request_kind, b"") if kind is Kind.REPLY else None
        ),
    ),
    NAMES,
    NAMES,
    st.sampled_from(Kind),
    st.sampled_from([Kind.A2A, Kind.MCP, Kind.MODEL]),
    st.builds(
        Action,
        st.sampled_from(["tools/call", "tools/list", "SendMessage", ""]),
        st.sampled_from(["find_a", "find_x", "other", ""]),
        st.sampled_from(["big", "small", ""]),
        ARGUMENTS.map(lambda value: json.dumps(value).encode()),
    ),
)


@given(message=MESSAGES, listed=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_layers_memory_never_changes_a_verdict(
    cached: tuple[EmbeddedRego, Any, dict[object, object]],
    routes: tuple[Route, ToolCatalog],
    message: tuple[Envelope, Circumstances],
    listed: bool,
) -> None:
    route, catalog = routes
    annotations = {"readOnlyHint": listed}
    catalog.learn(
        "tool-crm", json.dumps({"result": {"tools": [{"name": "other", "annotations": annotations}]}}).encode()
    )
    fresh = Route(cached[0], cached[0].fields, catalog)
    assert verdict_of(route, message) == verdict_of(fresh, message)


def verdict_of(route: Route, message: tuple[Envelope, Circumstances]) -> object:
    try:
        return route.judge(*message)
    except PolicyError:
        return "failed"


@pytest.fixture(scope="module")
def routes(cached: tuple[EmbeddedRego, Any, dict[object, object]]) -> tuple[Route, ToolCatalog]:
    catalog = ToolCatalog()
    return Route(cached[0], cached[0].fields, catalog), catalog


@given(document=DOCUMENTS, field=st.sampled_from(["unheard_of", "message", "headers"]), value=VALUES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fields_name_all_that_is_read(
    cached: tuple[EmbeddedRego, Any, dict[object, object]], document: dict[str, Any], field: str, value: object
) -> None:
    engine, key, _ = cached
    changed = {**document, field: value}
    assert key(changed) == key(document)
    assert answer(engine, changed) == answer(engine, document)


def test_revision_changes_with_policy_and_data(tmp_path: Path) -> None:
    rule = tmp_path / "a.rego"
    rule.write_text(USER_RULE, encoding="utf-8")
    revisions = {load_bundle(TEAM).revision, load_bundle({}).revision, load_bundle(TEAM, [rule]).revision}
    assert len(revisions) == 3
    assert load_bundle(TEAM).revision == load_bundle(TEAM).revision
