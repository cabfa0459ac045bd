"""The bundle as it lies: every rule test in it passes, every rule is described and tested, the cache's key is whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.labels import Mark, parse_labels
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import built_in_folder, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.cli.rules import built_in_modules, run_tests

FOLDER = built_in_folder()
MODULES = sorted(path for path in FOLDER.rglob("*.rego") if not path.name.endswith("_test.rego"))
TESTS = sorted(FOLDER.rglob("*_test.rego"))
RESULTS = list(run_tests(built_in_modules(tests=True)))


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.name)
def test_rule(result: Any) -> None:
    assert result.passed, f"{result.file}:{result.line} {result.error}"


def test_names_of_tests_tell_which_way() -> None:
    assert not [result.name for result in RESULTS if not re.search(r"\.test_(success|fail)_", result.name)]
    assert len({result.name for result in RESULTS}) == len(RESULTS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_is_described_and_tested(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "# METADATA\n# title: " in text
    assert "# description:" in text
    if path.parent.parent == FOLDER:  # what rules share
        assert f"package lictor.{path.parent.name}\n" in text
        return
    layer, name = path.relative_to(FOLDER).parts[:2]
    assert f"package lictor.rules.{layer}.{name}\n" in text
    assert path.with_name(f"{path.stem}_test.rego") in TESTS


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
deny contains "model" if input["model"] == "big"
deny contains "list" if input.arguments.items[_] == 1
ask contains "secret" if input.labels.level == "secret"
"""

NAMES = st.sampled_from(["triage", "writer", "tool-crm", "op-cli", "ext-a", "nobody"])
VALUES = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, 1.0, 2, 1.5, "1", "", "true", [1], [True], {}]))
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
LABELS = st.sampled_from([(), ("secret",), ("untrusted",), ("customer",)])
MESSAGES = st.builds(
    lambda sender, target, kind, asked, action, words: (
        Envelope("0" * 32, sender, target, kind, b""),
        Circumstances(
            0.0,
            action,
            Envelope("0" * 32, target, sender, asked, b"") if kind is Kind.REPLY else None,
            mark=Mark(parse_labels(words), ()),
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
    LABELS,
)


@pytest.fixture(scope="module", params=["built in", "with a user's rule"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PolicyStage, PolicySlot, ToolCatalog]:
    files = []
    if request.param != "built in":
        path = tmp_path_factory.mktemp("user") / "limits.rego"
        path.write_text(USER_RULE, encoding="utf-8")
        files = [path]
    catalog = ToolCatalog()
    slot = PolicySlot(EmbeddedRego(load_bundle(TEAM, files)), Question(catalog, TaskLedger()))
    return PolicyStage(slot, "route"), slot, catalog


def verdict_of(stage: PolicyStage, message: tuple[Envelope, Circumstances]) -> object:
    try:
        return stage.judge(*message)
    except PolicyError:
        return "failed"


@given(message=MESSAGES, listed=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_never_changes_a_verdict(
    asked: tuple[PolicyStage, PolicySlot, ToolCatalog], message: tuple[Envelope, Circumstances], listed: bool
) -> None:
    stage, slot, catalog = asked
    tools: list[dict[str, Any]] = [{"name": "other", "annotations": {"readOnlyHint": listed}}]
    catalog.learn("tool-crm", json.dumps({"result": {"tools": tools}}).encode())
    assert verdict_of(stage, message) == verdict_of(PolicyStage(slot, "route"), message)


def test_revision_changes_with_policy_and_data(tmp_path: Path) -> None:
    rule = tmp_path / "a.rego"
    rule.write_text(USER_RULE, encoding="utf-8")
    revisions = {load_bundle(TEAM).revision, load_bundle({}).revision, load_bundle(TEAM, [rule]).revision}
    assert len(revisions) == 3
    assert load_bundle(TEAM).revision == load_bundle(TEAM).revision
