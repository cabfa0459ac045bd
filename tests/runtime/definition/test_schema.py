import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest

from lictor.runtime.definition.reader import read_document
from lictor.runtime.definition.schema import make_schema, render_schema, with_modeline

FILE = Path(__file__).resolve().parents[3] / "agents/schema/lictor-1.json"
GOOD = [
    "agents: {a: {prompt: x}}",
    "agents: {a: {prompt_file: x, timeout: 5m, budget: {tokens: 50k}, tools: [{rag: x}, {mcp: y, env: {A: 1}}]}}",
    "agents: {a: {graph: 'x.py:y', timeout: '${T:-5s}'}}\nmodels: {a: local/x, b: {gguf: x, gpu_layers: auto}}",
    "lictor: 1\nmcp: {a: {url: 'https://x'}, b: {command: y}, c: uvx z}\nguards: {rate: 3/1s}",
]
BAD = [
    "agents: {a: {promt: x}}",
    "agents: {a: {prompt: x, prompt_file: y}}",
    "agents: {A: {prompt: x}}",
    "agents: {a: {prompt: x, timeout: 5 minutes}}",
    "agents: {a: {prompt: x, tools: [{rag: x, mcp: y}]}}",
    "agents: {a: {prompt: x, expose: [web]}}",
    "lictor: 2",
    "models: {a: {gguf: x, gpu_layers: many}}",
]


def test_the_schema_that_is_shipped_is_the_schema() -> None:
    assert FILE.read_text(encoding="utf-8") == render_schema(), (
        "write it again: lictor schema > agents/schema/lictor-1.json"
    )


def valid(text: str) -> bool:
    validator = jsonschema.Draft202012Validator(make_schema())
    return bool(validator.is_valid(read_document(text, "f").data))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(make_schema())


@pytest.mark.parametrize("text", GOOD)
def test_it_takes_what_the_linter_takes(text: str) -> None:
    assert valid(text)


@pytest.mark.parametrize("text", BAD)
def test_it_refuses_what_the_linter_refuses(text: str) -> None:
    assert not valid(text)


def test_every_key_says_what_it_is() -> None:
    def bare(schema: dict[str, Any], name: str) -> list[str]:
        keys: dict[str, dict[str, Any]] = schema.get("properties", {})
        return [f"{name}.{key}" for key, entry in keys.items() if not entry.keys() & {"description", "$ref"}]

    schema = make_schema()
    assert [key for name, part in [("", schema), *schema["$defs"].items()] for key in bare(part, name)] == []


def test_the_modeline_is_added_once() -> None:
    once = with_modeline("agents: {}\n", ".lictor/schema.json")
    assert once == "# yaml-language-server: $schema=.lictor/schema.json\nagents: {}\n"
    assert with_modeline(once, ".lictor/schema.json") == once
    assert with_modeline(once, "\\1x").startswith("# yaml-language-server: $schema=\\1x\n")
    assert json.loads(render_schema())["title"] == "A team of Lictor"
