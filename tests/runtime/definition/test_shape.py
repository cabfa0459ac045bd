from pathlib import Path
from typing import Any

import pytest
from definition_folder import codes, load
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.runtime.definition.entries import GgufSpec, RagToolSpec
from lictor.runtime.definition.reader import read_document
from lictor.runtime.definition.shape import check_shape, model_at
from lictor.runtime.definition.spec import AgentSpec, FileSpec


def check(text: str) -> tuple[FileSpec, list[str]]:
    spec, problems = check_shape(read_document(text, "f"))
    return spec, [f"{item.code} {item.span.line}:{item.span.column}" for item in problems]


def test_all_errors_come_at_once() -> None:
    _, found = check(
        """\
lictor: 7
agents:
  a: {promt: x, tools: [{rag: 3}, {foo: 1}, {rag: x, mcp: y}], delegates: , budget: {token: 4}}
  b: {prompt: 5, timeout: 1, expose: [web], scale: true}
models: {m: {gguf: x, gpu_layers: lots}, n: [x], o: {openai: http://x}}
mcp: {s: {comand: x}}
"""
    )
    assert sorted(found) == sorted(
        [
            "L112 1:9",
            "L101 3:7",
            "L104 3:31",
            "L106 3:35",
            "L106 3:46",
            "L104 3:64",
            "L101 3:86",
            "L104 4:15",
            "L103 4:27",
            "L105 4:39",
            "L105 4:52",
            "L103 5:35",
            "L104 5:45",
            "L102 5:50",
            "L106 6:10",
        ]
    )


def test_a_misspelt_key_is_understood_and_its_value_checked() -> None:
    spec, found = check("agents: {a: {prompt: x, tmeout: 5}}")
    assert found == ["L101 1:25", "L103 1:33"]
    assert spec.agents["a"].prompt == "x"


def test_what_is_right_stays() -> None:
    spec, found = check("agents: {a: {prompt: x, timeout: soon}, b: [], c: {prompt: z, retries: 2}}")
    assert found == ["L103 1:34", "L104 1:44"]
    assert set(spec.agents) == {"a", "c"}
    assert spec.agents["c"].retries == 2


@pytest.mark.parametrize(
    "name", ["A", "1a", "a_b", "a.b", "é", "x" * 64, "tool-a", "model-a", "ext-a", "op-a", "enforcer", "default"]
)
def test_names_that_cannot_be(name: str) -> None:
    assert check(f"agents: {{'{name}': {{prompt: x}}}}")[1] == ["L107 1:10"]


@pytest.mark.parametrize("text", ["- a", "3", "text", "true"])
def test_a_file_is_a_map(text: str) -> None:
    assert check(text)[1] == ["L104 1:1"]


def test_an_empty_file_has_no_agents(tmp_path: Path) -> None:
    assert codes(load(tmp_path, "")) == ["L102 1:1"]
    assert codes(load(tmp_path, "# only a comment\n")) == ["L102 1:1"]


def test_hints_say_what_is_known() -> None:
    _, problems = check_shape(read_document("agents: {a: {prompt: x, supervise: {often: 1}, budget: {x: 1}}}", "f"))
    assert "known here: restart, intensity, backoff" in [problem.hint for problem in problems]


def test_the_model_of_each_place() -> None:
    assert model_at((), {}) is FileSpec
    assert model_at(("agents", "a"), {}) is AgentSpec
    assert model_at(("models", "m"), {"gguf": ""}) is GgufSpec
    assert model_at(("agents", "a", "tools", 0), {"rag": ""}) is RagToolSpec
    assert model_at(("nothing", "here"), {}) is None


_KEYS = st.sampled_from(
    [
        *("agents", "models", "mcp", "defaults", "runtime", "guards", "loops", "tools", "permit"),
        *("allow", "rag", "gguf", "openai", "prompt", "a2a", "budget", "usd", "scale"),
        *("isolate", "kind", "expose", "output", "include", "policies", "<rag>", "<text>", "a"),
        *("b", "lictor", "supervise", "restart", "url", "command", "env", "fallback", "delegates"),
    ]
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    _KEYS,
)
_DATA: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_KEYS, _DATA, max_size=5))
def test_no_data_makes_it_raise_or_go_round(data: dict[str, Any]) -> None:
    document = read_document("a: b", "f")
    document.data = data
    spec, _ = check_shape(document)
    assert isinstance(spec, FileSpec)
